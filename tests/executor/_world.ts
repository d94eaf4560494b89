import { assertEquals } from "@std/assert";
import { Executor, type ExecutorOptions } from "../../executor/mod.ts";
import { co, type Future } from "../../future/mod.ts";
import { LogHost } from "./_log_host.ts";

/** An executor on a virtual clock, and what became of a main task on it. */
export class World implements Disposable {
  readonly host: LogHost = new LogHost();
  readonly executor: Executor;

  constructor(options: ExecutorOptions = {}) {
    this.executor = new Executor({ host: this.host, ...options });
  }

  /** Runs a body in a task, and the clock on; gives the body's outcome. */
  async run<T>(
    body: () => Generator<Future<unknown>, T, unknown>,
    ms = 1000,
  ): Promise<T> {
    const promise = this.executor.run(co(body));
    this.host.advance(ms);
    return await promise;
  }

  /** As `run`, for a body that is expected to fail: gives the error. */
  async fail(
    body: () => Generator<Future<unknown>, unknown, unknown>,
    ms = 1000,
  ): Promise<unknown> {
    try {
      await this.run(body, ms);
    } catch (error) {
      return error;
    }
    throw new Error("it did not fail");
  }

  /** Nothing lives on, and nothing was left unhandled. */
  assertClean(message?: string): void {
    this.host.settle();
    assertEquals(this.executor.taskCount, 0, message);
    assertEquals(this.executor.timerCount, 0, message);
    assertEquals(this.host.set.size, 0, message);
    assertEquals(this.host.errors, [], message);
  }

  [Symbol.dispose](): void {
    this.executor[Symbol.dispose]();
  }
}
