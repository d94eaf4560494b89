import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import { platformHost } from "../../executor/_host.ts";
import { Executor, run, yieldNow } from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { co } from "../../future/mod.ts";
import { busy } from "./_traced.ts";

const platform = globalThis as unknown as Record<string, unknown>;

/** Runs `body` with a global replaced, or taken away. */
async function withGlobal(
  name: string,
  value: unknown,
  body: () => unknown,
): Promise<void> {
  const original = Object.getOwnPropertyDescriptor(platform, name)!;
  Object.defineProperty(platform, name, {
    value,
    configurable: true,
    writable: true,
  });
  try {
    await body();
  } finally {
    Object.defineProperty(platform, name, original);
  }
}

Deno.test("platform host: the time is performance.now()", () => {
  const before = performance.now();
  const now = platformHost.now();
  assert(before <= now && now <= performance.now());
});

Deno.test("platform host: random is in [0, 1)", () => {
  for (let i = 0; i < 1000; i++) {
    const number = platformHost.random();
    assertGreaterOrEqual(number, 0);
    assertLess(number, 1);
  }
});

Deno.test("platform host: a delay is rounded up, since hosts cut fractions off", async () => {
  const delays: unknown[] = [];
  await withGlobal("setTimeout", (_callback: () => void, delay: number) => {
    delays.push(delay);
  }, () => {
    for (const delay of [0, 0.01, 1, 1.5, 2 ** 31 - 1]) {
      platformHost.setTimer(delay, () => {});
    }
  });
  assertEquals(delays, [0, 1, 1, 2, 2 ** 31 - 1]);
});

Deno.test("platform host: a macrotask comes after the microtasks, in order", async () => {
  const log: string[] = [];
  await new Promise<void>((resolve) => {
    platformHost.macrotask(() => log.push("macrotask 1"));
    platformHost.macrotask(() => {
      log.push("macrotask 2");
      resolve();
    });
    platformHost.microtask(() => log.push("microtask 1"));
    platformHost.microtask(() => log.push("microtask 2"));
  });
  assertEquals(
    log,
    ["microtask 1", "microtask 2", "macrotask 1", "macrotask 2"],
  );
});

/** Stands in for `setImmediate`: what it was given, one by one. */
class FakeImmediates {
  readonly waiting: (() => void)[] = [];
  #last = { holds: true };

  readonly set = (callback: () => void): object => {
    this.waiting.push(callback);
    const own = { holds: true };
    this.#last = own;
    return {
      ref: () => void (own.holds = true),
      unref: () => void (own.holds = false),
    };
  };

  /** Whether the last one holds the process. */
  get holds(): boolean {
    return this.#last.holds;
  }

  /** How often it goes round until `isDone`. */
  roundsUntil(isDone: () => boolean): number {
    let rounds = 0;
    for (; !isDone(); rounds++) this.waiting.shift()!();
    return rounds;
  }
}

/** How many ms a turn took, and whether there was news while the host had its. */
type Turn = number | undefined | [busy: number, hasNews: boolean];

/** Rounds of the loop after each of several turns. */
async function roundsAfter(turns: Turn[]): Promise<number[]> {
  const immediates = new FakeImmediates();
  const rounds: number[] = [];
  await withGlobal("setImmediate", immediates.set, () => {
    for (const turn of turns) {
      const [busy, hasNews] = Array.isArray(turn) ? turn : [turn];
      let done = false;
      platformHost.macrotask(() => done = true, busy, hasNews);
      rounds.push(immediates.roundsUntil(() => done));
    }
  });
  assertEquals(immediates.waiting, []);
  return rounds;
}

Deno.test("platform host: after a millisecond of work the loop goes round until sockets have had their turn", async () => {
  // The first one pays for whatever there was before.
  assertEquals(await roundsAfter([1, 1, 50]), [61, 61, 61]);
  assertEquals(await roundsAfter([1, 0.99, 0, 0]), [61, 1, 1, 1]);
});

