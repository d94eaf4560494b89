// Futures with one mistake each, or with none.
import { sleep } from "../../../executor/time/mod.ts";
import {
  type Context,
  Future,
  Pending,
  type Poll,
  pollFn,
  type Waker,
} from "../../../future/mod.ts";
import type { Network, RawStream, TcpStream } from "../../../net/mod.ts";

/** A timeout; the mistake: the timer is left armed when the future is done. */
export class Limited<T> extends Future<T | "late"> {
  readonly #future: Future<T>;
  readonly #timer: Future<void>;
  readonly #hasBug: boolean;

  constructor(future: Future<T>, ms: number, hasBug: boolean) {
    super();
    this.#future = future;
    this.#timer = sleep(ms);
    this.#hasBug = hasBug;
  }

  override poll(cx: Context): Poll<T | "late"> {
    const value = this.#future.poll(cx);
    if (value !== Pending) {
      if (!this.#hasBug) this.#timer[Symbol.dispose]();
      return value;
    }
    if (this.#timer.poll(cx) === Pending) return Pending;
    this.#future[Symbol.dispose]();
    return "late";
  }

  override [Symbol.dispose](): void {
    this.#future[Symbol.dispose]();
    this.#timer[Symbol.dispose]();
  }
}

/** Something that is set once; who waits must have looked in the same poll. */
export class Flag {
  isSet = false;
  #waker: Waker | null = null;

  set(): void {
    this.isSet = true;
    this.#waker?.wake();
    this.#waker = null;
  }

  /** Waits until it is set from now on. */
  nextSet(): Future<void> {
    let isWaiting = false;
    return pollFn((cx) => {
      if (isWaiting && this.isSet && this.#waker === null) return;
      isWaiting = true;
      this.#waker = cx.waker;
      return Pending;
    });
  }
}

/** A source that is always ready; the mistake: at its limit it wakes nobody. */
export class Busy extends Future<number> {
  #left: number;
  readonly #hasBug: boolean;

  constructor(items: number, hasBug: boolean) {
    super();
    this.#left = items;
    this.#hasBug = hasBug;
  }

  override poll(cx: Context): Poll<number> {
    while (this.#left > 0) {
      if (cx.budget?.spend() === false) {
        if (!this.#hasBug) cx.waker.wake();
        return Pending;
      }
      this.#left--;
    }
    return 0;
  }
}

/**
 * Two futures of one task; the mistake: out of budget, the second waits for a
 * poll that has some left, and the first takes it all each time.
 */
export class Greedy extends Future<void> {
  readonly #needs: () => boolean;
  readonly #hasBug: boolean;

  constructor(needs: () => boolean, hasBug: boolean) {
    super();
    this.#needs = needs;
    this.#hasBug = hasBug;
  }

  override poll(cx: Context): Poll<void> {
    if (!this.#hasBug && this.#needs()) return;
    while (cx.budget?.spend()) { /* there is always something to read */ }
    if (cx.budget?.spend() && this.#needs()) return;
    cx.waker.wake();
    return Pending;
  }
}

/** The first of two, asked in turns; the mistake is never to count the turns. */
export class FirstOf<A, B> extends Future<A | B> {
  readonly #one: Future<A>;
  readonly #two: Future<B>;
  readonly #turn: number;

  constructor(one: Future<A>, two: Future<B>, turn: number) {
    super();
    this.#one = one;
    this.#two = two;
    this.#turn = turn;
  }

  override poll(cx: Context): Poll<A | B> {
    const both: Future<A | B>[] = [this.#one, this.#two];
    if (this.#turn % 2 === 1) both.reverse();
    for (const each of both) {
      const value = each.poll(cx);
      if (value === Pending) continue;
      both[0] === each
        ? both[1]![Symbol.dispose]()
        : both[0]![Symbol.dispose]();
      return value;
    }
    return Pending;
  }

  override [Symbol.dispose](): void {
    this.#one[Symbol.dispose]();
    this.#two[Symbol.dispose]();
  }
}

/** Reads four bytes; the mistake: what it has goes with it when it is dropped. */
export class ReadFour extends Future<Uint8Array | null> {
  readonly #stream: TcpStream;
  readonly #kept: number[];

  constructor(stream: TcpStream, kept: number[] | null) {
    super();
    this.#stream = stream;
    this.#kept = kept ?? [];
  }

  override poll(cx: Context): Poll<Uint8Array | null> {
    const into = new Uint8Array(1);
    while (this.#kept.length < 4) {
      const n = this.#stream.pollRead(cx, into);
      if (n === Pending) return Pending;
      if (n === null) return null;
      this.#kept.push(into[0]!);
    }
    return new Uint8Array(this.#kept.splice(0));
  }
}

/** Connects; the mistake: a socket that arrives after the drop is forgotten. */
export class Connecting extends Future<RawStream> {
  readonly #network: Network;
  readonly #hasBug: boolean;
  #started = false;
  #dropped = false;
  #raw: RawStream | null = null;
  #waker: Waker | null = null;
  #giveUp: () => void = () => {};

  constructor(network: Network, hasBug: boolean) {
    super();
    this.#network = network;
    this.#hasBug = hasBug;
  }

  override poll(cx: Context): Poll<RawStream> {
    this.#waker = cx.waker;
    if (!this.#started) {
      this.#started = true;
      const addr = { hostname: "server", port: 7 };
      this.#giveUp = this.#network.connect(addr, {
        resolve: (raw) => {
          if (this.#dropped) {
            if (!this.#hasBug) raw.close();
            return;
          }
          this.#raw = raw;
          this.#waker?.wake();
        },
        reject: () => {},
      });
    }
    if (this.#raw === null) return Pending;
    const raw = this.#raw;
    this.#raw = null;
    return raw;
  }

  override [Symbol.dispose](): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#raw?.close();
    this.#giveUp();
  }
}
