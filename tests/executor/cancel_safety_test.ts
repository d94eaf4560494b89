import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import * as executorModule from "../../executor/mod.ts";
import * as observeModule from "../../executor/observe/mod.ts";
import * as timeModule from "../../executor/time/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import { type Context, Future, Pending, type Poll } from "../../future/mod.ts";
import { futures, methods, noFutures, streams } from "./_claims.ts";
import { Probe } from "../_probe.ts";
import { inside } from "./_inside.ts";
import { LogHost } from "./_log_host.ts";
import { SignalHost } from "./_signal_host.ts";

const { Executor, yieldNow } = executorModule;
const { AsyncTimer, sleepUntil, sleep, timeout, timeoutAt } = timeModule;

/** Polls a future so many times, then drops it and completes. */
class DropAfter extends Future<"dropped" | "ended"> {
  readonly #inner: Future<unknown>;
  #left: number;

  constructor(inner: Future<unknown>, polls: number) {
    super();
    this.#inner = inner;
    this.#left = polls;
  }

  override poll(cx: Context): Poll<"dropped" | "ended"> {
    if (this.#left > 0) {
      this.#left--;
      try {
        if (this.#inner.poll(cx) !== Pending) return "ended";
      } catch {
        return "ended";
      }
      if (this.#left > 0) return Pending;
    }
    this.#inner[Symbol.dispose]();
    return "dropped";
  }
}

Deno.test("cancel safety: every export is in the table, or no future", () => {
  assertEquals(
    [executorModule, observeModule, timeModule].flatMap(Object.keys).toSorted(),
    [
      ...Object.keys(futures),
      ...Object.keys(streams),
      ...noFutures,
    ].toSorted(),
  );
});

Deno.test("cancel safety: the docs of each say what the table says", async () => {
  for (
    const [name, { file, says }] of Object.entries({
      ...futures,
      ...streams,
      ...methods,
    })
  ) {
    const url = new URL(`../../executor/${file}`, import.meta.url);
    const source = await Deno.readTextFile(url);
    const at = source.search(
      new RegExp(
        `^(export (class|interface|function)| ) ${name}\\b.*[({<]`,
        "m",
      ),
    );
    assert(at > 0, name);
    const doc = source.slice(source.lastIndexOf("/**", at), at)
      .replaceAll(/\n +\* ?/g, " ").replaceAll(/ +/g, " ");
    assertStringIncludes(doc, `Cancel safety: ${says}`, name);
  }
});

Deno.test("cancel safety: dropped after any number of polls, each leaves nothing", async (t) => {
  for (
    const [name, { make }] of Object.entries({
      ...futures,
      ...methods,
      ...streams,
    })
  ) {
    await t.step(name, () => {
      let ended = false;
      for (let polls = 0; !ended; polls++) {
        assert(polls < 12, `${name} does not end`);
        const host = new SignalHost();
        using executor = new Executor({ host });
        const task = executor.spawn(new DropAfter(make(executor), polls));
        host.advance(10);
        ended = pollOnce(task) === "ended";
        assertEquals(executor.taskCount, 0);
        assertEquals(executor.timerCount, 0);
        assertEquals(host.set.size, 0, "timers in the host");
        assertEquals(host.names, [], "signals listened to");
        assertEquals(host.errors, []);
      }
    });
  }
});

Deno.test("cancel safety: a dropped JoinHandle has dropped the task's future", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const probe = new Probe();
  executor.spawn(probe)[Symbol.dispose]();
  assertEquals(probe.drops, 1);
});

Deno.test("cancel safety: a timer made anew starts anew, sleepUntil goes on", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const finish = (make: () => Future<void>) => {
    const start = host.now();
    const dropped = make();
    inside(executor, host, () => pollOnce(dropped));
    host.advance(6);
    dropped[Symbol.dispose]();
    const task = executor.spawn(make());
    for (let ms = 0; !task.isFinished; ms++) {
      assertFalse(ms > 100);
      host.advance(1);
    }
    return host.now() - start;
  };
  assertEquals(finish(() => sleep(10)), 16);
  assertEquals(finish(() => new AsyncTimer(10)), 16);
  const deadline = host.now() + 10;
  assertEquals(finish(() => sleepUntil(deadline)), 10);
});

Deno.test("cancel safety: a timeout that is dropped keeps nothing of what it limits", () => {
  for (const limited of [timeout, timeoutAt]) {
    const host = new LogHost();
    using executor = new Executor({ host });
    const probe = new Probe();
    const task = executor.spawn(limited(probe, 10));
    host.settle();
    task.abort();
    assertEquals(probe.drops, 1);
    assertEquals(executor.timerCount, 0);
  }
});

Deno.test("cancel safety: a yieldNow that is dropped has woken, and wakes no more", () => {
  const waker = wakeCounter();
  const future = yieldNow();
  pollOnce(future, waker);
  future[Symbol.dispose]();
  assertEquals(waker.count, 1);
});