Deno.test("platform host: the work of several turns adds up", async () => {
  assertEquals(
    await roundsAfter([1, 0.25, 0.25, 0, undefined, 0.25, 0.25, 0.5, 0.5]),
    [61, 1, 1, 1, 1, 1, 61, 1, 61],
  );
});

Deno.test("platform host: while there is news, half a millisecond is enough", async () => {
  assertEquals(
    await roundsAfter([1, [0.49, true], [0.5, true], [0.5, true], 0.5, 0.5]),
    [61, 1, 61, 61, 1, 61],
  );
  // It need not be this very turn's: sockets had theirs some turns ago.
  assertEquals(
    await roundsAfter([1, [0.2, true], [0.2, false], 0.1, 0.9, 0.1]),
    [61, 1, 1, 61, 1, 61],
  );
});

Deno.test("platform host: in another one than Deno the loop goes round once", async () => {
  await withGlobal("Deno", undefined, async () => {
    assertEquals(await roundsAfter([1, 1, 50]), [1, 1, 1]);
  });
});

Deno.test("platform host: in whichever round, what was said about holding the process counts", async () => {
  const immediates = new FakeImmediates();
  await withGlobal("setImmediate", immediates.set, () => {
    let done = false;
    const turn = platformHost.macrotask(() => done = true, 1);
    assertEquals(immediates.holds, true);
    immediates.waiting.shift()!();
    assertEquals(immediates.holds, true);
    platformHost.hold!(turn, false);
    assertEquals(immediates.holds, false);
    immediates.waiting.shift()!();
    assertEquals(immediates.holds, false);
    platformHost.hold!(turn, true);
    assertEquals(immediates.holds, true);
    immediates.roundsUntil(() => done);
    assertEquals(immediates.holds, true);
  });
});

// The sanitizers of these two tests see to it that the channel is closed.

Deno.test("platform host: without setImmediate, messages let timers through", async () => {
  // Counted are rounds, not time: a message a poll, from when the timer is due.
  // It takes 61 as a rule, for Deno looks at its timers as at its sockets then.
  const PATIENCE = 10_000;
  await withGlobal("setImmediate", undefined, async () => {
    using executor = new Executor({ turn: { polls: 1 } });
    const due = performance.now() + 1;
    let done = false;
    let late = 0;
    executor.spawn(busy(() => {
      if (performance.now() > due) late++;
      return done || late > PATIENCE ? "stop" : "go on";
    }));
    await executor.run(sleep(1));
    done = true;
    await executor.run(yieldNow());
    assertLess(late, PATIENCE);
  });
});

Deno.test("platform host: without setImmediate, turns keep their order", async () => {
  await withGlobal("setImmediate", undefined, async () => {
    const log: number[] = [];
    await new Promise<void>((resolve) => {
      for (let i = 0; i < 3; i++) {
        platformHost.macrotask(() => {
          log.push(i);
          platformHost.macrotask(() => log.push(i + 3) === 6 && resolve());
        });
      }
    });
    assertEquals(log, [0, 1, 2, 3, 4, 5]);
  });
});

Deno.test("platform host: a process without setImmediate ends when all is done", async () => {
  const script = `
    delete globalThis.setImmediate;
    const { run, yieldNow } = await import("${new URL(
    "../../executor/mod.ts",
    import.meta.url,
  )}");
    const { co } = await import("${new URL(
    "../../future/mod.ts",
    import.meta.url,
  )}");
    await run(co(function* () {
      for (let i = 0; i < 3000; i++) yield* yieldNow();
    }));
    console.log("all done");
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "--no-config",
      `data:text/javascript,${encodeURIComponent(script)}`,
    ],
    signal: AbortSignal.timeout(30_000), // reached only if it hangs
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await child.output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(new TextDecoder().decode(stdout), "all done\n");
  assertEquals(code, 0);
});

Deno.test("platform host: a real timer is not early, and tells the default executor's time", async () => {
  for (const delay of [0.25, 1, 1.9, 3]) {
    await run(co(function* () {
      const start = performance.now();
      yield* sleep(delay);
      assertGreaterOrEqual(performance.now() - start, delay);
    }));
  }
});
