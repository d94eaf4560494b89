// Background tasks: what they ask of the host does not keep the process alive.
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { pending } from "../../future/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { LogHost } from "./_log_host.ts";
import { busy } from "./_traced.ts";

/** A host that knows what holds it: timers that are set, and turns to come. */
class HoldingHost extends LogHost {
  readonly held = new Map<unknown, boolean>();
  /** Whether turns are kept back, for the test to look at what is asked for. */
  isClosed = false;
  readonly #kept: (() => void)[] = [];
  #turns = 0;

  override setTimer(delay: number, callback: () => void): unknown {
    const timer = super.setTimer(delay, () => {
      this.held.delete(timer);
      callback();
    });
    this.held.set(timer, true);
    return timer;
  }

  override clearTimer(timer: unknown): void {
    this.held.delete(timer);
    super.clearTimer(timer);
  }

  override macrotask(callback: () => void): unknown {
    const turn = { number: this.#turns++ };
    this.held.set(turn, true);
    const run = () => {
      this.held.delete(turn);
      callback();
    };
    if (this.isClosed) this.#kept.push(run);
    else super.macrotask(run);
    return turn;
  }

  open(): void {
    this.isClosed = false;
    for (const run of this.#kept.splice(0)) super.macrotask(run);
  }

  hold(handle: unknown, holds: boolean): void {
    assert(this.held.has(handle), "it has called, or was taken back");
    this.held.set(handle, holds);
  }

  /** Whether the process would go on now. */
  get holds(): boolean {
    return [...this.held.values()].some((each) => each);
  }
}

function setUp(polls = 1024) {
  const host = new HoldingHost();
  return { host, executor: new Executor({ host, turn: { polls } }) };
}

Deno.test("background: a timer holds as long as a foreground task is there", () => {
  const { host, executor } = setUp();
  const beat = executor.spawn(sleep(50)).unref();
  host.settle();
  assertEquals([host.holds, host.held.size], [false, 1]);
  const work = executor.spawn(sleep(80));
  host.settle();
  assertEquals(host.holds, true);
  host.advance(50);
  assertEquals([beat.isFinished, host.holds], [true, true]);
  const other = executor.spawn(sleep(100)).unref();
  host.settle();
  assertEquals(host.holds, true);
  host.advance(30);
  assertEquals([work.isFinished, other.isFinished], [true, false]);
  assertEquals([host.holds, host.held.size], [false, 1]);
});

Deno.test("background: whatever a foreground task waits for, it may come of any timer", () => {
  const { host, executor } = setUp();
  executor.spawn(sleep(50)).unref();
  const waits = executor.spawn(pending());
  host.settle();
  assertEquals(host.holds, true);
  waits.abort();
  host.settle();
  assertEquals(host.holds, false);
});

Deno.test("background: unref and ref take effect at rest, from inside and outside of a task", () => {
  const { host, executor } = setUp();
  const task = executor.spawn(sleep(50));
  host.settle();
  assertEquals(host.holds, true);
  assertStrictEquals(task.unref(), task);
  host.settle();
  assertEquals(host.holds, false);
  assertStrictEquals(task.ref(), task);
  host.settle();
  assertEquals(host.holds, true);
  task.unref().unref();
  host.settle();
  task.ref();
  host.settle();
  assertEquals(host.holds, true, "twice is once");
  host.advance(50);
  assertEquals(task.isFinished, true);
});

Deno.test("background: the host's timer keeps what was said of it when it is set anew", () => {
  const { host, executor } = setUp();
  executor.spawn(sleep(50)).unref();
  host.settle();
  executor.spawn(sleep(20)).unref(); // sooner: the host's timer is moved
  host.settle();
  assertEquals([host.holds, [...host.set.values()]], [false, [20]]);
  host.advance(20);
  assertEquals([host.holds, host.set.size], [false, 1]);
});

Deno.test("background: a task that ends, however, no longer counts", () => {
  const { host, executor } = setUp();
  for (const end of ["completes", "is aborted", "is dropped"]) {
    const task = executor.spawn(sleep(10)).unref();
    host.settle();
    if (end === "completes") host.advance(10);
    else if (end === "is aborted") task.abort();
    else task[Symbol.dispose]();
    task.unref();
    task.ref();
    const work = executor.spawn(sleep(5));
    host.settle();
    assertEquals(host.holds, true, end);
    host.advance(5);
    assertEquals([work.isFinished, host.holds], [true, false]);
  }
});

Deno.test("background: a task that was detached can be one", () => {
  const { host, executor } = setUp();
  const task = executor.spawn(sleep(50));
  task.detach();
  task.unref();
  host.settle();
  assertEquals(host.holds, false);
});

Deno.test("background: the turns of busy background tasks hold nothing, those of others do", () => {
  const { host, executor } = setUp(4);
  host.isClosed = true;
  let stop = false;
  const spin = () => busy(() => stop ? "stop" : "go on");
  executor.spawn(spin()).unref();
  host.settle(); // now it waits for a turn of the host's
  assertEquals([host.held.size, host.holds], [1, false]);
  const work = executor.spawn(spin());
  assertEquals(host.holds, true, "a turn that was asked for is held again");
  work.abort();
  assertEquals(host.holds, false, "and let go again");
  const other = executor.spawn(spin()).unref();
  assertEquals(host.holds, false);
  other.ref();
  assertEquals(host.holds, true);
  stop = true;
  host.open();
  host.settle();
  executor.spawn(sleep(5)).unref(); // says nothing of the turn that was had
  host.advance(5);
  assertEquals([host.held.size, executor.taskCount], [0, 0]);
});

Deno.test("background: a turn is held again when the last of the background has ended, timers or none", () => {
  for (const hasTimers of [false, true]) {
    const { host, executor } = setUp(4);
    if (hasTimers) executor.spawn(sleep(5));
    host.advance(5);
    host.isClosed = true;
    const first = executor.spawn(busy(() => "go on")).unref();
    host.settle();
    assertEquals(host.holds, false, `${hasTimers}`);
    first.abort();
    using _work = executor.spawn(busy(() => "go on"));
    assertEquals(host.holds, true, `${hasTimers}`);
  }
});

Deno.test("background: without any task, a timer that was polled by hand holds", () => {
  const { host, executor } = setUp();
  executor.spawn(sleep(5)).unref();
  host.advance(5);
  const waker = wakeCounter();
  executor.spawn(busy(() => {
    pollOnce(sleep(10), waker);
    return "stop";
  }));
  host.settle();
  assertEquals(host.holds, true);
});

Deno.test("background: a host that knows no processes is not asked", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  executor.spawn(sleep(5)).unref();
  host.advance(5);
  assertEquals(executor.taskCount, 0);
});

// The real thing: processes that end by themselves, or do not.

const url = (path: string) => new URL(`../../${path}/mod.ts`, import.meta.url);

/** Runs a program; what it printed, and after how long it ended. */
async function program(
  body: string,
): Promise<{ out: string; code: number }> {
  const script = `
    const { run, spawn, yieldNow } = await import("${url("executor")}");
    const { interval, sleep } = await import("${url("executor/time")}");
    const { co } = await import("${url("future")}");
    globalThis.addEventListener("unload", () => console.log("end"));
    ${body}
  `;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "--no-config",
      `data:text/javascript,${encodeURIComponent(script)}`,
    ],
    signal: AbortSignal.timeout(20_000), // reached only if it hangs
  }).output();
  const text = new TextDecoder();
  return { out: text.decode(stdout) + text.decode(stderr), code };
}

