import type { DropErrors } from "../../../future/_drop.ts";
import type { Context } from "../../../future/context.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import { LivingFuture } from "../../../future/_living.ts";
import { LivingStream } from "../../../future/stream/_living_stream.ts";
import { Done } from "../../../future/stream/stream.ts";
import { Accumulator } from "../../io/_accumulator.ts";

/** Where bytes come from: a body, decoded or not. */
export interface ByteSource {
  /** The next bytes, valid until the next poll; `Done` at the end. */
  poll(cx: Context): Poll<Uint8Array | Done>;
  /**
   * All of it if that is at hand; null if not. It stays as it is, but may be in
   * memory that others share.
   */
  takeWhole(): Uint8Array | null;
  /** How many bytes it says will come; 0 if it does not. */
  readonly expected: number;
  /** Nothing more is wanted of it. */
  drop(): void;
}

/** All bytes of a source, made into something. */
export class Gather<T> extends LivingFuture<T> {
  readonly #source: ByteSource;
  readonly #make: (bytes: Uint8Array) => T;
  #bytes: Accumulator | null = null;
  #joining: Generator<void, Uint8Array, void> | null = null;

  /** @param owner What must not be forgotten meanwhile. */
  constructor(
    source: ByteSource,
    make: (bytes: Uint8Array) => T,
    readonly owner: object,
  ) {
    super();
    this.#source = source;
    this.#make = make;
  }

  protected override advance(cx: Context): Poll<T> {
    if (this.#bytes === null) {
      const whole = this.#source.takeWhole();
      if (whole !== null) return this.#make(whole);
      this.#bytes = new Accumulator(this.#source.expected);
    }
    while (this.#joining === null) {
      const bytes = this.#source.poll(cx);
      if (bytes === Pending) return Pending;
      if (bytes === Done) this.#joining = this.#bytes.join();
      else add(this.#bytes, bytes);
    }
    const part = this.#joining.next();
    if (part.done) return this.#make(part.value);
    cx.waker.wake(); // a large body is joined a part at a time
    return Pending;
  }

  protected override free(_errors: DropErrors): void {
    this.#source.drop();
  }
}

function add(to: Accumulator, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength;) {
    const room = to.room();
    const n = Math.min(room.byteLength, bytes.byteLength - at);
    room.set(bytes.subarray(at, at + n));
    to.filled(n);
    at += n;
  }
}

/** The bytes of a source as they come, each piece in an array of its own. */
export class Pieces extends LivingStream<Uint8Array> {
  readonly #source: ByteSource;

  /** @param owner What must not be forgotten meanwhile. */
  constructor(source: ByteSource, readonly owner: object) {
    super();
    this.#source = source;
  }

  protected override advance(cx: Context): Poll<Uint8Array | Done> {
    const bytes = this.#source.poll(cx);
    return bytes === Pending || bytes === Done ? bytes : bytes.slice();
  }

  protected override free(_errors: DropErrors): void {
    this.#source.drop();
  }
}
