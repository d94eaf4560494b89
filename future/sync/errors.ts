/**
 * The other side of a channel is gone, so nothing can be sent, or received,
 * any more. A value that was not sent is handed back.
 *
 * @typeParam T The value that was not sent.
 *
 * @example Usage
 * ```ts
 * import { ChannelClosed, oneshot } from "@pollen/futures/sync";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const [sender, receiver] = oneshot<string>();
 * receiver.close();
 * const error = assertThrows(() => sender.send("hello"), ChannelClosed);
 * assertEquals(error.value, "hello");
 * assertEquals(error.message, "Cannot send: the receiver is closed");
 * ```
 */
export class ChannelClosed<T = unknown> extends Error {
  /** The value that was not sent; `undefined` where nothing was to be sent. */
  readonly value: T | undefined;

  /**
   * Makes the error.
   *
   * @param message What cannot be done, and why.
   * @param value The value to hand back, if there is one.
   */
  constructor(message: string, value?: T) {
    super(message);
    this.name = "ChannelClosed";
    this.value = value;
  }
}

/**
 * There is no room in a channel right now. The value is handed back.
 *
 * @typeParam T The value that was not sent.
 *
 * @example Usage
 * ```ts
 * import { ChannelFull, mpsc } from "@pollen/futures/sync";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const [sender] = mpsc<string>(1);
 * sender.trySend("first");
 * const error = assertThrows(() => sender.trySend("second"), ChannelFull);
 * assertEquals(error.value, "second");
 * ```
 */
export class ChannelFull<T = unknown> extends Error {
  /** The value that was not sent. */
  readonly value: T;

  /**
   * Makes the error.
   *
   * @param value The value to hand back.
   */
  constructor(value: T) {
    super("Cannot send: the channel is full");
    this.name = "ChannelFull";
    this.value = value;
  }
}

/**
 * A receiver of a `broadcast` was too slow: values that it had not seen were
 * overwritten. It goes on with the oldest value that is kept.
 *
 * @example Usage
 * ```ts
 * import { noopWaker } from "@pollen/futures/future";
 * import { broadcast, Lagged } from "@pollen/futures/sync";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const [sender, receiver] = broadcast<number>(2);
 * for (const n of [1, 2, 3]) sender.send(n);
 * const error = assertThrows(() => receiver.tryRecv(), Lagged);
 * assertEquals(error.missed, 1);
 * assertEquals(receiver.pollNext({ waker: noopWaker }), 2);
 * ```
 */
export class Lagged extends Error {
  /** How many values this receiver has missed since it last got one. */
  readonly missed: number;

  /**
   * Makes the error.
   *
   * @param missed How many values were missed.
   */
  constructor(missed: number) {
    super(
      `Cannot receive the next value: the receiver lags behind and has missed ${missed}`,
    );
    this.name = "Lagged";
    this.missed = missed;
  }
}

/**
 * A `Semaphore` was closed: it hands out no permits any more.
 *
 * @example Usage
 * ```ts
 * import { Semaphore, SemaphoreClosed } from "@pollen/futures/sync";
 * import { assertThrows } from "@std/assert";
 *
 * const semaphore = new Semaphore(1);
 * semaphore.close();
 * assertThrows(() => semaphore.tryAcquire(), SemaphoreClosed);
 * ```
 */
export class SemaphoreClosed extends Error {
  /** Makes the error. */
  constructor() {
    super("Cannot acquire a permit: the semaphore is closed");
    this.name = "SemaphoreClosed";
  }
}

/**
 * A guard or a permit was used after it had been given back. What it guarded
 * may belong to somebody else by now.
 *
 * @example Usage
 * ```ts
 * import { GuardReleased, Mutex } from "@pollen/futures/sync";
 * import { assertThrows } from "@std/assert";
 *
 * const guard = new Mutex(1).tryLock()!;
 * guard.release();
 * assertThrows(() => guard.value, GuardReleased, "Cannot read MutexGuard");
 * ```
 */
export class GuardReleased extends Error {
  /**
   * Makes the error.
   *
   * @param action What was tried.
   * @param what The name of the guard's type.
   */
  constructor(action: string, what: string) {
    super(`Cannot ${action} ${what}: it was already given back`);
    this.name = "GuardReleased";
  }
}