const BEAT = `
  spawn(co(function* () {
    using beat = interval(600_000);
    for (;;) yield* beat.tick();
  })).unref().detach();
`;

Deno.test("background: a process with nothing but a background interval ends at once", async () => {
  assertEquals(await program(BEAT), { out: "end\n", code: 0 });
});

Deno.test("background: a process stays for a foreground sleep, and ends after it", async () => {
  const work = `
    spawn(co(function* () {
      yield* sleep(30);
      console.log("slept");
    })).detach();
  `;
  assertEquals(await program(BEAT + work), { out: "slept\nend\n", code: 0 });
});

Deno.test("background: a process stays for foreground turns, not for background ones", async () => {
  const body = (after: string) => `
    let polls = 0;
    spawn(co(function* () {
      while (++polls < 1e9) yield* yieldNow();
    })).unref().detach();
    ${after}
  `;
  assertEquals(await program(body("")), { out: "end\n", code: 0 });
  const work = `
    spawn(co(function* () {
      for (let i = 0; i < 5000; i++) yield* yieldNow();
      console.log("worked");
    })).detach();
  `;
  assertEquals(await program(body(work)), { out: "worked\nend\n", code: 0 });
});

Deno.test("background: of a task that has ended nothing is held against others", () => {
  const { host, executor } = setUp();
  const ended = executor.spawn(sleep(0));
  host.settle();
  assertEquals([ended.isFinished, ended.unref()], [true, ended]);
  executor.spawn(sleep(50));
  host.settle();
  assertEquals(host.holds, true);
});
