import type { Context } from "../../../future/context.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import type { Waker } from "../../../future/waker.ts";
import { Done } from "../../../future/stream/stream.ts";
import { letGo } from "../../io/_accumulator.ts";
import type { ByteSource } from "./_gather.ts";
import { type Coding, type Machine, machineFor } from "./_machine.ts";

/** Whether the machine may be given more; `probed` if that was a probe. */
type Input = "open" | "busy" | "probed";

interface Decoding {
  at: "decoding";
  machine: Machine;
  input: Input;
  /** What the machine has left when it ended. */
  rest: Uint8Array | null;
}

type State =
  | { at: "sniffing" }
  | Decoding
  | { at: "ended" };

/** No data that is whole has fewer bytes. */
const SHORTEST: Record<Coding, number> = {
  gzip: 18,
  deflate: 1,
  br: 1,
  zstd: 9,
};

/** The data ended before its coding did. */
export class IncompleteCoding extends Error {}

function incomplete(cause?: unknown): IncompleteCoding {
  return new IncompleteCoding("Cannot decode: the data ends too soon", {
    cause,
  });
}

let skippable: Uint8Array | undefined;

/** Long enough to end any block that it may fall into, 128 KiB at most. */
function makeSkippable(): Uint8Array {
  const frame = new Uint8Array(8 + 132 * 1024).fill(0xff);
  frame.set([0x50, 0x2a, 0x4d, 0x18, 0x00, 0x10, 0x02, 0x00]);
  return frame;
}

/**
 * What is put behind the end of the data. The platform does not report brotli or
 * zstd that ends too soon; but only a coding that is whole takes these bytes
 * without an error and without giving anything for them. For brotli they begin
 * with a block of a reserved kind (RFC 7932 section 9.2); for zstd they are a
 * frame to be skipped (RFC 8878 section 3.1.2) full of blocks of a reserved kind.
 */
function probeFor(coding: Coding): Uint8Array {
  switch (coding) {
    case "br":
      return new Uint8Array(4096).fill(0x0e);
    case "zstd":
      return skippable ??= makeSkippable();
    case "gzip":
    case "deflate":
      return new Uint8Array(0); // of these it is reported
  }
}

/**
 * Undoes one content coding of a body, piece by piece, by the platform's zlib.
 *
 * Input is given when the machine has taken what it had, and that stops when
 * nobody takes its output: however much a few bytes unfold to, a few pieces of
 * it are in memory at a time. A drop in the middle stops it.
 */
export class Inflate implements ByteSource {
  readonly #source: ByteSource;
  readonly #coding: Coding;
  readonly #windows: number;
  #state: State = { at: "sniffing" };
  #failure: { error: unknown } | null = null;
  #isOver = false;
  /** Bytes that the machine at hand was given. */
  #taken = 0;
  #waker: Waker | null = null;
  /** What was given out last. */
  #piece: Uint8Array | null = null;
  /** How many bytes of its memory were given out, with those before it. */
  #givenOfIt = 0;

  /** @param windows How many codings of the body have large windows. */
  constructor(source: ByteSource, coding: Coding, windows: number) {
    this.#source = source;
    this.#coding = coding;
    this.#windows = windows;
  }

  readonly expected = 0;
  readonly ahead = 0;

  takeWhole(): null {
    return null;
  }

  keep(): boolean {
    const piece = this.#piece;
    if (piece?.byteLength !== piece?.buffer.byteLength) return false;
    this.#piece = null;
    return true;
  }

