/** Futures written by hand, as one does where speed matters. */
import { type Context, Future, Pending, type Poll } from "../../future/mod.ts";
import { type JoinHandle, spawn } from "../../executor/mod.ts";
import { Done, type Sink, Stream } from "../../future/stream/mod.ts";
import {
  type MpscReceiver,
  type MpscSender,
  type Mutex,
  type MutexHolder,
  oneshot,
} from "../../future/sync/mod.ts";

/** Wakes itself `left` times: the least that a future can do. */
export class Busy extends Future<void> {
  #left: number;

  constructor(left: number) {
    super();
    this.#left = left;
  }

  override poll(cx: Context): Poll<void> {
    if (this.#left-- === 0) return;
    cx.waker.wake();
    return Pending;
  }
}

/** Never ready. */
export class Idle extends Future<void> {
  override poll(): Poll<void> {
    return Pending;
  }
}

/** Spawns tasks that yield once, and joins them in turn. */
export class SpawnAndJoin extends Future<void> {
  readonly #handles: JoinHandle<void>[] = [];
  readonly #count: number;
  #joined = 0;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  override poll(cx: Context): Poll<void> {
    const handles = this.#handles;
    while (handles.length < this.#count) handles.push(spawn(new Busy(1)));
    for (; this.#joined < this.#count; this.#joined++) {
      if (handles[this.#joined]!.poll(cx) === Pending) return Pending;
    }
  }
}

/** Sends a number, waits for the answer, and so on. */
export class Ping extends Future<void> {
  readonly #to: Sink<number>;
  readonly #from: MpscReceiver<number>;
  readonly #rounds: number;
  #at: "sending" | "receiving" = "sending";
  #round = 0;

  constructor(
    to: MpscSender<number>,
    from: MpscReceiver<number>,
    rounds: number,
  ) {
    super();
    this.#to = to.asSink();
    this.#from = from;
    this.#rounds = rounds;
  }

  override poll(cx: Context): Poll<void> {
    for (;;) {
      switch (this.#at) {
        case "sending":
          if (this.#round === this.#rounds) return;
          if (this.#to.pollReady(cx) === Pending) return Pending;
          this.#to.startSend(this.#round++);
          this.#at = "receiving";
          continue;
        case "receiving":
          if (this.#from.pollNext(cx) === Pending) return Pending;
          this.#at = "sending";
      }
    }
  }
}

/** Sends back what it receives. */
export class Pong extends Future<void> {
  readonly #to: Sink<number>;
  readonly #from: MpscReceiver<number>;
  readonly #rounds: number;
  #at: "sending" | "receiving" = "receiving";
  #round = 0;
  #value = 0;

  constructor(
    to: MpscSender<number>,
    from: MpscReceiver<number>,
    rounds: number,
  ) {
    super();
    this.#to = to.asSink();
    this.#from = from;
    this.#rounds = rounds;
  }

  override poll(cx: Context): Poll<void> {
    for (;;) {
      switch (this.#at) {
        case "receiving": {
          if (this.#round === this.#rounds) return;
          const value = this.#from.pollNext(cx);
          if (value === Pending) return Pending;
          this.#value = value as number;
          this.#at = "sending";
          continue;
        }
        case "sending":
          if (this.#to.pollReady(cx) === Pending) return Pending;
          this.#to.startSend(this.#value);
          this.#round++;
          this.#at = "receiving";
      }
    }
  }
}

/** Sends so many values, then drops its end. */
export class Produce extends Future<void> {
  readonly #to: Sink<number>;
  #left: number;

  constructor(to: MpscSender<number>, count: number) {
    super();
    this.#to = to.asSink();
    this.#left = count;
  }

  override poll(cx: Context): Poll<void> {
    while (this.#left > 0) {
      if (this.#to.pollReady(cx) === Pending) return Pending;
      this.#to.startSend(this.#left--);
    }
    this.#to[Symbol.dispose]();
  }
}

/** Counts what comes, to the end. */
export class Consume extends Future<number> {
  readonly #from: Stream<number>;
  #count = 0;

  constructor(from: Stream<number>) {
    super();
    this.#from = from;
  }

  override poll(cx: Context): Poll<number> {
    for (;;) {
      const value = this.#from.pollNext(cx);
      if (value === Pending) return Pending;
      if (value === Done) return this.#count;
      this.#count++;
    }
  }
}

/** Takes a lock, adds one and gives it back, again and again. */
export class LockAndAdd extends Future<void> {
  readonly #holder: MutexHolder<number>;
  #left: number;

  constructor(mutex: Mutex<number>, count: number) {
    super();
    this.#holder = mutex.holder();
    this.#left = count;
  }

  override poll(cx: Context): Poll<void> {
    const holder = this.#holder;
    while (this.#left > 0) {
      if (holder.pollLock(cx) === Pending) return Pending;
      holder.value++;
      holder.release();
      this.#left--;
    }
    holder[Symbol.dispose]();
  }
}

/** Makes a oneshot, sends through it and receives, again and again. */
export class Oneshots extends Future<void> {
  #left: number;

  constructor(count: number) {
    super();
    this.#left = count;
  }

  override poll(cx: Context): Poll<void> {
    while (this.#left > 0) {
      const [sender, receiver] = oneshot<number>();
      sender.send(this.#left);
      if (receiver.poll(cx) === Pending) { // the budget is spent
        cx.waker.wake();
        return Pending;
      }
      this.#left--;
    }
  }
}

/** Counts up. */
export class UpTo extends Stream<number> {
  readonly #end: number;
  #next = 0;

  constructor(end: number) {
    super();
    this.#end = end;
  }

  override pollNext(): Poll<number | Done> {
    return this.#next < this.#end ? this.#next++ : Done;
  }
}
