import { DropErrors } from "../_drop.ts";
import { Budget } from "../budget.ts";
import type { Context } from "../context.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { Ring } from "../_ring.ts";
import {
  adoptStream,
  Done,
  dropStream,
  releaseStream,
  type Stream,
} from "./stream.ts";

/** Ready answers per promise job, as of a task per poll. */
const BUDGET = 128;

interface Request<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(reason: unknown): void;
}

/**
 * Polls a stream from promise jobs, for consumers that have no task: as long as
 * somebody waits for an item, and no longer. There is no executor in it. A wake
 * only enqueues a job, and waking twice before that is waking once.
 */
export class Drive<T> implements Waker, Context {
  readonly budget: Budget = new Budget(BUDGET);
  readonly #requests = new Ring<Request<T>>();
  /** Null once it has ended. */
  #stream: Stream<T> | null;
  #queued = false;

  constructor(stream: Stream<T>) {
    adoptStream(this, stream);
    this.#stream = stream;
  }

  get waker(): Waker {
    return this;
  }

  wake(): void {
    if (this.#queued || this.#stream === null) return;
    this.#queued = true;
    Promise.resolve().then(() => this.#turn());
  }

  willWake(other: Waker): boolean {
    return other === this;
  }

  /** Waits for the next item; after the end and after a failure it says `done`. */
  pull(): Promise<IteratorResult<T, undefined>> {
    if (this.#stream === null) return Promise.resolve(over());
    return new Promise((resolve, reject) => {
      this.#requests.push({ resolve, reject });
      this.wake();
    });
  }

  /** Ends whatever waits, and drops the stream; throws what that throws. */
  cancel(): void {
    const stream = this.#stream;
    if (stream === null) return;
    this.#end();
    dropStream(stream);
  }

  #turn(): void {
    this.#queued = false;
    this.budget.refill();
    while (this.#stream !== null && this.#requests.size > 0) {
      if (!this.#serve(this.#stream)) return;
    }
  }

  /** Answers the first request, if the stream is ready to. */
  #serve(stream: Stream<T>): boolean {
    let item: Poll<T | Done>;
    try {
      item = stream.pollNext(this);
    } catch (error) {
      if (this.#stream === null) return false; // cancelled from inside the poll
      this.#fail(stream, error);
      return false;
    }
    if (item === Pending || this.#stream === null) return false;
    if (item === Done) {
      this.#end();
      releaseStream(stream);
    } else {
      this.#requests.shift().resolve({ done: false, value: item });
    }
    return true;
  }

  /** There are streams that live on after a failure: it is dropped, too. */
  #fail(stream: Stream<T>, error: unknown): void {
    const { reject } = this.#requests.shift();
    this.#end();
    const errors = new DropErrors({ error });
    errors.collect(() => dropStream(stream));
    try {
      errors.rethrow();
    } catch (all) {
      reject(all);
    }
  }

  #end(): void {
    this.#stream = null;
    while (this.#requests.size > 0) this.#requests.shift().resolve(over());
  }
}

function over(): IteratorReturnResult<undefined> {
  return { done: true, value: undefined };
}
