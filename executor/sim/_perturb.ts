import type { Budget } from "../../future/budget.ts";
import type { Context } from "../../future/context.ts";
import type { Waker } from "../../future/waker.ts";
import type { Observer } from "../_observer.ts";
import type { Task } from "../_task.ts";
import type { Natives } from "./_natives.ts";
import { Random } from "./_random.ts";
import { type SimHost, STREAMS } from "./sim_host.ts";
import type { WakerOptions } from "./options.ts";

/** The waker and the context of one poll. */
class OncePolled implements Waker, Context {
  readonly #tricks: Perturbation;
  readonly task: Task<unknown>;

  constructor(tricks: Perturbation, task: Task<unknown>) {
    this.#tricks = tricks;
    this.task = task;
  }

  get waker(): Waker {
    return this;
  }

  get budget(): Budget {
    return this.task.budget;
  }

  wake(): void {
    this.#tricks.wake(this);
  }

  willWake(other: Waker): boolean {
    this.#tricks.used(this, "compared with another");
    return this === other;
  }
}

/**
 * Wakes and polls as the contract allows them, and as an executor rarely does
 * them: whoever keeps the first waker instead of the last, counts its wakes, or
 * takes a poll for a sign, is found out.
 */
export class Perturbation {
  readonly #host: SimHost;
  readonly #options: Required<WakerOptions>;
  readonly #random: Random;
  readonly #leak: (what: string) => void;
  /** The waker of each live task's latest poll. */
  readonly #latest = new Map<Task<unknown>, OncePolled>();
  /** Wakers of tasks that have ended, to be called once more. */
  readonly #kept: OncePolled[] = [];
  /** At which step each task has ended, if that is of interest. */
  readonly #ends = new Map<Task<unknown>, number>();

  constructor(
    host: SimHost,
    seed: number,
    options: Required<WakerOptions>,
    leak: (what: string) => void,
  ) {
    this.#host = host;
    this.#options = options;
    this.#leak = leak;
    this.#random = new Random(seed, STREAMS.wakers);
  }

  poll(task: Task<unknown>): boolean {
    const options = this.#options;
    let cx: Context = task;
    if (options.fresh || options.ledger) {
      const once = new OncePolled(this, task);
      const before = this.#latest.get(task);
      if (before !== undefined && options.late) this.#kept.push(before);
      this.#latest.set(task, once);
      cx = once;
    }
    const isWoken = task.run(cx);
    if (!task.isFinished && this.#random.chance(options.spurious)) {
      this.#later(() => task.wake());
    }
    return isWoken;
  }

  /** A waker was called. */
  wake(waker: OncePolled): void {
    const { task } = waker;
    this.used(waker, "called");
    const options = this.#options;
    // Only the waker of the latest poll has to wake: this one does not.
    if (options.fresh && this.#latest.get(task) !== waker) return;
    if (this.#random.chance(options.delayed)) {
      this.#later(() => task.wake());
      return;
    }
    task.wake();
    if (!this.#random.chance(options.duplicated)) return;
    task.wake();
    this.#later(() => task.wake());
  }

  /** Somebody has done something with a waker: see `KeptWakers`. */
  used(waker: OncePolled, how: string): void {
    const end = this.#ends.get(waker.task);
    // In the step of its end, its parts may still wake one another.
    if (end === undefined || end === this.#host.steps) return;
    this.#leak(
      `leak: a waker of ${waker.task} was ${how} after the task's end: whoever did that has kept it`,
    );
  }

  #later(callback: () => void): void {
    const most = this.#options.delay;
    this.#host.setTimer(most === 0 ? 0 : this.#random.next() * most, callback);
  }

  ended(task: Task<unknown>): void {
    if (this.#options.ledger) this.#ends.set(task, this.#host.steps);
    const last = this.#latest.get(task);
    if (last === undefined) return;
    this.#latest.delete(task);
    if (!this.#options.late) return;
    this.#kept.push(last);
    this.#later(() => last.task.wake());
  }

  /** Calls all wakers once more that were given out, long after their time. */
  flush(): void {
    for (const waker of this.#kept.splice(0)) waker.task.wake();
  }
}

/** What a simulation sees of its core: it writes the trace, and perturbs. */
export class Watch implements Observer {
  readonly #host: SimHost;
  readonly #perturbation: Perturbation | null;
  readonly #natives: Natives;

  constructor(
    host: SimHost,
    perturbation: Perturbation | null,
    natives: Natives,
  ) {
    this.#host = host;
    this.#perturbation = perturbation;
    this.#natives = natives;
  }

  spawned(task: Task<unknown>): void {
    this.#natives.spawned(task);
    if (this.#host.trace === null) return;
    const site = task.site === undefined ? "" : ` at ${task.site}`;
    this.#host.note(`spawn ${task}${site}`);
  }

  queued(task: Task<unknown>): void {
    if (this.#host.trace !== null) this.#host.note(`wake  ${task}`);
  }

  poll(task: Task<unknown>): boolean {
    const { trace } = this.#host;
    if (trace !== null && !task.isFinished) this.#host.note(`poll  ${task}`);
    const perturbation = this.#perturbation;
    const isWoken = perturbation === null
      ? task.run(task)
      : perturbation.poll(task);
    if (isWoken) this.queued(task);
    return isWoken;
  }

  ended(task: Task<unknown>): void {
    if (this.#host.trace !== null) {
      this.#host.note(`end   ${task}: ${task.state}`);
    }
    this.#perturbation?.ended(task);
  }

  turned(): void {}

  look(): [] {
    return [];
  }

  metrics(): null {
    return null;
  }

  metricsOf(): null {
    return null;
  }
}
