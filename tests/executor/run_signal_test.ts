import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Executor, run } from "../../executor/mod.ts";
import { type Future, FutureMovedError } from "../../future/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { Probe } from "../_probe.ts";
import { LogHost } from "./_log_host.ts";

/** A controller whose signal counts the listeners it has. */
class CountingController extends AbortController {
  readonly #listeners = new Set<EventListener>();

  constructor() {
    super();
    const signal = this.signal;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: [string, EventListener]) => {
      this.#listeners.add(args[1]);
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: [string, EventListener]) => {
      this.#listeners.delete(args[1]);
      removeEventListener.apply(signal, args);
    };
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}

/** An executor, and a future that it runs under a signal. */
function setUp() {
  const host = new LogHost();
  const executor = new Executor({ host });
  const controller = new CountingController();
  const probe = new Probe();
  const start = () => {
    const promise = executor.run(probe, { signal: controller.signal });
    promise.catch(() => {}); // the test looks at it later
    return promise;
  };
  return { host, executor, controller, probe, start };
}

const reason = new Error("changed my mind");

async function assertReason(promise: Promise<unknown>): Promise<void> {
  assertStrictEquals(
    await promise.then(() => "fulfilled", (error) => error),
    reason,
  );
}

Deno.test("run with a signal: aborted already, the future is dropped unpolled", async () => {
  const { host, executor, controller, probe, start } = setUp();
  controller.abort(reason);
  await assertReason(start());
  assertEquals(probe.drops, 1);
  host.settle();
  assertEquals(probe.polls, 0);
  assertEquals(controller.listeners, 0);
  assertEquals(executor.taskCount, 0);
});

Deno.test("run with a signal: aborted already, what cannot be adopted is left alone", async () => {
  const { host, executor, controller, probe, start } = setUp();
  controller.abort(reason);
  const owner = executor.run(probe);
  await assertRejects(start, FutureMovedError);
  assertEquals(probe.drops, 0);
  host.settle();
  probe.complete("mine");
  host.settle();
  assertEquals(await owner, "mine");
  await assertRejects(
    () => executor.run(1 as unknown as Future<1>, controller),
    TypeError,
  );
});

Deno.test("run with a signal: aborted before the first poll", async () => {
  const { host, executor, controller, probe, start } = setUp();
  const promise = start();
  assertEquals(controller.listeners, 1);
  controller.abort(reason);
  assertEquals(probe.drops, 1, "at once");
  assertEquals(controller.listeners, 0);
  host.settle();
  assertEquals(probe.polls, 0);
  assertEquals(executor.taskCount, 0);
  await assertReason(promise);
});

Deno.test("run with a signal: aborted while pending", async () => {
  const { host, executor, controller, probe, start } = setUp();
  const promise = start();
  host.settle();
  controller.abort(reason);
  assertEquals(probe.drops, 1, "at once");
  assertEquals(controller.listeners, 0);
  assertEquals(executor.taskCount, 0);
  host.settle();
  assertEquals(probe.polls, 1);
  assertEquals(probe.drops, 1);
  await assertReason(promise);
});

Deno.test("run with a signal: aborted while woken", async () => {
  const { host, controller, probe, start } = setUp();
  const promise = start();
  host.settle();
  probe.complete("too late");
  controller.abort(reason);
  host.settle();
  assertEquals([probe.polls, probe.drops], [1, 1]);
  await assertReason(promise);
});

Deno.test("run with a signal: aborted from inside the poll", async () => {
  const { host, executor, controller, probe, start } = setUp();
  probe.onPoll = () => {
    controller.abort(reason);
    assertEquals(probe.drops, 0, "not dropped from inside its own poll");
  };
  const promise = start();
  host.settle();
  assertEquals([probe.polls, probe.drops], [1, 1]);
  assertEquals(controller.listeners, 0);
  assertEquals(executor.taskCount, 0);
  await assertReason(promise);
});

Deno.test("run with a signal: aborted by the poll that answers, the reason stands", async () => {
  for (const answer of ["completes", "fails"]) {
    const { host, executor, controller, probe, start } = setUp();
    if (answer === "completes") probe.complete("value");
    else probe.fail(new Error("failure"));
    probe.onPoll = () => controller.abort(reason);
    const promise = start();
    host.settle();
    assertEquals(probe.drops, 0, "it has ended: nothing is left to drop");
    assertEquals(controller.listeners, 0);
    assertEquals(executor.taskCount, 0);
    assertEquals(host.errors, []);
    await assertReason(promise);
  }
});

Deno.test("run with a signal: aborted after the end, nothing happens", async () => {
  const { host, controller, probe, start } = setUp();
  const promise = start();
  probe.complete("in time");
  host.settle();
  assertEquals(controller.listeners, 0, "the listener went with the task");
  controller.abort(reason);
  assertEquals(await promise, "in time");
  assertEquals(probe.drops, 0);
});

Deno.test("run with a signal: the listener goes when the future fails", () => {
  const { host, controller, probe, start } = setUp();
  start();
  probe.fail(new Error("no"));
  host.settle();
  assertEquals(controller.listeners, 0);
});

Deno.test("run with a signal: the listener goes when the executor is disposed of", async () => {
  const { executor, controller, probe, start } = setUp();
  const promise = start();
  executor[Symbol.dispose]();
  assertEquals(controller.listeners, 0);
  assertEquals(probe.drops, 1);
  await assertRejects(() => promise, Error, "Task 1 was aborted");
});

Deno.test("run with a signal: the reason is the answer, whatever the drop throws", async () => {
  for (const when of ["already", "later"]) {
    const { host, controller, probe, start } = setUp();
    const error = new Error("a bad drop");
    probe.onDrop = () => {
      throw error;
    };
    if (when === "already") controller.abort(reason);
    const promise = start();
    if (when === "later") controller.abort(reason);
    assertEquals(host.errors, [error]);
    await assertReason(promise);
  }
});

Deno.test("run with a signal: the reason need not be an error", async () => {
  const { controller, start } = setUp();
  const promise = start();
  controller.abort("stop");
  assertEquals(await promise.catch((error) => error), "stop");
});

Deno.test("run with a signal: without a reason it is the signal's AbortError", async () => {
  const { controller, start } = setUp();
  const promise = start();
  controller.abort();
  await assertRejects(() => promise, DOMException, "aborted");
});

Deno.test("run with a signal: one signal ends all runs that have it", async () => {
  const { host, executor, controller, start } = setUp();
  const second = executor.run(sleep(5), { signal: controller.signal });
  second.catch(() => {});
  const first = start();
  host.settle();
  assertEquals(executor.timerCount, 1);
  controller.abort(reason);
  assertEquals(executor.timerCount, 0);
  assertEquals(controller.listeners, 0);
  await assertReason(first);
  await assertReason(second);
});

Deno.test("run with a signal: the default executor takes one as well", async () => {
  const controller = new CountingController();
  const probe = new Probe();
  probe.onPoll = () => queueMicrotask(() => controller.abort(reason));
  await assertReason(run(probe, { signal: controller.signal }));
  assertEquals([probe.polls, probe.drops], [1, 1]);
  assertEquals(controller.listeners, 0);
});
