import { assert, AssertionError } from "@std/assert";
import { VirtualClock } from "../../executor/sim/mod.ts";

/**
 * A virtual clock that writes down what the executor asks of its host, and
 * whose time can be pushed on by what runs: a poll that takes long.
 */
export class LogHost extends VirtualClock {
  readonly log: string[] = [];
  /** How often the time was read. */
  looks = 0;
  /** Milliseconds that polls have taken. */
  spent = 0;
  /** Errors that nobody caught. */
  readonly errors: unknown[] = [];
  /** The delays of the timers that are set. */
  readonly set: Map<unknown, number> = new Map();

  override now(): number {
    this.looks++;
    return super.now() + this.spent;
  }

  override microtask(callback: () => void): void {
    this.log.push("microtask");
    super.microtask(callback);
  }

  override macrotask(callback: () => void): void {
    this.log.push("macrotask");
    super.macrotask(callback);
  }

  /** As Deno's, a timer of 2^31 ms or more fires at once. */
  override setTimer(delay: number, callback: () => void): unknown {
    assert(delay >= 0, `a delay of ${delay} ms`);
    this.log.push(`set ${delay}`);
    const timer = super.setTimer(delay < 2 ** 31 ? delay : 1, () => {
      this.set.delete(timer);
      callback();
    });
    this.set.set(timer, delay);
    return timer;
  }

  override clearTimer(timer: unknown): void {
    this.log.push(`clear ${this.set.get(timer)}`);
    this.set.delete(timer);
    super.clearTimer(timer);
  }

  override unhandled(error: unknown): void {
    // A test that asserts in a callback must hear of it.
    for (let at = error; at instanceof Error; at = at.cause) {
      if (at instanceof AssertionError) throw at;
    }
    this.errors.push(error);
  }

  /** What was logged since the last call. */
  take(): string[] {
    return this.log.splice(0);
  }

  /** The log with each run of the same entry counted: `["poll x 10"]`. */
  takeRuns(): string[] {
    const runs: { entry: string; times: number }[] = [];
    for (const entry of this.take()) {
      const last = runs.at(-1);
      if (last?.entry === entry) last.times++;
      else runs.push({ entry, times: 1 });
    }
    return runs.map(({ entry, times }) =>
      times === 1 ? entry : `${entry} x ${times}`
    );
  }
}
