import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { Done } from "../../future/stream/stream.ts";
import { RequestError } from "./errors.ts";
import type { BodySource } from "./body/_body_source.ts";
import type { ByteStream } from "../byte_stream.ts";
import { chunkHead, encodeLastChunk } from "./h1/encode_chunk.ts";
import type { Meter } from "./_meter.ts";

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

  /**
   * @param source The body, unless it is in `head` already.
   * @param expects Whether to wait for a 100 before the body.
   */
  constructor(
    transport: ByteStream,
    head: Uint8Array,
    source: BodySource | null,
    expects: boolean,
    meter: Meter | null,
  ) {
    this.#transport = transport;
    this.#source = source;
    this.#meter = meter;
    this.#expects = expects;
    this.#state = { at: "head", unsent: head };
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
    if (this.#state.at === "expecting") this.#state = { at: "pulling" };
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
          if (this.#source === null) this.#state = { at: "sent" };
          else if (this.#expects) this.#state = { at: "expecting" };
          else this.#state = { at: "pulling" };
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
            ? { at: "pulling" }
            : { at: "sending", unsent: then, then: null };
          continue;
        }
        case "ending":
          if (this.#send(cx, state) === Pending) return Pending;
          this.#state = { at: "sent" };
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
      state.unsent = state.unsent.subarray(n);
      meter?.add(n);
    }
  }

  /** A piece of no bytes is passed over: as a chunk it would end the body. */
  #sending(piece: Uint8Array): State {
    if (piece.byteLength === 0) return { at: "pulling" };
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
    return { at: "sent" };
  }

  #wrongLength(how: string): RequestError {
    return new RequestError(
      `Cannot send the body: it has ${how} than its content-length says`,
      { phase: "write" },
    );
  }

  /** No more of it is sent; what is under way goes out. */
  stop(): void {
    this.#state = { at: "stopped" };
    this.#source?.drop();
  }
}
