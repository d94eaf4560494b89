import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { spawn } from "../../../executor/mod.ts";
import { observe } from "../../../executor/observe/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { co, Pending, pollFn } from "../../../future/mod.ts";
import { Probe } from "../../_probe.ts";
import { deno } from "../../project/_deno.ts";
import { observed } from "./_world.ts";

const API = Symbol.for("opentelemetry.js.api.1");
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");
const globals = globalThis as unknown as Record<symbol, unknown>;

/** A context as the API has them: values under keys, never changed. */
class FakeContext {
  constructor(readonly values: ReadonlyMap<symbol, unknown>) {}
  setValue(key: symbol, value: unknown): FakeContext {
    return new FakeContext(new Map(this.values).set(key, value));
  }
  get span(): string {
    return `${this.values.get(SPAN) ?? "root"}`;
  }
}

/** Stands in for a telemetry that is set up, and notes what it is told. */
class FakeTelemetry {
  readonly log: string[] = [];
  /** What it throws from the named call. */
  broken: string | null = null;
  /** What it does at the named call. */
  onCall: ((call: string) => void) | null = null;
  #active = new FakeContext(new Map());

  trace = {
    getTracer: (name: string) => {
      this.log.push(`tracer ${name}`);
      return { startSpan: this.#startSpan };
    },
  };

  context: object | undefined = {
    active: () => this.#active,
    with: (context: FakeContext, run: () => void) => {
      this.#note("with");
      const outer = this.#active;
      this.#active = context;
      run();
      this.#active = outer;
    },
  };

  get activeSpan(): string {
    return this.#active.span;
  }

  #note(call: string, text?: string): void {
    if (text !== undefined) this.log.push(text);
    this.onCall?.(call);
    if (this.broken === call) throw new Error(`${call} is broken`);
  }

  #startSpan = (
    name: string,
    { attributes }: { attributes: object },
    context?: FakeContext,
  ) => {
    const below = context === undefined ? "" : ` below ${context.span}`;
    this.#note("start", `start ${name}${below} ${JSON.stringify(attributes)}`);
    return {
      toString: () => name,
      setAttributes: (attributes: object) =>
        this.#note("set", `${name} ${JSON.stringify(attributes)}`),
      addEvent: (event: string) => this.#note("event", `${name}: ${event}`),
      recordException: (error: unknown) =>
        this.#note("exception", `${name}: ${error}`),
      setStatus: ({ code }: { code: number }) =>
        this.#note("status", `${name}: status ${code}`),
      end: () => this.#note("end", `end ${name}`),
    };
  };
}

/** Runs with a telemetry set up, and takes it away again. */
function withTelemetry(body: (telemetry: FakeTelemetry) => void): void {
  const telemetry = new FakeTelemetry();
  const real = globals[API];
  globals[API] = telemetry;
  try {
    body(telemetry);
  } finally {
    if (real === undefined) delete globals[API];
    else globals[API] = real;
  }
}

Deno.test("spans: one for each task, from its spawn to its end, below that of the task that spawned it", () => {
  withTelemetry((telemetry) => {
    using world = observed({ spans: true });
    const { clock, executor } = world;
    executor.spawn(
      co(function* outer() {
        spawn(sleep(5), { name: "inner" });
        clock.spend(2);
        yield* sleep(1);
      }),
    );
    clock.advance(10);
    assertEquals(telemetry.log, [
      "tracer @pollen/futures",
      'start co outer below root {"pollen.task.id":1}',
      'start inner below co outer {"pollen.task.id":2}',
      'co outer {"pollen.task.polls":2,"pollen.task.busy_ms":2}',
      "end co outer",
      'inner {"pollen.task.polls":2,"pollen.task.busy_ms":0}',
      "end inner",
    ]);
  });
});

Deno.test("spans: the span is the active one in its task's polls, and not outside of them", () => {
  withTelemetry((telemetry) => {
    using world = observed({ spans: true });
    const seen: string[] = [];
    for (const name of ["a", "b"]) {
      let polls = 0;
      const twice = pollFn((cx) => {
        seen.push(telemetry.activeSpan);
        if (++polls === 2) return;
        cx.waker.wake();
        return Pending;
      });
      world.executor.spawn(twice, { name });
    }
    world.clock.settle();
    assertEquals([...seen, telemetry.activeSpan], ["a", "b", "a", "b", "root"]);
  });
});

Deno.test("spans: a failure, an abort and a finding stand in the span", () => {
  withTelemetry((telemetry) => {
    using world = observed({ spans: true });
    const { clock, executor } = world;
    executor.spawn(Probe.failing(new RangeError("no")), { name: "fails" });
    executor.spawn(new Probe(), { name: "aborted" }).abort();
    executor.spawn(
      pollFn(() => {
        clock.spend(51);
        return 1;
      }),
      { name: "slow" },
    );
    clock.settle();
    const of = (name: string) =>
      telemetry.log.filter((each) =>
        new RegExp(`^(end )?${name}\\b(?! \\{)`).test(each)
      );
    assertEquals(of("fails"), [
      "fails: RangeError: no",
      "fails: status 2",
      "end fails",
    ]);
    assertEquals(of("aborted"), ["aborted: cancelled", "end aborted"]);
    assertEquals(of("slow"), ["slow: never-yields", "end slow"]);
  });
});

