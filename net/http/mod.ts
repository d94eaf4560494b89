/**
 * HTTP/1.1 for futures.
 *
 * {@linkcode HttpClient} is the client to use: it keeps connections, follows
 * redirects, bounds what it takes, and says where the time went.
 * {@linkcode SimpleHttpClient} is the one to learn from: one request over one
 * connection, as a state machine of six states.
 *
 * Failures of `HttpClient` are {@linkcode HttpError}s, those of
 * `SimpleHttpClient` are `NetError`s.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { HttpClient } from "@pollen/futures/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   () => new Response("hello"),
 * );
 * await using client = new HttpClient();
 * const text = await run(co(function* () {
 *   using response = yield* client.get(`http://127.0.0.1:${server.addr.port}/`);
 *   return yield* response.text();
 * }));
 * assertEquals(text, "hello");
 * ```
 *
 * @module
 */

export { BodyReader } from "./body/body_reader.ts";
export * from "./client.ts";
export * from "./errors.ts";
export * from "./event_source.ts";
export type * from "./exchange_record.ts";
export type { FetchInit } from "./_fetch.ts";
export type { Fate } from "./fate.ts";
export type {
  Deadlines,
  HttpClientOptions,
  HttpRetryOptions,
  HttpTlsOptions,
  Limits,
  PoolOptions,
  ProxyOptions,
  RedirectMode,
} from "./options.ts";
export type * from "./pool/pool_events.ts";
export type * from "./progress.ts";
export type * from "./request.ts";
export {
  HttpResponse,
  type InterimResponse,
  type ResponseConnection,
} from "./response.ts";
export * from "./server_sent_events.ts";
export * from "./simple_http_client.ts";
export { Timings } from "./timings.ts";
