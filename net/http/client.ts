import type { Future } from "../../future/future.ts";
import { checkFunction } from "../_options.ts";
import { ACCEPT_ENCODING } from "./body/_decode.ts";
import { AbortWatch } from "./_abort.ts";
import { bodyOf, jsonBody } from "./body/_bodies.ts";
import type { RequestBody } from "./body/_body_source.ts";
import { RequestError } from "./errors.ts";
import { type FetchInit, fetchWith } from "./_fetch.ts";
import type { Fields } from "./h1/fields.ts";
import type { HttpClientOptions, Settings } from "./options.ts";
import { checkFields, makePlan, mergeFields, type Plan } from "./_plan.ts";
import { Pool } from "./pool/_pool.ts";
import type { PoolSnapshot } from "./pool/pool_events.ts";
import type { HttpRequest, RequestOptions } from "./request.ts";
import type { HttpResponse } from "./response.ts";
import { Send } from "./_send.ts";
import { checkSettings, settingsOf } from "./_settings.ts";
import { parseTarget, type Target } from "./_target.ts";

/**
 * An HTTP/1.1 client.
 *
 * A request is a future: nothing is sent before it is polled, and dropping it
 * cancels it at that moment, whatever it is at. Connections are kept and used
 * again; a POST is never sent twice; every error says during what it came about
 * and whether the server may have acted; every response says where the time
 * went. What comes from the server is bounded in time and in size.
 *
 * Close it when it is done with: `await using client = new HttpClient()`. Idle
 * connections do not hold the process.
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
 *   async (request) => new Response(`${request.method} ${await request.text()}`),
 * );
 * const url = `http://127.0.0.1:${server.addr.port}/`;
 *
 * await using client = new HttpClient({ deadlines: { total: 10_000 } });
 * await run(co(function* () {
 *   using posted = yield* client.request({ method: "POST", url, json: { a: 1 } });
 *   assertEquals(yield* posted.text(), 'POST {"a":1}');
 *   using got = yield* client.get(url);
 *   assertEquals(yield* got.text(), "GET ");
 *   assertEquals(got.connection.reused, true);
 * }));
 * ```
 */
