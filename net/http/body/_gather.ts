import type { DropErrors } from "../../../future/_drop.ts";
import type { Context } from "../../../future/context.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import { LivingFuture } from "../../../future/_living.ts";
import { LivingStream } from "../../../future/stream/_living_stream.ts";
import { Done } from "../../../future/stream/stream.ts";
import { Accumulator } from "../../io/_accumulator.ts";

/** Where bytes come from: a body, decoded or not. */
export interface ByteSource {
  /**
   * The next bytes, valid until the next poll; `Done` at the end.
   *
   * @param room Memory of the caller's that the bytes may be put in. Then they are
   * at its beginning. It is lent until bytes were put there or there is an end,
   * and longer if the source is dropped meanwhile.
   */
  poll(cx: Context, room?: Uint8Array | null): Poll<Uint8Array | Done>;
  /**
   * All of it if that is at hand; null if not. It stays as it is, but may be in
   * memory that others share.
   */
  takeWhole(): Uint8Array | null;
  /**
   * Whether the bytes of the last poll may be kept: they are in memory of their
   * own, which is the caller's from here on.
   */
  keep(): boolean;
  /** How many bytes it says will come; 0 if it does not. */
  readonly expected: number;
  /** How many bytes will come next that may be put in room; 0 if none may. */
  readonly ahead: number;
  /** Nothing more is wanted of it. */
  drop(): void;
}

/** Whether bytes were put in the room that was lent for them. */
function isIn(room: Uint8Array | null, bytes: Uint8Array): boolean {
  return bytes.buffer === room?.buffer && bytes.byteOffset === room.byteOffset;
}

/** All bytes of a source, made into something. */
export class Gather<T> extends LivingFuture<T> {
  readonly #source: ByteSource;
  readonly #make: (bytes: Uint8Array) => T;
  #bytes: Accumulator | null = null;
  #room: Uint8Array | null = null;
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
      const room = this.#room ??= this.#source.ahead > 0
        ? this.#bytes.room()
        : null;
      const bytes = this.#source.poll(cx, room);
      if (bytes === Pending) return Pending;
      this.#room = null;
      if (bytes === Done) this.#joining = this.#bytes.join();
      else if (isIn(room, bytes)) this.#bytes.filled(bytes.byteLength);
      else add(this.#bytes, bytes);
    }
    const part = this.#joining.next();
    if (part.done) return this.#make(part.value);
    cx.waker.wake(); // a large body is joined a part at a time
    return Pending;
  }

  protected override free(_errors: DropErrors): void {
    this.#bytes = this.#room = this.#joining = null;
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

/** Where fewer bytes are ahead, they come with others, and are copied. */
const WORTHWHILE = 16 * 1024;
const LARGEST = 256 * 1024;
const STEP = 4;

/**
 * The bytes of a source as they come, each piece in an array of its own. Memory
 * is lent for them, which goes out with them if they fill half of it; if not, they
 * are copied, so that whoever keeps pieces holds no more than twice what they are,
 * and the memory is lent again.
 */
export class Pieces extends LivingStream<Uint8Array> {
  readonly #source: ByteSource;
  #room: Uint8Array | null = null;
  /** How large the next room is; 0 before the first. */
  #size = 0;
  /** Whether the last piece left most of its room empty. */
  #wasSmall = false;

  /** @param owner What must not be forgotten meanwhile. */
  constructor(source: ByteSource, readonly owner: object) {
    super();
    this.#source = source;
  }

  protected override advance(cx: Context): Poll<Uint8Array | Done> {
    const room = this.#room ??= this.#makeRoom();
    const bytes = this.#source.poll(cx, room);
    if (bytes === Pending || bytes === Done) return bytes;
    if (room === null || !isIn(room, bytes)) {
      return this.#source.keep() ? bytes : bytes.slice();
    }
    this.#adapt(bytes.byteLength, room.byteLength);
    if (bytes.byteLength < room.byteLength / 2) return bytes.slice();
    this.#room = null;
    return bytes;
  }

  #makeRoom(): Uint8Array | null {
    const { ahead } = this.#source;
    if (ahead < WORTHWHILE) return null;
    // Who says how many will come is believed for a while.
    if (this.#size === 0) this.#size = ahead < Infinity ? LARGEST : WORTHWHILE;
    return new Uint8Array(Math.min(ahead, this.#size));
  }

  #adapt(n: number, room: number): void {
    const isSmall = n < room / STEP;
    if (n === room) this.#size = Math.min(this.#size * STEP, LARGEST);
    else if (isSmall && this.#wasSmall) {
      this.#size = Math.max(this.#size / STEP, WORTHWHILE);
    }
    this.#wasSmall = isSmall;
  }

  protected override free(_errors: DropErrors): void {
    this.#source.drop();
  }
}
