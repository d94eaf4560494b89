import { checkNames, type Names } from "../future/_option_names.ts";
import { type Future, nameOf } from "../future/future.ts";
import type { Waker } from "../future/waker.ts";
import type { Core } from "./_core.ts";
import type { Task } from "./_task.ts";

/** How `run` runs a future. */
export interface RunOptions {
  /** Drops the future when aborted; the promise rejects with its reason. */
  signal?: AbortSignal;
}

const NAMES: Names<RunOptions> = { signal: true };

/** Spawns a future and settles a promise with how it ends. */
export function runOn<T>(
  core: Core,
  future: Future<T>,
  options: RunOptions,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const signal = signalOf(options);
    const task = core.spawn(future, undefined);
    const end = new End(task, resolve, reject, signal);
    task.joinBy(end);
    if (signal?.aborted) end.handleEvent();
    else signal?.addEventListener("abort", end);
  });
}

/** Checked before anything runs: a signal that is none would never abort. */
function signalOf(options: RunOptions): AbortSignal | undefined {
  const signal = options?.signal;
  if (signal instanceof AbortSignal) return signal;
  checkNames(options, NAMES);
  if (signal === undefined || signal === null) return undefined;
  throw new TypeError(
    `Cannot run: signal must be an AbortSignal, got ${nameOf(signal)}`,
  );
}

/** Waits for the task on the promise's behalf, and for the signal. */
class End<T> implements Waker {
  readonly #task: Task<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(
    task: Task<T>,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#task = task;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
  }

  /** The task has ended. */
  wake(): void {
    this.#signal?.removeEventListener("abort", this);
    const outcome = this.#task.outcome();
    if (outcome.status === "fulfilled") this.#resolve(outcome.value);
    else this.#reject(outcome.reason);
  }

  willWake(other: Waker): boolean {
    return other === this;
  }

  /** The signal was aborted: its reason is the answer, whatever the drop does. */
  handleEvent(): void {
    this.#reject(this.#signal!.reason);
    this.#task.abort();
  }
}