  poll(cx: Context): Poll<Uint8Array | Done> {
    this.#letGo();
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "sniffing": {
          const first = this.#source.poll(cx);
          if (first === Pending) return Pending;
          if (first === Done) { // no bytes at all: nothing was coded
            this.#state = { at: "ended" };
            continue;
          }
          this.#feed(this.#start(first[0]!), first);
          continue;
        }

        case "decoding": {
          this.#check();
          const piece = state.machine.read();
          if (piece !== null && state.input === "probed") throw incomplete();
          if (piece !== null) return this.#give(piece);
          this.#check(); // reading has made it go on
          if (this.#isOver) {
            this.#goOn(state);
            continue;
          }
          this.#keep(cx.waker);
          if (state.input !== "open") return Pending;
          const bytes = this.#source.poll(cx);
          if (bytes === Pending) return Pending;
          if (bytes !== Done) this.#feed(state, bytes);
          else {
            if (this.#taken < SHORTEST[this.#coding]) throw incomplete();
            state.input = "probed";
            state.machine.end(probeFor(this.#coding));
          }
          continue;
        }

        case "ended":
          return Done;
        default:
          return state satisfies never;
      }
    }
  }

  /**
   * A piece as the bytes that it is. The platform's is a `Buffer`, whose `slice`
   * does not copy, and it puts the next one behind it in the same memory.
   */
  #give({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
    if (buffer !== this.#piece?.buffer) this.#givenOfIt = 0;
    this.#givenOfIt += byteLength;
    return this.#piece = new Uint8Array(buffer, byteOffset, byteLength);
  }

  /**
   * Memory that was given out in parts, which are copied, is of no use after the
   * last. What is one piece is kept by most, and freed by the collector.
   */
  #letGo(): void {
    const piece = this.#piece;
    if (piece === null) return;
    const { byteLength } = piece.buffer;
    if (this.#givenOfIt < byteLength || piece.byteLength === byteLength) return;
    this.#piece = null;
    letGo(piece);
  }

  #check(): void {
    if (this.#failure === null) return;
    const state = this.#state;
    throw state.at === "decoding" && state.input === "probed"
      ? incomplete(this.#failure.error)
      : this.#failure.error;
  }

  #keep(waker: Waker): void {
    if (this.#waker === null || !this.#waker.willWake(waker)) {
      this.#waker = waker;
    }
  }

  #wake = (): void => {
    const waker = this.#waker;
    this.#waker = null;
    waker?.wake();
  };

  #start(first: number): Decoding {
    const machine = machineFor(this.#coding, first, this.#windows);
    this.#taken = 0;
    machine.on("readable", this.#wake);
    machine.on("end", () => {
      this.#isOver = true;
      this.#wake();
    });
    machine.on("error", (error: unknown) => {
      this.#failure = { error };
      this.#wake();
    });
    return this.#state = { at: "decoding", machine, input: "open", rest: null };
  }

  #goOn({ machine, rest }: Decoding): void {
    this.#isOver = false;
    machine.destroy(); // it would wait for the end of what it is given
    if (rest === null) this.#state = { at: "ended" };
    else this.#write(this.#start(rest[0]!), rest);
  }

  /** What may not be kept is copied: it is the source's until its next poll. */
  #feed(state: Decoding, bytes: Uint8Array): void {
    this.#write(state, this.#source.keep() ? bytes : bytes.slice());
  }

  /**
   * The platform takes one frame of zstd from a write, and ends if more stands
   * behind it. There may be more frames (RFC 8878 section 3): what is left is for
   * the next machine.
   */
  #write(state: Decoding, bytes: Uint8Array): void {
    const { machine } = state;
    const before = machine.bytesWritten;
    const { byteLength } = bytes;
    this.#taken += byteLength;
    state.input = "busy";
    machine.write(bytes, (error) => {
      if (error) return; // destroyed, it may be reading them yet
      const taken = machine.bytesWritten - before;
      if (this.#coding === "zstd" && taken < byteLength) {
        state.rest = bytes.subarray(taken);
      } else {
        letGo(bytes); // left to the collector, they grow to dozens of megabytes
        if (state.input === "busy") state.input = "open";
      }
      this.#wake();
    });
  }

  drop(): void {
    const state = this.#state;
    this.#state = { at: "ended" };
    this.#waker = this.#piece = null;
    if (state.at === "decoding") state.machine.destroy();
    this.#source.drop();
  }
}
