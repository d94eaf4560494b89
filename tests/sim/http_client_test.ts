// The HTTP client over a network that fails: first nothing may go wrong, then,
// with the faults gone, everything must go right in time.
import { HttpError } from "../../net/http/mod.ts";
import {
  httpFixture,
  type NetSim,
  pct,
  random,
  simTest,
  type SimTestOptions,
} from "../../net/sim/mod.ts";

const body = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join("");

const rough: SimTestOptions = {
  runs: 150,
  schedule: random(),
  net: { latency: [1, 50], chunk: [1, 1400], sendBuffer: 2000 },
};

/** Each kind of fault, at its own place, now and then. */
function spoil(sim: NetSim): void {
  const there = sim.net.link("client", "a.test");
  const back = sim.net.link("a.test", "client");
  there.refuse({ probability: 0.1 }).blackhole({ probability: 0.05 })
    .acceptThenReset({ probability: 0.1 });
  there.resetAfterBytes(Math.floor(sim.random() * 100), { probability: 0.1 });
  back.resetAfterBytes(Math.floor(sim.random() * 4000), { probability: 0.2 });
  back.endAfterBytes(Math.floor(sim.random() * 4000), { probability: 0.1 });
  back.stallAfterBytes(Math.floor(sim.random() * 4000), {
    probability: 0.1,
    lasts: 500,
  });
  sim.net.dns("a.test").latency([0, 100]).fails("EAI_AGAIN", {
    probability: 0.1,
  });
}

simTest("http client: what it gets whole is whole, whatever the network does", {
  ...rough,
  recovery: { at: 20_000, within: 10_000 },
}, function* (sim) {
  sim.host("a.test", httpFixture(body));
  spoil(sim);
  const client = sim.client({ deadlines: { total: 3000 } });
  let got = 0;
  while (got < 4) {
    try {
      using response = yield* client.get("http://a.test/");
      const text = yield* response.text();
      sim.always("the body is what was sent", text === body, text.length);
      sim.sometimes("a connection was used again", response.connection.reused);
      got++;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      sim.sometimes("a request has failed", true);
      yield* sim.sleep(200);
    }
  }
});

simTest("http client: a POST reaches the server once at most", {
  ...rough,
  schedule: pct({ depth: 3 }),
}, function* (sim) {
  const seen = new Map<string, number>();
  sim.host(
    "a.test",
    httpFixture((request) => {
      seen.set(request.body, (seen.get(request.body) ?? 0) + 1);
      return { status: 201, body: request.body };
    }),
  );
  spoil(sim);
  const client = sim.client({ deadlines: { total: 3000 } });
  for (const id of ["one", "two", "three"]) {
    try {
      using response = yield* client.request({
        method: "POST",
        url: "http://a.test/",
        body: id,
      });
      const text = yield* response.text();
      sim.always("the answer is to this one", text === id, text);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      const times = seen.get(id) ?? 0;
      sim.always(
        "it says so if the server may have acted",
        times === 0 || error.requestMayHaveBeenProcessed,
        { id, error: String(error) },
      );
      sim.sometimes("it was done, and the answer was lost", times === 1);
    }
    sim.always("it was done once at most", (seen.get(id) ?? 0) <= 1);
  }
});

simTest(
  "http client: a request that is dropped leaves nothing, and the next one is right",
  {
    ...rough,
  },
  function* (sim) {
    sim.host("a.test", httpFixture((request) => request.target + body));
    const client = sim.client();
    for (let i = 0; i < 3; i++) {
      const task = sim.spawn(function* () {
        using response = yield* client.get(`http://a.test/dropped/${i}`);
        yield* response.text();
      });
      yield* sim.sleep(sim.random() * 400);
      task.abort();
      using response = yield* client.get(`http://a.test/${i}`);
      const text = yield* response.text();
      sim.always(
        "the answer is to this one",
        text === `/${i}${body}`,
        text.length,
      );
      sim.sometimes("the dropped one was done", task.isFinished);
    }
  },
);
