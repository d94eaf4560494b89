/**
 * A `fetch` that can stand in for the global one: only the import changes.
 *
 * It goes over one {@linkcode HttpClient} that all callers share, with its pool
 * of connections. What it does better: it never sends a POST twice, tells in
 * `cause` during what a request failed and whether the server may have acted,
 * bounds what a hostile server can make of a response, and is faster.
 *
 * What differs from the global one:
 *
 * - HTTP/1.1 only. `data:`, `blob:` and `file:` URLs are left to the global one.
 * - A body or a signal of a kind that there is none of is refused; the global one
 *   sends an object as the text `[object Object]`. So is a line break in a URL or
 *   at the end of a field's value, which the global one strips.
 * - `Response.url` leaves out credentials that the URL had.
 * - `redirect: "manual"` gives the redirect itself, with status and `location`.
 * - `mode`, `credentials`, `cache`, `referrer`, `integrity`, `keepalive` and
 *   `client` are passed over: there is no browser, no cookie jar and no cache.
 *   For certificates, proxies and the like make an `HttpClient` of your own and
 *   use its `fetch`.
 * - The body of a `Request` is sent in chunks, since its length is not told; a
 *   body in `init` is sent with its length.
 * - A head or a silence of more than five minutes is an error, as are a head of
 *   more than 64 KiB and more than 100 fields.
 *
 * @example Usage
 * ```ts
 * import { closeIdle, fetch } from "@pollen/futures/fetch";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   async (request) => new Response(`${request.method} ${await request.text()}`),
 * );
 * const response = await fetch(`http://127.0.0.1:${server.addr.port}/`, {
 *   method: "POST",
 *   body: "hello",
 * });
 * assertEquals(await response.text(), "POST hello");
 * closeIdle(); // a program need not; a test that looks for leaks must
 * ```
 *
 * @module
 */

import { HttpClient } from "./client.ts";
import { FETCH_OPTIONS, type FetchInit } from "./_fetch.ts";

export type { FetchInit } from "./_fetch.ts";
export type { RedirectMode } from "./options.ts";
export type { HttpBody } from "./request.ts";

let shared: HttpClient | undefined;

/**
 * Fetches what is at a URL, as the web's `fetch` does; see the module for what
 * differs.
 *
 * @param input A URL, or a `Request`, whose body it takes over.
 * @param init Method, header fields, body, redirect mode, signal.
 * @returns A promise of the response, once its head is there. It rejects with a
 * `TypeError` whose `cause` is an `HttpError`, or with the signal's reason.
 *
 * @example In place of the global one
 * ```ts
 * import { closeIdle, fetch } from "@pollen/futures/fetch";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   () => Response.json({ hello: "world" }),
 * );
 * const response = await fetch(`http://127.0.0.1:${server.addr.port}/`, {
 *   signal: AbortSignal.timeout(5000),
 * });
 * assertEquals(await response.json(), { hello: "world" });
 * closeIdle();
 * ```
 */
export function fetch(
  input: string | URL | Request,
  init?: FetchInit,
): Promise<Response> {
  shared ??= new HttpClient(FETCH_OPTIONS);
  return shared.fetch(input, init);
}

/**
 * Closes the connections that are kept for further requests and that none is
 * using. They hold no process and close by themselves in time.
 *
 * @example At the end of a test that looks for leaks
 * ```ts
 * import { closeIdle } from "@pollen/futures/fetch";
 *
 * closeIdle();
 * ```
 */
export function closeIdle(): void {
  shared?.closeIdle();
}
