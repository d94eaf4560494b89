import type { PromiseObserver } from "../../future/_native.ts";
import { activeTask } from "../_core.ts";
import { platformHost } from "../_host.ts";

/**
 * The native promises that are met in a simulation. Its time stands still
 * between two events, so that a promise would never settle there, and after it
 * at a time that no seed determines. To meet one is an error, unless the task
 * that waits for it is allowed to by name.
 */
export class Natives {
  readonly #allowed: ReadonlySet<string>;
  #waiting = 0;
  #hasMet = false;
  #settled: (() => void) | null = null;

  constructor(allowed: Iterable<string> = []) {
    this.#allowed = new Set(allowed);
  }

  /** Whether there was any: then a run cannot be repeated at once. */
  get hasMet(): boolean {
    return this.#hasMet;
  }

  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  readonly observer: PromiseObserver = (promise, what) => {
    const task = activeTask();
    const name = task?.name;
    const settled = () => {
      this.#waiting--;
      this.#settled?.();
    };
    if (name !== undefined && this.#allowed.has(name)) {
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

  /** Waits until one has settled; not for ever. */
  async settled(patience: number): Promise<boolean> {
    const end = platformHost.now() + patience;
    let isSettled = false;
    this.#settled = () => isSettled = true;
    while (!isSettled && platformHost.now() < end) {
      await new Promise<void>((resolve) => platformHost.macrotask(resolve));
    }
    this.#settled = null;
    return isSettled;
  }
}

/** A native promise was met in a simulation. */
class NativePromiseError extends Error {
  override readonly name = "NativePromiseError";
}
