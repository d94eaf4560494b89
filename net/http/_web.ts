import { run } from "../../executor/run.ts";
import { inBytes, toWebStream, webError, type WebStream } from "./_web_body.ts";
import { hasBody, type HttpResponse, wholeOf } from "./response.ts";

const utf8 = new TextDecoder();

/** RFC 9110 and the Fetch standard: a response with such a status has no body. */
const NULL_BODY = new Set([101, 103, 204, 205, 304]);

/**
 * The web's own `Response`, of ours: what a constructor of the web's cannot set
 * is set here.
 */
class WebResponse extends Response {
  readonly #head: WebHead;
  /** Ours, as long as its body may be had without its `ReadableStream`. */
  #unread: HttpResponse | null;
  #isGathered = false;
  /** Whether it was given its body whole: the web makes no stream of bytes of it. */
  readonly #isWhole: boolean;
  /** The one that is made of it, if it is asked for. */
  #bytes: WebStream | null = null;

  constructor(
    body: BodyInit | null,
    init: ResponseInit,
    head: WebHead,
    isWhole: boolean,
    unread: HttpResponse | null = null,
  ) {
    super(body, init);
    this.#head = head;
    this.#isWhole = isWhole;
    this.#unread = unread;
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

  override get body(): WebStream | null {
    const body = super.body;
    if (body === null || !this.#isWhole) return body;
    return this.#bytes ??= inBytes(() => super.body!);
  }

  override clone(): Response {
    const { body, statusText, headers } = this.#alone(() => super.clone());
    this.#unread = null; // from now on it is read for two
    const init = { status: allowed(this.status), statusText, headers };
    return new WebResponse(body, init, this.#head, this.#isWhole);
  }

  override get bodyUsed(): boolean {
    return this.#isGathered || super.bodyUsed;
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#gather() ?? this.#alone(() => super.bytes());
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#gather()?.then(({ buffer }) => buffer) ??
      this.#alone(() => super.arrayBuffer());
  }

  override text(): Promise<string> {
    return this.#gather()?.then((bytes) => utf8.decode(bytes)) ??
      this.#alone(() => super.text());
  }

  override json(): Promise<unknown> {
    return this.#gather()?.then((bytes) => JSON.parse(utf8.decode(bytes))) ??
      this.#alone(() => super.json());
  }

  override blob(): Promise<Blob> {
    return this.#gather()?.then((bytes) => this.#withAll(bytes).blob()) ??
      this.#alone(() => super.blob());
  }

  override formData(): Promise<FormData> {
    return this.#gather()?.then((bytes) => this.#withAll(bytes).formData()) ??
      this.#alone(() => super.formData());
  }

  /** For what the web makes of the bytes by their type. */
  #withAll(bytes: Uint8Array<ArrayBuffer>): Response {
    return new Response(bytes, { headers: this.headers });
  }

  /** Does what the web does not do while somebody has locked the body. */
  #alone<T>(take: () => T): T {
    if (!this.#bytes?.locked || super.body!.locked) return take();
    const lock = super.body!.getReader();
    try {
      return take();
    } finally {
      lock.releaseLock();
    }
  }

  /**
   * All bytes, in an array of their own: a chunk at a time through a
   * `ReadableStream` they take twice the time and twice the memory. Undefined if
   * the body is not to be had so, or not at all, which the web's own methods say.
   */
  #gather(): Promise<Uint8Array<ArrayBuffer>> | undefined {
    const response = this.#unread;
    if (response === null) return undefined;
    this.#unread = null;
    const body = this.body!;
    if (this.bodyUsed || body.locked) return undefined;
    this.#isGathered = true;
    body.getReader(); // nobody else may read it
    return run(response.bytes()).catch((error) => {
      throw webError(error);
    }) as Promise<Uint8Array<ArrayBuffer>>;
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

/** Makes a `Response`, and takes over the body. */
export function toWebResponse(response: HttpResponse): Response {
  const { status, statusText, url, redirected } = response;
  let body: BodyInit | null;
  let unread: HttpResponse | null = null;
  if (NULL_BODY.has(status) || !hasBody(response)) {
    response[Symbol.dispose]();
    body = null;
  } else {
    // The library gives bytes of arrays of its own, never shared ones.
    body = wholeOf(response) as Uint8Array<ArrayBuffer> | null;
    if (body === null) {
      unread = response;
      body = toWebStream(response);
    }
  }
  const init = { status: allowed(status), statusText };
  const head = { status, url, redirected };
  const result = new WebResponse(body, init, head, unread === null, unread);
  // Not by way of the constructor: what is given to that, Deno also encodes for
  // its server at once, and a response costs 3.8 us to make and not 1.7.
  for (const [name, value] of response.headers) {
    result.headers.append(name, value);
  }
  return result;
}