Deno.test("spans: those that are open end with the observation", () => {
  withTelemetry((telemetry) => {
    const world = observed({ spans: true });
    world.executor.spawn(new Probe(), { name: "goes on" });
    world.executor.spawn(Probe.ready(1), { name: "done" });
    world.clock.settle();
    world.observation[Symbol.dispose]();
    assertEquals(telemetry.log.slice(-3), [
      "end done",
      "goes on: observation ended",
      "end goes on",
    ]);
    world[Symbol.dispose]();
    assertEquals(telemetry.log.length, 7);
  });
});

Deno.test("spans: a task from before the observation has none", () => {
  withTelemetry((telemetry) => {
    using world = observed();
    const probe = new Probe();
    world.executor.spawn(probe);
    world.clock.settle();
    world.observation[Symbol.dispose]();
    using _observation = observe({ spans: true }, world.executor);
    probe.complete("");
    world.clock.settle();
    assertEquals(telemetry.log, ["tracer @pollen/futures"]);
  });
});

Deno.test("spans: without a context manager they stand side by side", () => {
  withTelemetry((telemetry) => {
    telemetry.context = undefined;
    using world = observed({ spans: true });
    const outer = pollFn(() => {
      spawn(Probe.ready(1), { name: "inner" });
    });
    world.executor.spawn(outer, { name: "outer" });
    world.clock.settle();
    assertEquals(telemetry.log.filter((each) => each.startsWith("start")), [
      'start outer {"pollen.task.id":1}',
      'start inner {"pollen.task.id":2}',
    ]);
    assertEquals(world.observation.metrics().tasksCompleted, 2);
  });
});

Deno.test("spans: whatever the telemetry throws is reported, and each task is polled once", () => {
  for (
    const call of [
      "start",
      "with",
      "set",
      "event",
      "exception",
      "status",
      "end",
    ]
  ) {
    withTelemetry((telemetry) => {
      using world = observed({ spans: true });
      const { clock, executor, observation } = world;
      telemetry.broken = call;
      executor.spawn(Probe.failing(new Error("no")));
      executor.spawn(new Probe()).abort();
      executor.spawn(Probe.ready(1));
      try {
        clock.settle();
        throw new Error("nothing was reported");
      } catch (error) {
        const errors = error instanceof AggregateError ? error.errors : [error];
        assertEquals(
          new Set(errors.map((each) => each.message)),
          new Set([`${call} is broken`]),
        );
      }
      const { polls, tasksFailed, tasksCancelled, tasksCompleted } = observation
        .metrics();
      assertEquals(
        [polls, tasksFailed, tasksCancelled, tasksCompleted],
        [2, 1, 1, 1],
        call,
      );
      telemetry.broken = null;
    });
  }
});

Deno.test("spans: a telemetry that fails at once is reported, and the executor is observed without", () => {
  const real = globals[API];
  globals[API] = {
    trace: {
      getTracer() {
        throw new Error("no tracer");
      },
    },
  };
  try {
    using world = observed({ spans: true });
    world.executor.spawn(Probe.ready(1));
    assertThrows(() => world.clock.settle(), Error, "no tracer");
    assertEquals(world.observation.metrics().tasksCompleted, 1);
  } finally {
    if (real === undefined) delete globals[API];
    else globals[API] = real;
  }
});

Deno.test("spans: where no telemetry is set up nothing is made", () => {
  const real = globals[API];
  for (const api of [undefined, {}, { trace: {} }]) {
    globals[API] = api;
    using world = observed({ spans: true });
    world.executor.spawn(Probe.ready(1));
    world.clock.settle();
    assertEquals(world.observation.metrics().tasksCompleted, 1);
  }
  if (real === undefined) delete globals[API];
  else globals[API] = real;
});

Deno.test("spans: Deno's own telemetry takes them, with the tasks' parents", async () => {
  const from = (path: string) =>
    JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
  const program = `
    import { run, spawn } from ${from("executor/mod.ts")};
    import { observe } from ${from("executor/observe/mod.ts")};
    import { co, ready } from ${from("future/mod.ts")};
    const observation = observe({ spans: true });
    await run(co(function* outer() {
      yield* spawn(ready(1), { name: "inner" });
    }));
    observation[Symbol.dispose]();
  `;
  const { code, stdout, stderr } = await deno(["eval", program], {
    env: { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "console" },
  });
  assertEquals(code, 0, stderr);
  const [, outer] = /^SPAN co outer \[\w+\/(\w+)\]/m.exec(stdout + stderr) ??
    [];
  assert(outer !== undefined, stdout + stderr);
  assertMatch(
    stdout + stderr,
    new RegExp(
      `^SPAN inner .*\n  parent: ${outer}\n(  .*\n)*  pollen.task.polls: 1`,
      "m",
    ),
  );
});

Deno.test("spans: what they take themselves is no poll's time", () => {
  withTelemetry((telemetry) => {
    using world = observed({ spans: true });
    const { clock, executor, observation } = world;
    telemetry.onCall = (call) => call === "end" && clock.spend(100);
    for (let i = 0; i < 3; i++) executor.spawn(pollFn(() => clock.spend(2)));
    clock.settle();
    assertEquals(observation.metrics().busyMs, 6);
  });
});
