import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { Done } from "../../future/stream/stream.ts";
import { RequestError } from "./errors.ts";
import type { Call } from "./_call.ts";
import type { BodySource } from "./body/_body_source.ts";
import type { ByteStream } from "../byte_stream.ts";
import { chunkHead, encodeLastChunk } from "./h1/encode_chunk.ts";
import { Meter } from "./_meter.ts";

type State =
  /** The head, and a small body with it. */
  | { at: "head"; unsent: Uint8Array }
  /** Until the server says 100, or has been silent for long enough. */
  | { at: "expecting" }
  | { at: "pulling" }
  | { at: "sending"; unsent: Uint8Array; then: Uint8Array | null }
  | { at: "ending"; unsent: Uint8Array }
  | { at: "sent" }
  | { at: "stopped" };

// Those that hold nothing are the same for all.
const EXPECTING: State = { at: "expecting" };
const PULLING: State = { at: "pulling" };
const SENT: State = { at: "sent" };
const STOPPED: State = { at: "stopped" };
const NOTHING = new Uint8Array(0);

/**
 * The way of a request over the wire.
 *
 *     head --> (expecting) --> pulling <--> sending ... --> ending --> sent
 *
 * The body is asked for a piece when the piece before it has been taken by the
 * system: the server's pace is the source's. Chunks end with the line break
 * that the next one's size begins with, so that a piece takes two writes and
 * not three.
 */
export class Upload {
  readonly #transport: ByteStream;
  readonly #source: BodySource | null;
  readonly #meter: Meter | null;
  #begun = false;
  #expects: boolean;
  #state: State;
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
    this.#state = { at: "head", unsent: bytes };
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
    return this.#state.at === "sent";
  }

  /** Whether the source is waited for. */
  get isPulling(): boolean {
    return this.#state.at === "pulling";
  }

  get isExpecting(): boolean {
    return this.#state.at === "expecting";
  }

  /** Whether the last of it is on its way: nothing can be spared any more. */
  get isHandedOver(): boolean {
    const state = this.#state;
    return state.at === "sent" || state.at === "ending" ||
      (state.at === "head" && this.#source === null);
  }

  /** The server wants the body, or has not said that it does not. */
  proceed(): void {
    if (this.#state.at === "expecting") this.#state = PULLING;
    this.#expects = false;
  }

  /** Sends as much as goes now. */
  poll(cx: Context): Poll<void> {
    this.#begun = true;
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "head": {
          if (this.#send(cx, state) === Pending) return Pending;
          if (this.#source === null) this.#state = SENT;
          else if (this.#expects) this.#state = EXPECTING;
          else this.#state = PULLING;
          continue;
        }
        case "expecting":
          return Pending;
        case "pulling": {
          const piece = this.#source!.pollPiece(cx);
          if (piece === Pending) return Pending;
          this.#state = piece === Done ? this.#ending() : this.#sending(piece);
          continue;
        }
        case "sending": {
          const { then } = state;
          const meter = then === null ? this.#meter : null;
          if (this.#send(cx, state, meter) === Pending) return Pending;
          this.#state = then === null
            ? PULLING
            : { at: "sending", unsent: then, then: null };
          continue;
        }
        case "ending":
          if (this.#send(cx, state) === Pending) return Pending;
          this.#state = SENT;
          continue;
        case "sent":
          this.#meter?.end();
          return;
        case "stopped":
          return;
        default:
          return state satisfies never;
      }
    }
  }

  #send(
    cx: Context,
    state: { unsent: Uint8Array },
    meter: Meter | null = null,
  ): Poll<void> {
    while (state.unsent.byteLength > 0) {
      const n = this.#transport.pollWrite(cx, state.unsent);
      if (n === Pending) return Pending;
      this.bytesSent += n;
      // All of it, as a rule: a view of nothing need not be made.
      state.unsent = n === state.unsent.byteLength
        ? NOTHING
        : state.unsent.subarray(n);
      meter?.add(n);
    }
  }

  /** A piece of no bytes is passed over: as a chunk it would end the body. */
  #sending(piece: Uint8Array): State {
    if (piece.byteLength === 0) return PULLING;
    const isNext = this.#given > 0;
    this.#given += piece.byteLength;
    const { length } = this.#source!;
    if (length === null) {
      const unsent = chunkHead(piece.byteLength, isNext);
      return { at: "sending", unsent, then: piece };
    }
    if (this.#given > length) {
      throw this.#wrongLength(`${this.#given - length} bytes more`);
    }
    return { at: "sending", unsent: piece, then: null };
  }

  #ending(): State {
    const { length } = this.#source!;
    if (length === null) {
      return { at: "ending", unsent: encodeLastChunk([], this.#given > 0) };
    }
    if (this.#given < length) {
      throw this.#wrongLength(`${length - this.#given} bytes less`);
    }
    return SENT;
  }

  #wrongLength(how: string): RequestError {
    return new RequestError(
      `Cannot send the body: it has ${how} than its content-length says`,
      { phase: "write" },
    );
  }

  /** No more of it is sent; what is under way goes out. */
  stop(): void {
    this.#state = STOPPED;
    this.#source?.drop();
  }
}
