import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { Executor, run } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import {
  CancelledError,
  co,
  type Future,
  FutureMovedError,
  pending,
  PolledAfterCompletionError,
  ready,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

/** What a promise was rejected with. */
function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`fulfilled with ${value}`);
    },
    (reason) => reason,
  );
}

Deno.test("run: it resolves with the future's value", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  const promise = executor.run(probe);
  clock.settle();
  probe.complete("value");
  clock.settle();
  assertEquals(await promise, "value");
  assertEquals(executor.taskCount, 0);
});

Deno.test("run: every value but Pending is an answer", async () => {
  for (const value of [undefined, null, false, 0, "", NaN]) {
    assertStrictEquals(await run(ready(value)), value);
  }
});

Deno.test("run: it rejects with the future's own error, whatever that is", async () => {
  for (const error of [new RangeError("own"), "text", undefined, null, 0]) {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    const promise = executor.run(Probe.failing(error));
    clock.settle();
    assertStrictEquals(await reasonOf(promise), error);
    clock.settle(); // would throw, were the failure reported besides
  }
});

Deno.test("run: nothing is polled before the next turn", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  executor.run(probe).catch(() => {});
  assertEquals(probe.polls, 0);
});

Deno.test("run: what is no future rejects with a TypeError that helps", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const bad: [unknown, string][] = [
    [Promise.resolve(1), "Cannot adopt Promise: it is not a Future; wrap a"],
    [null, "Cannot adopt null: it is not a Future"],
    [undefined, "Cannot adopt undefined: it is not a Future"],
    [() => 1, "Cannot adopt function: it is not a Future"],
  ];
  for (const [value, message] of bad) {
    const promise = executor.run(value as Future<unknown>);
    await assertRejects(() => promise, TypeError, message);
    await assertRejects(() => run(value as Future<unknown>), TypeError);
  }
  assertEquals(executor.taskCount, 0);
});

Deno.test("run: a future that is held rejects, and stays where it is", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  const first = executor.run(probe);
  await assertRejects(() => executor.run(probe), FutureMovedError, "Task");
  await assertRejects(() => run(probe), FutureMovedError);
  clock.settle();
  probe.complete("first");
  clock.settle();
  assertEquals(await first, "first");
  assertEquals(probe.drops, 0);
});

Deno.test("run: a future that has ended rejects", async () => {
  const probe = Probe.ready("once");
  await run(probe);
  await assertRejects(
    () => run(probe),
    PolledAfterCompletionError,
    "Cannot poll probe: it already completed",
  );
});

Deno.test("run: disposing of the executor rejects with a CancelledError", async () => {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  const promise = executor.run(pending());
  clock.settle();
  executor[Symbol.dispose]();
  const reason = await reasonOf(promise);
  assertInstanceOf(reason, CancelledError);
  assertEquals(reason.message, "Cannot go on: Task 1 was aborted");
});

Deno.test("run: without an executor it runs on the default one", async () => {
  using other = new Executor();
  const probe = Probe.ready("done");
  probe.onPoll = () => assertEquals(other.taskCount, 0);
  assertEquals(await run(probe), "done");
});

Deno.test("run: on the platform, the first poll is a microtask away", async () => {
  using executor = new Executor();
  const probe = Probe.ready("done");
  const promise = executor.run(probe);
  assertEquals(probe.polls, 0);
  await Promise.resolve();
  assertEquals(probe.polls, 1);
  await promise;
});

Deno.test("run: inside a task it runs on the executor of that task", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const inner = new Probe();
  // deno-lint-ignore require-yield
  executor.spawn(co(function* () {
    run(inner).catch(() => {});
  }));
  clock.settle();
  assertEquals(inner.polls, 1);
  assertEquals(executor.taskCount, 1);
});

Deno.test("run: the promise is settled in the turn that ends the future", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  let settled = false;
  executor.run(ready(1)).then(() => settled = true);
  await Promise.resolve();
  assertFalse(settled);
  clock.settle();
  await Promise.resolve();
  assert(settled);
});
