import { run } from "../../executor/run.ts";
import type { HttpClient } from "./client.ts";
import type { HttpClientOptions, RedirectMode } from "./options.ts";
import type { HttpBody, HttpRequest } from "./request.ts";
import { toWebResponse } from "./_web.ts";
import { webError } from "./_web_body.ts";

/** What `fetch` takes besides the URL, as far as it is heeded. */
export interface FetchInit {
  /** The method; the usual ones in any case. */
  method?: string;
  /** Header fields, instead of those of a `Request`. */
  headers?: HeadersInit;
  /** The body, instead of that of a `Request`. */
  body?: HttpBody | BodyInit | null;
  /** What is done with a redirect. */
  redirect?: RedirectMode;
  /** Aborts the request, and the reading of the response. */
  signal?: AbortSignal | null;
}

const FIVE_MINUTES = 300_000;

/**
 * What the shared client of `./fetch` is made with. Programs that hold many bodies
 * open at a time are used to having no limit on connections, and slow servers to
 * being waited for.
 */
export const FETCH_OPTIONS: HttpClientOptions = {
  pool: { maxPerOrigin: 256, maxTotal: 1024, maxQueue: Infinity },
  deadlines: {
    queue: Infinity,
    head: FIVE_MINUTES,
    read: FIVE_MINUTES,
    write: FIVE_MINUTES,
  },
};

/** Written in capitals whatever the caller wrote: the Fetch standard, "normalize". */
const NORMALIZED = /^(?:delete|get|head|options|post|put)$/i;

/** A method that the Fetch standard forbids. */
const FORBIDDEN = /^(?:connect|trace|track)$/i;

/** What is at such a URL is not on the network: the platform's `fetch` has it. */
const LOCAL = /^(?:data|blob|file):/i;

// What the URL parser would strip, and the client refuses.
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

/** What `fetch` takes if it is given a URL alone. */
const NOTHING: FetchInit = {};

/**
 * The web's `fetch`, over a client. What is wrong with the request rejects, as
 * it does with the web's: nothing is thrown.
 */
export async function fetchWith(
  client: HttpClient,
  input: string | URL | Request,
  init: FetchInit = NOTHING,
): Promise<Response> {
  const url = urlOf(input);
  if (LOCAL.test(url)) {
    return await globalThis.fetch(input, init as RequestInit);
  }
  const signal = init.signal === undefined && input instanceof Request
    ? input.signal
    : init.signal ?? null;
  try {
    signal?.throwIfAborted();
    // The client encodes a GET with nothing of its own once for each URL.
    const isPlain = init === NOTHING && !(input instanceof Request);
    const response = isPlain
      ? client.get(url)
      : client.request(requestOf(url, input, init, signal));
    return toWebResponse(await run(response));
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error;
    throw webError(error);
  }
}

/** The web encodes the spaces of a URL, where the client would refuse them. */
function urlOf(input: string | URL | Request): string {
  if (input instanceof Request) return input.url;
  const text = String(input);
  const isSpaced = text.includes(" ") && !CONTROL.test(text);
  return isSpaced && URL.canParse(text) ? new URL(text).href : text;
}

function requestOf(
  url: string,
  input: string | URL | Request,
  init: FetchInit,
  signal: AbortSignal | null,
): HttpRequest {
  const base = input instanceof Request ? input : null;
  const method = normalized(init.method ?? base?.method ?? "GET");
  const body = init.body ?? bodyOf(base);
  if (body !== null && (method === "GET" || method === "HEAD")) {
    throw new TypeError(`Cannot fetch: a ${method} request has no body`);
  }
  const headers = init.headers ?? base?.headers;
  const redirect = init.redirect ?? base?.redirect;
  return {
    url,
    method,
    body: body as HttpBody | null,
    ...(headers === undefined
      ? {}
      : { headers: headers as NonNullable<HttpRequest["headers"]> }),
    ...(redirect === undefined ? {} : { redirect: redirect as RedirectMode }),
    ...(signal === null ? {} : { signal }),
  };
}

function bodyOf(request: Request | null): ReadableStream<Uint8Array> | null {
  if (request === null) return null;
  if (request.bodyUsed) {
    throw new TypeError(
      "Cannot fetch: the body of the request was used before",
    );
  }
  return request.body;
}

function normalized(method: string): string {
  if (FORBIDDEN.test(method)) {
    throw new TypeError(
      `Cannot fetch: the method ${method.toUpperCase()} is forbidden`,
    );
  }
  return NORMALIZED.test(method) ? method.toUpperCase() : method;
}
