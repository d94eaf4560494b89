import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { Drive } from "../../future/stream/_drive.ts";
import { Done, Stream } from "../../future/stream/stream.ts";
import { type ByteSource, Pieces } from "./body/_gather.ts";
import { HttpError } from "./errors.ts";
import { checkBody, type HttpResponse, sourceOf } from "./response.ts";

/** A body as the web has it: `Response` takes it, and gives it out. */
export type WebStream = ReadableStream<Uint8Array<ArrayBuffer>>;

const NOTHING = new Uint8Array(0);

/**
 * The memory that the platform makes for a reader which brings none. Nothing is
 * read into it, but without it such a reader, after one that brought memory and
 * let go while it waited, would not get what comes before more does.
 */
const TOKEN = 1;

/** What the web's `fetch` fails with where ours fails with `error`. */
export function webError(error: unknown): unknown {
  return error instanceof HttpError
    ? new TypeError(error.message, { cause: error })
    : error;
}

/**
 * A body that fails as the web's bodies do; it is taken when it is read. Its
 * pieces come in arrays of their own, or in memory that the reader brings.
 */
class WebBody extends Stream<Uint8Array> {
  readonly #response: HttpResponse;
  #source: ByteSource | null = null;
  #pieces: Pieces | null = null;
  /** What did not go into the reader's memory; valid until the next poll. */
  #rest: Uint8Array = NOTHING;
  /** Where the next piece goes, to its beginning; null if it brings its own. */
  room: Uint8Array | null = null;

  constructor(response: HttpResponse) {
    super();
    this.#response = response;
  }

  override pollNext(cx: Context): Poll<Uint8Array | Done> {
    try {
      const source = this.#source ??= sourceOf(this.#response);
      // What is left of a piece is not asked for, and would hide an abort.
      if (this.#rest.byteLength > 0) checkBody(this.#response);
      if (this.room !== null) return this.#pollInto(cx, source, this.room);
      if (this.#rest.byteLength > 0) return this.#takeRest().slice();
      this.#pieces ??= new Pieces(source, this.#response);
      return this.#pieces.pollNext(cx);
    } catch (error) {
      throw webError(error);
    }
  }

  #pollInto(
    cx: Context,
    source: ByteSource,
    room: Uint8Array,
  ): Poll<Uint8Array | Done> {
    if (this.#rest.byteLength === 0) {
      const bytes = source.poll(cx, room);
      if (bytes === Pending || bytes === Done) return bytes;
      if (bytes.buffer === room.buffer) return bytes;
      this.#rest = bytes;
    }
    const rest = this.#takeRest();
    const n = Math.min(rest.byteLength, room.byteLength);
    this.#rest = rest.subarray(n);
    room.set(rest.subarray(0, n));
    return room.subarray(0, n);
  }

  #takeRest(): Uint8Array {
    const rest = this.#rest;
    this.#rest = NOTHING;
    return rest;
  }

  override [Symbol.dispose](): void {
    if (this.#source === null) this.#response[Symbol.dispose]();
    else this.#source.drop();
  }
}

/**
 * The body of a response as a stream of bytes, which a BYOB reader may read, too:
 * into its own memory, without a copy where the bytes come straight from a socket.
 * It is read when it is asked for a chunk, and only then.
 */
export function toWebStream(response: HttpResponse): WebStream {
  const body = new WebBody(response);
  const drive = new Drive(body);
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: TOKEN,
    async pull(controller) {
      const request = controller.byobRequest!;
      const room = bytesOf(request.view!);
      const isLent = room.byteLength > TOKEN;
      body.room = isLent ? room : null;
      const { done, value } = await drive.pull();
      // After a cancel these throw, which a cancelled stream does not mind.
      if (done) end(controller);
      else if (isLent) request.respond(value.byteLength);
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    cancel() {
      drive.cancel();
    },
  });
}

/**
 * A stream that is read through another, which is one of bytes: for what a BYOB
 * reader may read. Until it is read, the stream is not touched.
 *
 * @param stream Gives the stream, when it is needed.
 */
export function inBytes(stream: () => WebStream): WebStream {
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      reader ??= stream().getReader();
      let { done, value } = await reader.read();
      // The platform makes of no bytes a chunk of none, which is refused here.
      while (value?.length === 0) ({ done, value } = await reader.read());
      if (done) end(controller);
      else controller.enqueue(value!.slice()); // a clone may have it, too
    },
    cancel(reason) {
      return (reader ?? stream()).cancel(reason);
    },
  });
}

/** A BYOB reader that waits has its memory back. */
function end(controller: ReadableByteStreamController): void {
  controller.close();
  controller.byobRequest?.respond(0);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
