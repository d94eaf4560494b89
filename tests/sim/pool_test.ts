// The pool of connections, in every order of who uses it.
import { assert } from "@std/assert";
import { yieldNow } from "../../executor/mod.ts";
import { dfs, explore } from "../../executor/sim/mod.ts";
import type { HttpClient } from "../../net/http/mod.ts";
import { httpFixture, type NetSim, simulate } from "../../net/sim/mod.ts";
import { body, configurations } from "./_pool.ts";

for (const [name, configuration] of Object.entries(configurations)) {
  Deno.test(`pool: in every order: ${name}`, () => {
    const report = explore({ schedule: dfs() }, body(configuration));
    assert(report.isExhaustive);
    console.log(`  ${report.runs} schedules`);
  });
}

/** Requests in a line, over a network; one may be dropped at any moment. */
function inLine(hasDrop: boolean) {
  return (sim: NetSim) => {
    const came: string[] = [];
    const served: string[] = [];
    sim.host(
      "a.test",
      httpFixture(({ target }) => {
        served.push(target);
        return "x";
      }),
    );
    const client: HttpClient = sim.client({
      pool: { maxPerOrigin: 1, maxTotal: 1 },
      onConnection: () => {
        const { connections, dialling } = client.snapshot();
        sim.always("there is one", connections.length + dialling <= 1);
      },
    });
    const [first] = ["/1", "/2", "/3"].map((path) =>
      sim.spawn(function* () {
        came.push(path);
        using response = yield* client.get(`http://a.test${path}`);
        sim.always("it is answered", (yield* response.text()) === "x");
      })
    );
    if (hasDrop) {
      sim.spawn(function* () {
        yield* yieldNow();
        yield* yieldNow();
        first!.abort();
      });
    }
    sim.atEnd(() => {
      const others = came.filter((path) => served.includes(path));
      sim.always("first come, first served", `${served}` === `${others}`);
      sim.always("all but one", served.length >= (hasDrop ? 2 : 3), served);
      if (hasDrop) sim.sometimes("it never came", served.length === 2);
    });
  };
}

for (const hasDrop of [false, true]) {
  const what = hasDrop ? "one of which is dropped" : "all to the end";
  Deno.test(`pool: requests over a network, ${what}, in every order with three departures`, async () => {
    const schedule = dfs({ preemptions: 3 });
    const report = await simulate({ schedule, twice: false }, inLine(hasDrop));
    assert(report.isExhaustive);
    console.log(`  ${report.runs} schedules`);
  });
}
