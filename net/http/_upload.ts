import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { Done } from "../../future/stream/stream.ts";
import { RequestError } from "./errors.ts";
import type { Call } from "./_call.ts";
import type { BodySource } from "./body/_body_source.ts";
import type { ByteStream } from "../byte_stream.ts";
import { chunkHead, encodeLastChunk } from "./h1/encode_chunk.ts";
import { Meter } from "./_meter.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

type State =
  /** The head, and a small body with it. */
  | "head"
  /** Until the server says 100, or has been silent for long enough. */
  | "expecting"
  | "pulling"
  /** The size of a chunk, which a piece comes behind. */
  | "sizing"
  | "sending"
  | "ending"
  | "sent"
  | "stopped";

const NOTHING = new Uint8Array(0);

/**
 * The way of a request over the wire.
 *
 *     head --> (expecting) --> pulling --> (sizing) --> sending ...
 *                               |  ^                      |
 *                               |  +----------------------+
 *                               +--> (ending) --> sent
 *
 * The body is asked for a piece when the piece before it has been taken by the
 * system: the server's pace is the source's. Chunks end with the line break
 * that the next one's size begins with, so that a piece takes two writes and
 * not three.
 *
 * What is being sent stands beside the state, and not in it: a piece allocates
 * no state, and V8 sees objects of one shape.
 */
export class Upload {
  readonly #transport: ByteStream;
  readonly #source: BodySource | null;
  readonly #meter: Meter | null;
  #begun = false;
  #expects: boolean;
  #state: State = "head";
  /** What is under way; empty unless something is sent. */
  #unsent: Uint8Array;
  /** The piece behind the size that is sent. */
  #piece: Uint8Array = NOTHING;
  /** Bytes that the system has taken. */
  bytesSent = 0;
  /** Bytes of the body that the source has given. */
  #given = 0;

  constructor(transport: ByteStream, { plan, settings }: Call) {
    const { body, bytes, isWhole, expects } = plan;
    this.#transport = transport;
    this.#source = isWhole ? null : body!.open();
    this.#meter = body && Meter.for(settings.onUpload, body.length);
    this.#expects = expects;
    this.#unsent = bytes;
  }

  /** Whether there is a body that the head does not bring along. */
  get hasSource(): boolean {
    return this.#source !== null;
  }

  /** Whether anything of it may have left. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** Whether all has been taken by the system. */
  get isSent(): boolean {
    return this.#state === "sent";
  }

  /** Whether the source is waited for. */
  get isPulling(): boolean {
    return this.#state === "pulling";
  }

  get isExpecting(): boolean {
    return this.#state === "expecting";
  }

  /** Whether the last of it is on its way: nothing can be spared any more. */
  get isHandedOver(): boolean {
    const state = this.#state;
    return state === "sent" || state === "ending" ||
      (state === "head" && this.#source === null);
  }

  /** The server wants the body, or has not said that it does not. */
  proceed(): void {
    if (this.#state === "expecting") this.#state = "pulling";
    this.#expects = false;
  }

  /** Sends as much as goes now. */
  poll(cx: Context): Poll<void> {
    this.#begun = true;
    for (;;) {
      switch (this.#state) {
        case "head":
          if (this.#send(cx, null) === pending) return Pending;
          if (this.#source === null) this.#state = "sent";
          else this.#state = this.#expects ? "expecting" : "pulling";
          continue;
        case "expecting":
          return Pending;
        case "pulling": {
          const piece = this.#source!.pollPiece(cx);
          if (piece === pending) return Pending;
          if (piece === Done) this.#end();
          else this.#begin(piece);
          continue;
        }
        case "sizing":
          if (this.#send(cx, null) === pending) return Pending;
          this.#unsent = this.#piece;
          this.#piece = NOTHING;
          this.#state = "sending";
          continue;
        case "sending":
          if (this.#send(cx, this.#meter) === pending) return Pending;
          this.#state = "pulling";
          continue;
        case "ending":
          if (this.#send(cx, null) === pending) return Pending;
          this.#state = "sent";
          continue;
        case "sent":
          this.#meter?.end();
          return;
        case "stopped":
          return;
        default:
          return this.#state satisfies never;
      }
    }
  }

  #send(cx: Context, meter: Meter | null): Poll<void> {
    for (;;) {
      const unsent = this.#unsent;
      const { byteLength } = unsent;
      if (byteLength === 0) return;
      const n = this.#transport.pollWrite(cx, unsent);
      if (n === pending) return Pending;
      this.bytesSent += n;
      // All of it, as a rule: a view of nothing need not be made.
      this.#unsent = n === byteLength ? NOTHING : unsent.subarray(n);
      meter?.add(n);
    }
  }

  /** A piece of no bytes is passed over: as a chunk it would end the body. */
  #begin(piece: Uint8Array): void {
    const { byteLength } = piece;
    if (byteLength === 0) return;
    const isNext = this.#given > 0;
    this.#given += byteLength;
    const { length } = this.#source!;
    if (length === null) {
      this.#unsent = chunkHead(byteLength, isNext);
      this.#piece = piece;
      this.#state = "sizing";
      return;
    }
    if (this.#given > length) {
      throw this.#wrongLength(`${this.#given - length} bytes more`);
    }
    this.#unsent = piece;
    this.#state = "sending";
  }

  #end(): void {
    const { length } = this.#source!;
    if (length === null) {
      this.#unsent = encodeLastChunk([], this.#given > 0);
      this.#state = "ending";
      return;
    }
    if (this.#given < length) {
      throw this.#wrongLength(`${length - this.#given} bytes less`);
    }
    this.#state = "sent";
  }

  #wrongLength(how: string): RequestError {
    return new RequestError(
      `Cannot send the body: it has ${how} than its content-length says`,
      { phase: "write" },
    );
  }

  /** No more of it is sent; what is under way goes out. */
  stop(): void {
    this.#state = "stopped";
    this.#unsent = this.#piece = NOTHING;
    this.#source?.drop();
  }
}
