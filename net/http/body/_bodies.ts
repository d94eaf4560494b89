import type { Context } from "../../../future/context.ts";
import type { Poll } from "../../../future/poll.ts";
import { nameOf } from "../../../future/future.ts";
import { fromAsyncIterable } from "../../../future/stream/from_async_iterable.ts";
import { fromReadableStream } from "../../../future/stream/from_readable_stream.ts";
import {
  adoptStream,
  Done,
  releaseStream,
  Stream,
} from "../../../future/stream/stream.ts";
import type { BodySource, RequestBody } from "./_body_source.ts";
import { RequestError } from "../errors.ts";
import { encodeMultipart } from "./_multipart.ts";
import type { HttpBody } from "../request.ts";

/** Bytes that are at hand, sent in one piece. */
class BytesBody implements RequestBody {
  readonly bytes: Uint8Array;
  readonly type: string | null;
  readonly replayable = true;

  constructor(bytes: Uint8Array, type: string | null) {
    this.bytes = bytes;
    this.type = type;
  }

  get length(): number {
    return this.bytes.byteLength;
  }

  open(): BodySource {
    return new BytesSource(this.bytes);
  }

  giveBack(): void {}

  drop(): void {}
}

class BytesSource implements BodySource {
  readonly length: number;
  #left: Uint8Array | null;

  constructor(bytes: Uint8Array) {
    this.length = bytes.byteLength;
    this.#left = bytes;
  }

  pollPiece(_cx: Context): Poll<Uint8Array | Done> {
    const bytes = this.#left;
    this.#left = null;
    return bytes ?? Done;
  }

  drop(): void {
    this.#left = null;
  }
}

/** What can be read from its beginning as often as one likes. */
class BlobBody implements RequestBody {
  readonly bytes = null;
  readonly type: string | null;
  readonly replayable = true;
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.#blob = blob;
    this.type = blob.type === "" ? null : blob.type;
  }

  get length(): number {
    return this.#blob.size;
  }

  open(): BodySource {
    return new StreamSource(
      fromReadableStream(this.#blob.stream()),
      this.length,
    );
  }

  giveBack(): void {}

  drop(): void {}
}

/** What comes piece by piece, once. */
class StreamBody implements RequestBody {
  readonly length: number | null;
  readonly bytes = null;
  readonly type = null;
  readonly replayable = false;
  #stream: Stream<Uint8Array> | null;

  /** @param length How many bytes the caller says that it has, if he does. */
  constructor(stream: Stream<Uint8Array>, length: number | null) {
    adoptStream(this, stream);
    this.#stream = stream;
    this.length = length;
  }

  open(): BodySource {
    const stream = this.#stream!;
    this.#stream = null;
    releaseStream(stream);
    return new StreamSource(stream, this.length);
  }

  giveBack(): void {
    if (this.#stream !== null) releaseStream(this.#stream);
    this.#stream = null;
  }

  drop(): void {
    const stream = this.#stream;
    this.#stream = null;
    if (stream === null) return;
    releaseStream(stream);
    stream[Symbol.dispose]();
  }
}

class StreamSource implements BodySource {
  readonly length: number | null;
  #stream: Stream<Uint8Array> | null;

  constructor(stream: Stream<Uint8Array>, length: number | null) {
    this.#stream = stream;
    this.length = length;
  }

  pollPiece(cx: Context): Poll<Uint8Array | Done> {
    const stream = this.#stream;
    if (stream === null) return Done;
    const piece = stream.pollNext(cx);
    if (piece === Done) this.#stream = null;
    else if (typeof piece !== "symbol" && !(piece instanceof Uint8Array)) {
      throw new RequestError(
        `Cannot send the body: its pieces must be Uint8Arrays, got ${
          nameOf(piece)
        }`,
        { phase: "write" },
      );
    }
    return piece;
  }

  drop(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.[Symbol.dispose]();
  }
}

/**
 * Makes the body of what the caller gave.
 *
 * @param length How many bytes a stream has, if the caller has said so: it is
 * held to that, and else sent in chunks.
 * @throws {RequestError} If it is nothing that can be sent.
 * @throws {FutureMovedError} If it is a stream that a living owner holds.
 */
export function bodyOf(
  given: HttpBody | null | undefined,
  length: number | null,
): RequestBody | null {
  if (given === null || given === undefined) return null;
  if (typeof given === "string") {
    return new BytesBody(utf8(given), "text/plain;charset=UTF-8");
  }
  if (given instanceof Uint8Array) return new BytesBody(given, null);
  if (given instanceof ArrayBuffer) {
    return new BytesBody(new Uint8Array(given), null);
  }
  if (ArrayBuffer.isView(given)) {
    const { buffer, byteOffset, byteLength } = given;
    return new BytesBody(new Uint8Array(buffer, byteOffset, byteLength), null);
  }
  if (given instanceof URLSearchParams) {
    return new BytesBody(
      utf8(given.toString()),
      "application/x-www-form-urlencoded;charset=UTF-8",
    );
  }
  if (given instanceof Blob) return new BlobBody(given);
  if (given instanceof FormData) return new BlobBody(encodeMultipart(given));
  if (given instanceof Stream) return new StreamBody(given, length);
  if (given instanceof ReadableStream) {
    return new StreamBody(fromReadableStream(given), length);
  }
  if (typeof given === "object" && Symbol.asyncIterator in given) {
    return new StreamBody(fromAsyncIterable(given), length);
  }
  throw new RequestError(
    `Cannot send a body of this kind: ${
      nameOf(given)
    }; for JSON there is the option json`,
    { phase: "request" },
  );
}

/**
 * Makes a body of JSON.
 *
 * @throws {RequestError} If the value has no form in JSON.
 */
export function jsonBody(value: unknown): RequestBody {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new RequestError("Cannot send a value as JSON: it has no such form", {
      phase: "request",
      cause,
    });
  }
  if (text === undefined) {
    throw new RequestError("Cannot send a value as JSON: it has no such form", {
      phase: "request",
    });
  }
  return new BytesBody(utf8(text), "application/json");
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