export class HttpClient implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #fields: Fields;
  readonly #pool: Pool;
  readonly #plain = new WeakMap<Target, Plan>();

  /**
   * Makes a client. Nothing is connected before the first request.
   *
   * @param options How it behaves.
   * @throws {TypeError} If an option is of the wrong kind, or unknown.
   * @throws {RangeError} If a number is out of its range.
   * @throws {RequestError} If a header field cannot be sent.
   */
  constructor(options: HttpClientOptions = {}) {
    this.#settings = checkSettings(options);
    const own = checkFields(options.headers);
    this.#fields = mergeFields(
      this.#settings.decode ? DECODING_FIELDS : DEFAULT_FIELDS,
      own,
    );
    this.#pool = new Pool(
      this.#settings,
      checkFunction("onConnection", options.onConnection) ?? (() => {}),
    );
  }

  /**
   * Gets what is at a URL.
   *
   * Cancel safety: safe: a GET that is made again does no harm. Dropped, it
   * gives its connection back if nothing was sent, and closes it if not.
   *
   * @param url An absolute URL of `http:` or `https:`.
   * @param options Header fields, deadlines, limits and more.
   * @returns A future of the response, complete once its head is there. It fails
   * with an `HttpError`, or with the signal's reason.
   * @throws {RequestError} If the request cannot be sent as it is.
   */
  get(
    url: string | URL,
    options?: Omit<RequestOptions, "method" | "body" | "json">,
  ): Future<HttpResponse> {
    if (options !== undefined) {
      return this.request({ ...options, url });
    }
    this.#assertOpen();
    return this.#send(this.#planGet(parseTarget(url)), this.#settings, null);
  }

  /**
   * Sends a request.
   *
   * Cancel safety: loses data: dropped after its connection was made, the server
   * may have seen the request, or a part of it. Dropped, it gives its connection
   * back if nothing was sent, and closes it if not.
   *
   * @param init URL, method, header fields, body and more.
   * @returns A future of the response, complete once its head is there. It fails
   * with an `HttpError`, or with the signal's reason.
   * @throws {RequestError} If the request cannot be sent as it is.
   * @throws {TypeError} If an option is of the wrong kind, or unknown.
   * @throws {RangeError} If a number is out of its range.
   * @throws {FutureMovedError} If the body is a stream that a living owner holds.
   */
  request(init: HttpRequest): Future<HttpResponse> {
    this.#assertOpen();
    const settings = settingsOf(this.#settings, init);
    const target = parseTarget(init.url);
    const fields = mergeFields(this.#fields, checkFields(init.headers));
    const abort = init.signal == null ? null : new AbortWatch(init.signal);
    const body = checkBody(init, fields);
    try {
      const route = settings.routes.to(target);
      const method = init.method ?? "GET";
      const plan = makePlan(method, target, route, fields, body);
      return this.#send(plan, settings, abort);
    } catch (error) {
      body?.giveBack(); // a request that is refused has no effect
      throw error;
    }
  }

  /**
   * The web's `fetch` over this client: takes and gives the web's own types.
   * What differs from the global one is told at the module `./fetch`.
   *
   * @param input A URL, or a `Request`, whose body it takes over.
   * @param init Method, header fields, body, redirect mode, signal; all else
   * that the web's `fetch` takes is passed over.
   * @returns A promise of the response, once its head is there. It rejects with
   * a `TypeError` whose `cause` is the `HttpError`, or with the signal's reason.
   */
  fetch(
    input: string | URL | Request,
    init?: FetchInit,
  ): Promise<Response> {
    return fetchWith(this, input, init);
  }

  /** A GET with nothing of its own is encoded once for each URL. */
  #planGet(target: Target): Plan {
    let plan = this.#plain.get(target);
    if (plan === undefined) {
      const route = this.#settings.routes.to(target);
      plan = makePlan("GET", target, route, this.#fields, null);
      this.#plain.set(target, plan);
    }
    return plan;
  }

  #send(
    plan: Plan,
    settings: Settings,
    abort: AbortWatch | null,
  ): Future<HttpResponse> {
    return new Send(this.#pool, settings, plan, abort);
  }

  #assertOpen(): void {
    if (!this.#pool.isOpen) {
      throw new RequestError("Cannot send a request: the client was closed", {
        phase: "request",
      });
    }
  }

  /** The connections of the client, and who waits for one. */
  snapshot(): PoolSnapshot {
    return this.#pool.snapshot();
  }

  /** Closes the connections that no request is using. */
  closeIdle(): void {
    this.#pool.closeIdle();
  }

  /**
   * Closes the client: it takes no further request, idle connections are closed
   * now, and those in use when their responses have been read. Idempotent.
   */
  close(): void {
    this.#pool.close();
  }

  /** Closes the client. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

// PURE: a program without a client is bundled without them.
const DEFAULT_FIELDS = /* @__PURE__ */ checkFields([
  ["accept", "*/*"],
  ["user-agent", "Pollen"],
]);

const DECODING_FIELDS = /* @__PURE__ */ mergeFields(
  DEFAULT_FIELDS,
  /* @__PURE__ */ checkFields([["accept-encoding", ACCEPT_ENCODING]]),
);

function checkBody(
  { body, json }: HttpRequest,
  fields: Fields,
): RequestBody | null {
  if (json !== undefined) {
    if (body !== undefined && body !== null) {
      throw new RequestError(
        "Cannot make the request: it has both body and json",
        { phase: "request" },
      );
    }
    return jsonBody(json);
  }
  const said = fields.get("content-length") ?? "";
  return bodyOf(body, /^\d{1,15}$/.test(said) ? Number(said) : null);
}
