// The promise side: @std/async does to promises what we do to futures.
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { abortable, deadline } from "@std/async";
import { Executor, run } from "../../executor/mod.ts";
import { timeout, TimeoutError } from "../../executor/time/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import {
  co,
  fromPromise,
  fromSignal,
  join,
  pending,
  race,
  ready,
  select,
} from "../../future/mod.ts";

/** Work that can be stopped, and says whether it was. */
function work(): {
  start: (signal: AbortSignal) => Promise<string>;
  log: string[];
  finish: () => void;
} {
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  return {
    log,
    finish: () => resolve("finished"),
    start: (signal) => {
      log.push("started");
      signal.addEventListener("abort", () => log.push("stopped"));
      return promise;
    },
  };
}

Deno.test("bridge: a promise awaited and a future of it have the same outcome", async () => {
  const outcomes: [() => Promise<unknown>, unknown][] = [
    [() => Promise.resolve(1), 1],
    [async () => (await Promise.resolve(), "later"), "later"],
  ];
  for (const [make, value] of outcomes) {
    assertEquals(await run(fromPromise(make())), value);
    assertEquals(await run(fromPromise(make)), value);
  }
  const error = new Error("the same object");
  await assertRejects(
    () => run(fromPromise(Promise.reject(error))),
    Error,
    "the same object",
  );
});

Deno.test("bridge: abortable stops waiting for the work, a dropped fromPromise stops the work as well", async () => {
  const controller = new AbortController();
  const theirs = work();
  const promise = abortable(
    theirs.start(new AbortController().signal),
    controller.signal,
  );
  const ours = work();
  const future = run(select({
    work: fromPromise(ours.start),
    stop: fromSignal(controller.signal),
  }));
  await Promise.resolve();
  controller.abort(new Error("enough"));
  await assertRejects(() => promise, Error, "enough");
  assertEquals((await future).key, "stop");
  assertEquals(theirs.log, ["started"]);
  assertEquals(ours.log, ["started", "stopped"]);
});

Deno.test("bridge: what abortable lets through, select lets through", async () => {
  const controller = new AbortController();
  const [theirs, ours] = [work(), work()];
  const promise = abortable(theirs.start(controller.signal), controller.signal);
  const future = run(race([
    fromPromise(ours.start),
    fromSignal(controller.signal),
  ]));
  theirs.finish();
  ours.finish();
  assertEquals(await promise, await future);
  controller.abort();
  assertEquals(ours.log, ["started"], "the work had ended");
});

Deno.test("bridge: a promise under deadline is a future like any other", async () => {
  const { start, finish } = work();
  const signal = new AbortController().signal;
  const future = fromPromise(() => deadline(start(signal), 60_000));
  const value = run(future);
  finish();
  assertEquals(await value, "finished");
});

Deno.test("bridge: timeout over fromPromise stops the work, on a clock that is driven", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const { start, log } = work();
  const promise = executor.run(timeout(fromPromise(start), 50));
  promise.catch(() => {});
  clock.advance(49);
  assertEquals(log, ["started"]);
  clock.advance(1);
  await assertRejects(() => promise, TimeoutError);
  assertEquals(log, ["started", "stopped"]);
});

Deno.test("bridge: a run that is aborted drops the promise's future, which stops the work", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const controller = new AbortController();
  const { start, log } = work();
  const promise = executor.run(join([fromPromise(start), pending()]), {
    signal: controller.signal,
  });
  clock.settle();
  assertEquals(log, ["started"]);
  controller.abort(new Error("changed my mind"));
  await assertRejects(() => promise, Error, "changed my mind");
  assertEquals(log, ["started", "stopped"]);
});

Deno.test("bridge: co waits for promises between futures", async () => {
  const value = await run(co(function* () {
    const a = yield* fromPromise(() => Promise.resolve(20));
    const b = yield* ready(1);
    try {
      yield* fromPromise(Promise.reject("no"));
    } catch (error) {
      assertStrictEquals(error, "no");
    }
    return a + b;
  }));
  assertEquals(value, 21);
});
