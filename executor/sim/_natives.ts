import type { PromiseObserver } from "../../future/_native.ts";
import { activeTask } from "../_core.ts";
import type { Task } from "../_task.ts";
import { platformHost } from "../_host.ts";

/**
 * The native promises that are met in a simulation. Its time stands still
 * between two events, so that a promise would never settle there, and after it
 * at a time that no seed determines. To meet one is an error, unless the task
 * that waits for it is allowed to by name; and with it the tasks that it starts,
 * and those that promises start.
 *
 * Where promises wait for nothing but the simulation and each other, they settle
 * before its clock moves, and all follows from the seed as elsewhere.
 */
export class Natives {
  readonly #allowed: ReadonlySet<string>;
  /** The ids of the tasks of this run that are allowed to. */
  readonly #ids = new Set<number>();
  #waiting = 0;
  /** Which run it is: promises of those before do not count. */
  #run = 0;
  #hasMet = false;
  #isAtRest = false;
  #settled: (() => void) | null = null;

  constructor(allowed: Iterable<string> = []) {
    this.#allowed = new Set(allowed);
  }

  /** Whether any may be met. */
  get mayMeet(): boolean {
    return this.#allowed.size > 0;
  }

  /** Whether there was any: then a run cannot be repeated at once. */
  get hasMet(): boolean {
    return this.#hasMet;
  }

  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** Starts a run. */
  begin(): void {
    this.#run++;
    this.#waiting = 0;
    if (this.#ids.size > 0) this.#ids.clear();
  }

  /** A task was started. */
  spawned({ id, name, parent }: Task<unknown>): void {
    if (
      (name !== undefined && this.#allowed.has(name)) ||
      this.#ids.has(parent) || this.#isAtRest
    ) this.#ids.add(id);
  }

  readonly observer: PromiseObserver = (promise, what) => {
    const task = activeTask();
    const run = this.#run;
    const settled = () => {
      if (this.#run !== run) return;
      this.#waiting--;
      this.#settled?.();
    };
    if (task !== null && this.#ids.has(task.id)) {
      this.#waiting++;
      this.#hasMet = true;
      Promise.resolve(promise).then(settled, settled);
      return;
    }
    // It is nobody's any more.
    Promise.resolve(promise).catch(() => {});
    throw new NativePromiseError(
      `Cannot wait for a native promise in a simulation: ${what} in ${
        task ?? "no task"
      }; it settles at a time that no seed determines`,
    );
  };

  /** Lets those that can settle now, and all that follows from them. */
  async rest(): Promise<void> {
    this.#isAtRest = true;
    // Promise jobs come before the platform's next turn, however many.
    await new Promise<void>((resolve) => platformHost.macrotask(resolve));
    this.#isAtRest = false;
  }

  /** Waits until one has settled; not for ever. */
  async settled(patience: number): Promise<boolean> {
    const end = platformHost.now() + patience;
    let isSettled = false;
    this.#settled = () => isSettled = true;
    while (!isSettled && platformHost.now() < end) await this.rest();
    this.#settled = null;
    return isSettled;
  }
}

/** A native promise was met in a simulation. */
class NativePromiseError extends Error {
  override readonly name = "NativePromiseError";
}
