import { toReadableStream } from "../../future/stream/to_readable_stream.ts";
import { hasBody, type HttpResponse, wholeOf } from "./response.ts";

/** RFC 9110 and the Fetch standard: a response with such a status has no body. */
const NULL_BODY = new Set([101, 103, 204, 205, 304]);

/**
 * The web's own `Response`, of ours: what a constructor of the web's cannot set
 * is set here.
 */
class WebResponse extends Response {
  readonly #url: string;
  readonly #redirected: boolean;

  constructor(
    body: BodyInit | null,
    init: ResponseInit,
    url: string,
    redirected: boolean,
  ) {
    super(body, init);
    this.#url = url;
    this.#redirected = redirected;
  }

  override get url(): string {
    return this.#url;
  }

  override get redirected(): boolean {
    return this.#redirected;
  }

  override get type(): ResponseType {
    return "basic";
  }

  override clone(): Response {
    const { body, status, statusText, headers } = super.clone();
    const init = { status, statusText, headers };
    return new WebResponse(body, init, this.#url, this.#redirected);
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
    body = (wholeOf(response) ?? toReadableStream(response.stream())) as
      | Uint8Array<ArrayBuffer>
      | ReadableStream<Uint8Array<ArrayBuffer>>;
  }
  const result = new WebResponse(body, { status, statusText }, url, redirected);
  // Not by way of the constructor: what is given to that, Deno also encodes for
  // its server at once, and a response costs 3.8 us to make and not 1.7.
  for (const [name, value] of response.headers) {
    result.headers.append(name, value);
  }
  return result;
}
