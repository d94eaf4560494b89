import { assertEquals } from "@std/assert";
import { co, type Future } from "../../../future/mod.ts";
import { HttpClient, type PoolOptions } from "../../../net/http/mod.ts";
import {
  explore,
  fifo,
  random,
  type Schedule,
  type Sim,
  SimNetwork,
} from "../../../net/sim/mod.ts";
import { ok } from "./_answers.ts";
import { serveSim } from "./_sim_server.ts";

/** What is asked for, with the hosts as letters, and a moment between them. */
function* ask(
  { sim, get, log }: Scene,
  ...hosts: string[]
): Generator<Future<unknown>, void, unknown> {
  const all: Future<unknown>[] = [];
  for (const [n, host] of hosts.entries()) {
    all.push(sim.spawn(co(function* () {
      log.push(`${host}${n} over ${yield* get(host)}`);
    })));
    yield* sim.sleep(1);
  }
  for (const each of all) yield* each;
}

interface Scene {
  sim: Sim;
  client: HttpClient;
  log: string[];
  /** Gets something from a host, which takes 100 ms, or 300; over which connection. */
  get(host: string): Future<number>;
}

/** A body whose rest does not come. */
const UNFINISHED = ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", 1e6];

function scene(
  name: string,
  pool: PoolOptions,
  body: (scene: Scene) => Generator<Future<unknown>, void, unknown>,
  schedule: Schedule = fifo(),
): void {
  Deno.test(`pool: ${name}`, () => {
    explore({ schedule, runs: 20 }, function* (sim) {
      const net = new SimNetwork(sim);
      for (const name of ["a", "b", "c", "slow"]) {
        const takes = name === "slow" ? 300 : 100;
        serveSim(sim, net, { name, answers: () => [takes, ok("x")] });
      }
      serveSim(sim, net, { name: "unfinished", answers: () => UNFINISHED });
      sim.ledger("sockets", () => net.open.sockets);
      const client = new HttpClient({ pool, network: net });
      const get = (host: string) =>
        co(function* () {
          using response = yield* client.get(`http://${host}/`);
          yield* response.text();
          return response.connection.id;
        });
      yield* body({ sim, client, get, log: [] });
      client.close();
    });
  });
}

scene(
  "who came first is served first, be it with the connection that is there",
  {
    maxTotal: 1,
  },
  function* (all) {
    yield* ask(all, "a", "a", "b", "a");
    // The first two go over one connection; then there is room for b, then for a.
    assertEquals(all.log, ["a0 over 1", "a1 over 1", "b2 over 2", "a3 over 3"]);
    assertEquals(all.sim.now(), 400);
  },
);

scene("who came first is served first, be it another host", {
  maxTotal: 1,
}, function* (all) {
  yield* ask(all, "a", "b", "c", "a", "b");
  assertEquals(all.log, [
    "a0 over 1",
    "b1 over 2",
    "c2 over 3",
    "a3 over 4",
    "b4 over 5",
  ]);
});

scene("room is of no use to who waits for a connection to his host", {
  maxTotal: 2,
  maxPerOrigin: 1,
}, function* (all) {
  const { sim, client } = all;
  const asked = sim.spawn(co(() => ask(all, "slow", "b", "slow", "c")));
  let most = 0;
  for (let n = 0; n < 70; n++) {
    yield* sim.sleep(10);
    const { connections } = client.snapshot();
    const slow = connections.filter(({ key }) => key === "http://slow");
    most = Math.max(most, slow.length);
  }
  yield* asked;
  assertEquals(most, 1);
  assertEquals(all.log, [
    "b1 over 2",
    "c3 over 3",
    "slow0 over 1",
    "slow2 over 1",
  ]);
});

scene("who gives up his place in line does not hold up the others", {
  maxTotal: 1,
}, function* ({ sim, client, get, log }) {
  const first = sim.spawn(get("a"));
  yield* sim.sleep(1);
  const second = sim.spawn(get("b"));
  yield* sim.sleep(1);
  const third = sim.spawn(get("c"));
  yield* sim.sleep(1);
  second[Symbol.dispose]();
  assertEquals(client.snapshot().waiting, 1);
  log.push(`${yield* first}`, `${yield* third}`);
  assertEquals(log, ["1", "2"]);
});

scene("who waits for room gets that of a body that is dropped, at once", {
  maxTotal: 1,
}, function* ({ sim, client, get }) {
  const response = yield* client.get("http://unfinished/");
  const waiting = sim.spawn(get("a"));
  yield* sim.sleep(1);
  response[Symbol.dispose]();
  assertEquals(response.connection.fate, "closed");
  assertEquals(yield* waiting, 2);
  assertEquals(sim.now(), 101);
});

scene("so does who comes while the rest of it is read", {
  maxTotal: 1,
}, function* ({ sim, client, get }) {
  const response = yield* client.get("http://unfinished/");
  response[Symbol.dispose]();
  assertEquals(response.connection.fate, "draining");
  assertEquals(yield* get("a"), 2);
  assertEquals(sim.now(), 100);
});

scene(
  "a connection whose time is over serves nobody, however late the timer is",
  {
    idle: 50,
  },
  function* ({ sim, get }) {
    assertEquals(yield* get("a"), 1);
    yield* sim.sleep(50); // both are woken in the same moment
    assertEquals(yield* get("a"), 2);
  },
  random(),
);
