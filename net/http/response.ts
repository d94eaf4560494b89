import type { Future } from "../../future/future.ts";
import type { Stream } from "../../future/stream/stream.ts";
import type { SocketAddr } from "../socket_addr.ts";
import type { UnixAddr } from "../unix_addr.ts";
import type { ByteStream } from "../byte_stream.ts";
import { type BodyReader, readerOf } from "./body/body_reader.ts";
import { asOwn } from "./body/_scraps.ts";
import { RequestError } from "./errors.ts";
import type { Call } from "./_call.ts";
import type { Fate } from "./fate.ts";
import { type ByteSource, Gather, Pieces } from "./body/_gather.ts";
import type { HeadEvent } from "./h1/events.ts";
import { CONTENT_TYPE } from "./h1/_names.ts";
import { type Fields, valueOf } from "./h1/fields.ts";
import type { WireBody } from "./body/_response_body.ts";
import type { Timings } from "./timings.ts";

/** An interim response, such as 103 (Early Hints). */
export interface InterimResponse {
  /** Its status, 102 to 199. */
  readonly status: number;
  /** Its header fields. */
  readonly headers: Fields;
}

/** The connection that a response came over. */
export interface ResponseConnection {
  /** Its number within the client. */
  readonly id: number;
  /** Whether it had served another request before. */
  readonly reused: boolean;
  /** How often the request was sent, or tried to: 1, unless it was retried. */
  readonly attempts: number;
  /** This end of it. */
  readonly localAddr: SocketAddr | UnixAddr;
  /** The peer's end of it, which is the proxy's if there is one. */
  readonly remoteAddr: SocketAddr | UnixAddr;
  /** What has become of it. */
  readonly fate: Fate;
}

/**
 * A response that was forgotten, or what was made of its body, must not hold
 * its connection for ever. What reads the body holds the response.
 */
const forgotten = new FinalizationRegistry<{ drop(): void }>((held) =>
  held.drop()
);

/**
 * The response to a request: its head, and the body that is still to be read.
 *
 * The body can be had once: as `bytes()`, `text()`, `json()`, `stream()` or
 * `reader()`. Hold the response with `using` if the body may stay unread: what
 * becomes of its connection is decided when it is dropped, and stands in
 * `connection.fate`. A body that came whole with the head holds nothing.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { HttpClient } from "@pollen/futures/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   () => Response.json({ hello: "world" }),
 * );
 * await using client = new HttpClient();
 * await run(co(function* () {
 *   using response = yield* client.get(`http://127.0.0.1:${server.addr.port}/`);
 *   assertEquals(response.status, 200);
 *   assertEquals(response.headers.get("content-type"), "application/json");
 *   assertEquals(yield* response.json(), { hello: "world" });
 * }));
 * ```
 */
export class HttpResponse implements Disposable {
  /**
   * The status: 200 to 999, of which HTTP has those to 599; or 101 if an upgrade
   * was asked for.
   */
  readonly status: number;
  /** The reason phrase, which means nothing. */
  readonly statusText: string;
  /** The header fields, in order; `new Headers(response.headers)` works. */
  readonly headers: Fields;
  /** Where it came from, after redirects; without credentials and fragment. */
  readonly url: string;
  /** Whether a redirect was followed. */
  readonly redirected: boolean;
  /** Where the time went. */
  readonly timings: Timings;
  readonly #call: Call;
  readonly #wire: WireBody;
  /** What comes over the wire, decoded. */
  readonly #source: ByteSource;
  readonly #reused: boolean;
  #body: "unread" | "taken" = "unread";
  #upgraded: ByteStream | null = null;

  private constructor(
    call: Call,
    head: HeadEvent,
    wire: WireBody,
    source: ByteSource,
  ) {
    const { connection, fate } = wire.exchange;
    this.status = head.status;
    this.statusText = head.reason;
    this.headers = head.fields;
    this.url = call.plan.target.href;
    this.redirected = call.redirects > 0;
    this.timings = call.timings;
    this.#call = call;
    this.#wire = wire;
    this.#source = source;
    this.#reused = connection.requests > 1;
    if (!wire.isWhole) forgotten.register(this, wire);
    else if (fate === "handed over") {
      const stream = connection.transport;
      this.#upgraded = stream;
      forgotten.register(this, { drop: () => stream.close() }, this);
    }
  }

