import { assert, assertEquals, assertThrows } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { dumpOnSignal, observe } from "../../../executor/observe/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { co, Pending, pollFn } from "../../../future/mod.ts";

/** A clock whose host has signals, which the test sends. */
class SignalClock extends VirtualClock {
  readonly listeners = new Map<string, () => void>();

  onSignal(name: string, callback: () => void): () => void {
    if (!name.startsWith("SIG")) throw new TypeError(`no such signal: ${name}`);
    this.listeners.set(name, callback);
    return () => this.listeners.delete(name);
  }
}

function world(): {
  clock: SignalClock;
  executor: Executor;
  written: string[];
  write: (text: string) => void;
} {
  const clock = new SignalClock();
  const written: string[] = [];
  return {
    clock,
    executor: new Executor({ host: clock }),
    written,
    write: (text) => written.push(text),
  };
}

Deno.test("dump on signal: it writes what all tasks do, and what was found ill", () => {
  const { clock, executor, written, write } = world();
  using _observation = observe({}, executor);
  executor.spawn(co(function* nap() {
    yield* sleep(5);
  }));
  executor.spawn(pollFn(() => Pending), { name: "lost" });
  clock.settle();
  const dumps = dumpOnSignal({ executor, write });
  clock.listeners.get("SIGUSR1")!();
  assertEquals(written, [
    `2 tasks, 1 timer
task 1 {1 poll, 0.0 ms busy, last 0 ms ago} waiting: co nap › AsyncTimer (5 ms left)
task 2 "lost" {1 poll, 0.0 ms busy, last 0 ms ago} waiting: pollFn
lost-waker: task 2 "lost": it waits, and none of its polls has asked for the waker, so nobody can wake it`,
  ]);
  dumps[Symbol.dispose]();
  assertEquals(clock.listeners.size, 0);
});

Deno.test("dump on signal: what cannot be written is reported, and the program goes on", () => {
  const { clock, executor } = world();
  using _dumps = dumpOnSignal({
    executor,
    signal: "SIGUSR2",
    write: () => {
      throw new Error("the pipe is broken");
    },
  });
  clock.listeners.get("SIGUSR2")!();
  assertThrows(() => clock.settle(), Error, "the pipe is broken");
});

Deno.test("dump on signal: a signal that does not exist is refused, and a host without any", () => {
  assertThrows(() => dumpOnSignal({ signal: "SIGNONSENSE" }), TypeError);
  using executor = new Executor({ host: new VirtualClock() });
  assertThrows(
    () => dumpOnSignal({ executor }),
    TypeError,
    "Cannot listen for SIGUSR1: the executor's host has no signals",
  );
});

Deno.test({
  name:
    "dump on signal: SIGUSR1 has a program write to its standard error output, as often as it comes, and go on",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using child = start(`
      using _dumps = dumpOnSignal();
      spawn(pending(), { name: "stuck" });
      await run(co(function* main() {
        console.log("ready");
        yield* sleep(60_000);
      }));
    `);
    await child.until("ready");
    for (const n of [1, 2]) {
      child.process.kill("SIGUSR1");
      const text = await child.until("pending (for ever)", n);
      assert(text.includes('task 1 "stuck" waiting: pending (for ever)'), text);
      assert(/task 2 waiting: co main › AsyncTimer \(\d+ ms left\)/.test(text));
    }
  },
});

Deno.test({
  name: "dump on signal: listening does not hold the process",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using child = start(`dumpOnSignal(); console.log("end");`);
    assertEquals((await child.process.status).code, 0);
  },
});

interface Child extends AsyncDisposable {
  process: Deno.ChildProcess;
  /** Waits until a text was printed so many times; all that was printed. */
  until(text: string, times?: number): Promise<string>;
}

/** Starts a program that can name what it needs. */
function start(body: string): Child {
  const from = (path: string) =>
    JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
  const program = `
    import { run, spawn } from ${from("executor/mod.ts")};
    import { dumpOnSignal } from ${from("executor/observe/mod.ts")};
    import { sleep } from ${from("executor/time/mod.ts")};
    import { co, pending } from ${from("future/mod.ts")};
    ${body}
  `;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let printed = "";
  let onText = () => {};
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      printed += text;
      onText();
    }
  };
  const reading = Promise.all([read(process.stdout), read(process.stderr)]);
  return {
    process,
    async until(text, times = 1) {
      while (printed.split(text).length <= times) {
        const { promise, resolve } = Promise.withResolvers<void>();
        onText = resolve;
        await promise;
      }
      return printed;
    },
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGKILL");
      } catch {
        // it has ended by itself
      }
      await process.status;
      await reading;
    },
  };
}
