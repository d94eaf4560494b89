import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Executor, scope, shutdown } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import { interval } from "../../executor/time/mod.ts";
import { lazy, ready } from "../../future/mod.ts";

const anything = (value: unknown) => value as never;

Deno.test("options: a limit whose name is misspelt is refused, not left out", () => {
  const bad: [() => unknown, there: string][] = [
    [
      () => scope(function* () {}, anything({ timout: 1 })),
      "timeout, deadline",
    ],
    [() => shutdown(anything({ gracePeriod: 1 })), "signals, grace"],
    [() => interval(1, anything({ mised: "skip" })), "missed, start"],
  ];
  for (const [call, there] of bad) {
    assertThrows(call, TypeError, `there is none; there are ${there}`);
  }
});

Deno.test("options: what should cancel, and is of another kind, is refused", () => {
  const { signal } = new AbortController();
  assertThrows(
    () => scope(function* () {}, { token: anything(signal) }),
    TypeError,
    "token must be a CancellationToken, got AbortSignal",
  );
  assertThrows(
    () => shutdown({ signals: anything("SIGINT") }),
    TypeError,
    "signals must be an array, got string",
  );
});

Deno.test("options: a run with a signal that is none does not begin", async () => {
  const executor = new Executor({ host: new VirtualClock() });
  let begun = false;
  const work = () => lazy(() => begun = true);
  const controller = new AbortController();
  for (
    const [options, message] of [
      [{ signal: controller }, "must be an AbortSignal, got AbortController"],
      [{ signal: 5 }, "must be an AbortSignal, got number"],
      [
        { sginal: controller.signal },
        "sginal: there is none; there are signal",
      ],
    ] as const
  ) {
    await assertRejects(
      () => executor.run(work(), anything(options)),
      TypeError,
      message,
    );
  }
  assertEquals([begun, executor.taskCount], [false, 0]);
});

Deno.test("options: a run without a signal, said or not, is one", async () => {
  const executor = new Executor();
  for (const options of [{}, { signal: undefined }, { signal: null }]) {
    assertEquals(await executor.run(ready(1), anything(options)), 1);
  }
});