  /** For `hasBody` and `checkBody` below. */
  private static wireOf(response: HttpResponse): WireBody {
    return response.#wire;
  }

  /** For `sourceOf` below. */
  private static takeSource(response: HttpResponse): ByteSource {
    return response.#take();
  }

  /** For `wholeOf` below. */
  private static takeWhole(response: HttpResponse): Uint8Array | null {
    const whole = response.#source.takeWhole();
    if (whole !== null) response.#body = "taken";
    return whole;
  }

  /** Whether the status is one of success: 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The connection that it came over. */
  get connection(): ResponseConnection {
    const { connection: { id, transport }, fate } = this.#wire.exchange;
    return {
      id,
      reused: this.#reused,
      attempts: this.#call.attempts,
      localAddr: transport.localAddr,
      remoteAddr: transport.remoteAddr,
      fate,
    };
  }

  /** The interim responses that came before it, other than 100. */
  get interim(): InterimResponse[] {
    return this.#wire.exchange.interim.map(({ status, fields }) => ({
      status,
      headers: fields,
    }));
  }

  /**
   * The fields that came after the body; `null` if there are none, or before
   * the body has been read to its end.
   */
  get trailers(): Fields | null {
    return this.#wire.exchange.trailers;
  }

  /** Whether the body has been asked for. */
  get bodyUsed(): boolean {
    return this.#body === "taken";
  }

  /**
   * All bytes of the body.
   *
   * Cancel safety: loses data: dropped, it drops the body.
   *
   * @returns A future; it fails with an `HttpError`.
   * @throws {RequestError} If the body was asked for before.
   */
  bytes(): Future<Uint8Array> {
    return this.#gather(asOwn);
  }

  /**
   * The body as text, in the encoding that `content-type` names; UTF-8 if it
   * names none, or one that is not known.
   *
   * Cancel safety: loses data: dropped, it drops the body.
   *
   * @returns A future; it fails with an `HttpError`.
   * @throws {RequestError} If the body was asked for before.
   */
  text(): Future<string> {
    const decoder = decoderFor(valueOf(this.headers, CONTENT_TYPE));
    return this.#gather((bytes) => decoder.decode(bytes));
  }

  /**
   * The body as JSON, which is UTF-8 whatever `content-type` says (RFC 8259
   * section 8.1).
   *
   * Cancel safety: loses data: dropped, it drops the body.
   *
   * @typeParam T What the body is taken to be; it is not checked.
   * @returns A future; it fails with an `HttpError`, or with a `SyntaxError` if
   * the body is no JSON.
   * @throws {RequestError} If the body was asked for before.
   */
  json<T = unknown>(): Future<T> {
    return this.#gather((bytes) => JSON.parse(utf8.decode(bytes)) as T);
  }

  /**
   * The body piece by piece, as it comes. The next piece is read when it is
   * asked for: a consumer that is slow slows the server down.
   *
   * Cancel safety: loses data: dropped, it drops the body. Its `next()` is safe.
   *
   * @returns A stream of pieces of at least one byte, each in an array of its
   * own; it fails with an `HttpError`.
   * @throws {RequestError} If the body was asked for before.
   */
  stream(): Stream<Uint8Array> {
    return new Pieces(this.#take(), this);
  }

  /**
   * The body for reading into buffers of your own, or without a copy.
   *
   * @returns A reader; hold it with `using`.
   * @throws {RequestError} If the body was asked for before.
   */
  reader(): BodyReader {
    return readerOf(this.#take(), this);
  }

  /**
   * The connection, once the server has switched protocols: after 101, to a
   * request with the fields `Connection: upgrade` and `Upgrade`. It has left the
   * pool; what the server has sent behind its head is read first.
   *
   * @returns The connection; hold it with `using`.
   * @throws {RequestError} If the server has not switched, or if it was taken.
   *
   * @example A protocol that echoes
   * ```ts
   * import { co } from "@pollen/futures/future";
   * import { run, spawn } from "@pollen/futures/executor";
   * import { HttpClient } from "@pollen/futures/http";
   * import { TcpListener } from "@pollen/futures/net";
   * import { assertEquals } from "@std/assert";
   *
   * using listener = TcpListener.bind({ port: 0 });
   * using _server = spawn(co(function* () {
   *   using stream = yield* listener.accept();
   *   const into = new Uint8Array(1024);
   *   yield* stream.read(into);
   *   yield* stream.writeAll(new TextEncoder().encode(
   *     "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n",
   *   ));
   *   const n = yield* stream.read(into);
   *   yield* stream.writeAll(into.subarray(0, n ?? 0));
   * }));
   *
   * await using client = new HttpClient();
   * await run(co(function* () {
   *   using response = yield* client.get(`http://127.0.0.1:${listener.addr.port}/`, {
   *     headers: { connection: "upgrade", upgrade: "echo" },
   *   });
   *   assertEquals(response.status, 101);
   *   using stream = response.upgrade();
   *   yield* stream.writeAll(new Uint8Array([1, 2, 3]));
   *   assertEquals(yield* stream.read(new Uint8Array(8)), 3);
   * }));
   * ```
   */
  upgrade(): ByteStream {
    const stream = this.#upgraded;
    if (stream === null) {
      throw new RequestError(
        "Cannot take the connection: the server has not switched protocols, or it was taken before",
        { phase: "body", requestMayHaveBeenProcessed: true },
      );
    }
    this.#upgraded = null;
    forgotten.unregister(this);
    return stream;
  }

  #gather<T>(make: (bytes: Uint8Array) => T): Future<T> {
    return new Gather(this.#take(), make, this);
  }

  #take(): ByteSource {
    if (this.#body === "taken") {
      throw new RequestError(
        "Cannot read the body: it was asked for before, or dropped",
        { phase: "body", requestMayHaveBeenProcessed: true },
      );
    }
    this.#body = "taken";
    return this.#source;
  }

  /**
   * Drops the body, unless it was asked for: then that is its owner. So with
   * the connection after an upgrade.
   */
  [Symbol.dispose](): void {
    if (this.#upgraded !== null) this.upgrade().close();
    if (this.#body === "unread") this.#take().drop();
  }
}

// Only the client makes responses, whose constructor is private.
const Made = HttpResponse as unknown as new (
  call: Call,
  head: HeadEvent,
  wire: WireBody,
  source: ByteSource,
) => HttpResponse;

const utf8 = new TextDecoder();

// The decoder of the type before, which as a rule is the next one's, too: to make
// one for each response would take a tenth of what all of it allocates.
let decoder = utf8;
let decodes: string | null = null;

function decoderFor(type: string | null): TextDecoder {
  if (type !== decodes) {
    decoder = makeDecoder(type);
    decodes = type;
  }
  return decoder;
}

function makeDecoder(type: string | null): TextDecoder {
  const label = /;\s*charset="?([^";\s]+)/i.exec(type ?? "")?.[1];
  if (label === undefined) return utf8;
  try {
    return new TextDecoder(label);
  } catch {
    return utf8;
  }
}

/** Makes a response. */
export function responseOf(
  call: Call,
  head: HeadEvent,
  wire: WireBody,
  source: ByteSource,
): HttpResponse {
  return new Made(call, head, wire, source);
}

/** Whether there may be a body at all: not after HEAD, for one. */
export function hasBody(response: HttpResponse): boolean {
  return HttpResponse["wireOf"](response).exchange.head!.framing.kind !==
    "none";
}

/** Takes the body if all of it is at hand; null if it is to be read. */
export function wholeOf(response: HttpResponse): Uint8Array | null {
  return HttpResponse["takeWhole"](response);
}

/**
 * Takes the body as it is read inside the library. What reads it holds the
 * response, too, lest that be forgotten.
 *
 * @throws {RequestError} If the body was asked for before.
 */
export function sourceOf(response: HttpResponse): ByteSource {
  return HttpResponse["takeSource"](response);
}

/**
 * Throws if there is no going on with the body that was taken.
 *
 * @throws What it has failed with, the reason of an abort for one.
 */
export function checkBody(response: HttpResponse): void {
  HttpResponse["wireOf"](response).check();
}
