// Promises in a simulation: allowed by name, they take their course between two
// events, and all still follows from the seed.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromPromise } from "../../../future/mod.ts";
import { run } from "../../../executor/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { httpFixture, SimFailure, simulate } from "../../../net/sim/mod.ts";

const allowPromises = ["web"];

Deno.test("sim promises: fetch, streams and bodies of the web's, at simulated times", async () => {
  const net = { latency: [1, 50], chunk: [1, 30] } as const;
  const report = await simulate(
    { runs: 40, net, allowPromises },
    function* (sim) {
      let posts = 0;
      sim.host(
        "a.test",
        httpFixture(({ method, body }) => {
          if (method === "POST") posts++;
          return `${method} ${body}`.repeat(10);
        }),
      );
      const client = sim.client({ deadlines: { read: 500 } });
      const web = sim.spawn(
        fromPromise(async () => {
          const body = new ReadableStream({
            async start(controller) {
              await run(sleep(3000));
              controller.enqueue(new TextEncoder().encode("hello"));
              controller.close();
            },
          });
          const request = new Request("http://a.test/", {
            method: "POST",
            body,
            headers: { "content-length": "5" },
          });
          const posted = await client.fetch(request);
          let text = "";
          for await (
            const piece of posted.body!.pipeThrough(new TextDecoderStream())
          ) text += piece;
          const got = await client.fetch("http://a.test/");
          return [text, await got.text()];
        }),
        { name: "web" },
      );
      const texts = yield* web;
      sim.always(
        "the bodies are those that were sent",
        texts[0] ===
            "POST hello".repeat(10) && texts[1] === "GET ".repeat(10),
        texts,
      );
      sim.always("once", posts === 1);
      // No deadline has come nearer while promises had their turn.
      sim.always("at its time", sim.now() > 3000 && sim.now() < 6000);
    },
  );
  assertEquals(report.runs, 40); // each of them twice, and alike
});

Deno.test("sim promises: they settle before the clock moves", async () => {
  await simulate({ runs: 5, allowPromises }, function* (sim) {
    const log: string[] = [];
    const web = sim.spawn(
      fromPromise(async () => {
        for (let i = 0; i < 3; i++) {
          for (let n = 0; n < 50; n++) await Promise.resolve();
          log.push(`at ${sim.now()}`);
          await run(sleep(10));
        }
      }),
      { name: "web" },
    );
    yield* sim.sleep(25);
    log.push("main");
    yield* web;
    assertEquals(log, ["at 0", "at 10", "at 20", "main"]);
  });
});

Deno.test("sim promises: what an allowed task starts is allowed, and nothing else", async () => {
  await simulate({ runs: 3, allowPromises }, function* (sim) {
    const web = sim.spawn(function* () {
      return yield* sim.spawn(fromPromise(() => Promise.resolve(1)));
    }, { name: "web" });
    assertEquals(yield* web, 1);
    const promise = sim.spawn(
      fromPromise(async () => {
        await run(sleep(1));
        return await run(fromPromise(() => Promise.resolve(2)));
      }),
      { name: "web" },
    );
    assertEquals(yield* promise, 2);
  });
  await assertRejects(
    () =>
      simulate({ runs: 3, allowPromises }, function* (sim) {
        yield* sim.spawn(fromPromise(() => Promise.resolve(1)), { name: "w" });
      }),
    SimFailure,
    'Cannot wait for a native promise in a simulation: fromPromise in task 2 "w"',
  );
});

Deno.test("sim promises: a failure is shown with its trace, and repeats", async () => {
  const body = (all: number[]) =>
    function* (sim: Parameters<Parameters<typeof simulate>[1]>[0]) {
      const web = sim.spawn(
        fromPromise(async () => {
          await run(sleep(7));
          all.push(sim.random());
          return 1;
        }),
        { name: "web" },
      );
      yield* web;
      sim.note("the promise has settled");
      sim.always("never", false);
    };
  const numbers: number[] = [];
  const failure = await assertRejects(
    () => simulate({ runs: 3, allowPromises }, body(numbers)),
    SimFailure,
    "It does not hold that never",
  );
  assert(
    failure.trace.some((line) => /7 ms {2}note {2}the promise/.test(line)),
    failure.trace.join("\n"),
  );
  const { replay } = failure;
  await assertRejects(
    () => simulate({ replay, allowPromises }, body(numbers)),
    SimFailure,
    "It does not hold that never",
  );
  assertEquals(new Set(numbers).size, 1, `${numbers}`);
});

Deno.test("sim promises: simulations that give way to them do not meet", async () => {
  const one = (ms: number) =>
    simulate({ runs: 3, allowPromises }, function* (sim) {
      yield* sim.spawn(
        fromPromise(async () => {
          for (let i = 1; i < 5; i++) {
            await run(sleep(ms));
            assertEquals(sim.now(), i * ms);
          }
        }),
        { name: "web" },
      );
    });
  await Promise.all([one(3), one(5)]);
});

Deno.test("sim promises: one that never settles is a deadlock, not of the next run", async () => {
  let runs = 0;
  const never = new Promise<void>(() => {});
  await simulate({ runs: 2, twice: false, allowPromises }, function* (sim) {
    runs++;
    const web = sim.spawn(fromPromise(() => never), { name: "web" });
    yield* sim.sleep(10);
    web[Symbol.dispose]();
  });
  assertEquals(runs, 2);
});
