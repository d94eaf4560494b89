import type { Context } from "../../future/context.ts";
import type { Poll } from "../../future/poll.ts";
import {
  adoptStream,
  type Done,
  dropStream,
  Stream,
} from "../../future/stream/stream.ts";
import { toReadableStream } from "../../future/stream/to_readable_stream.ts";
import { HttpError } from "./errors.ts";
import { hasBody, type HttpResponse, wholeOf } from "./response.ts";

/** RFC 9110 and the Fetch standard: a response with such a status has no body. */
const NULL_BODY = new Set([101, 103, 204, 205, 304]);

/**
 * The web's own `Response`, of ours: what a constructor of the web's cannot set
 * is set here.
 */
class WebResponse extends Response {
  readonly #head: WebHead;

  constructor(body: BodyInit | null, init: ResponseInit, head: WebHead) {
    super(body, init);
    this.#head = head;
  }

  override get status(): number {
    return this.#head.status;
  }

  override get url(): string {
    return this.#head.url;
  }

  override get redirected(): boolean {
    return this.#head.redirected;
  }

  override get type(): ResponseType {
    return "basic";
  }

  override clone(): Response {
    const { body, statusText, headers } = super.clone();
    const init = { status: allowed(this.status), statusText, headers };
    return new WebResponse(body, init, this.#head);
  }
}

/** What a `Response` has of ours, and does not take by its constructor. */
type WebHead = Pick<HttpResponse, "status" | "url" | "redirected">;

/**
 * The web's constructor takes no status that HTTP does not have, 600 to 999; it
 * is one of the server's errors to whoever does not know it (RFC 9110 section 15).
 */
function allowed(status: number): number {
  return status > 599 ? 500 : status;
}

/** What the web's `fetch` fails with where ours fails with `error`. */
export function webError(error: unknown): unknown {
  return error instanceof HttpError
    ? new TypeError(error.message, { cause: error })
    : error;
}

/** A body that fails as the web's bodies do. */
class WebBody extends Stream<Uint8Array> {
  readonly #body: Stream<Uint8Array>;

  constructor(body: Stream<Uint8Array>) {
    super();
    adoptStream(this, body);
    this.#body = body;
  }

  override pollNext(cx: Context): Poll<Uint8Array | Done> {
    try {
      return this.#body.pollNext(cx);
    } catch (error) {
      throw webError(error);
    }
  }

  override [Symbol.dispose](): void {
    dropStream(this.#body);
  }
}

/** Makes a `Response`, and takes over the body. */
export function toWebResponse(response: HttpResponse): Response {
  const { status, statusText, url, redirected } = response;
  let body: BodyInit | null;
  if (NULL_BODY.has(status) || !hasBody(response)) {
    response[Symbol.dispose]();
    body = null;
  } else {
    // The library gives bytes of arrays of its own, never shared ones.
    body = (wholeOf(response) ??
      toReadableStream(new WebBody(response.stream()))) as
        | Uint8Array<ArrayBuffer>
        | ReadableStream<Uint8Array<ArrayBuffer>>;
  }
  const init = { status: allowed(status), statusText };
  const head = { status, url, redirected };
  const result = new WebResponse(body, init, head);
  // Not by way of the constructor: what is given to that, Deno also encodes for
  // its server at once, and a response costs 3.8 us to make and not 1.7.
  for (const [name, value] of response.headers) {
    result.headers.append(name, value);
  }
  return result;
}
