import { assertEquals } from "@std/assert";
import { snapshot } from "../../../executor/mod.ts";
import { co, type Future } from "../../../future/mod.ts";
import {
  HttpClient,
  type HttpClientOptions,
  HttpError,
} from "../../../net/http/mod.ts";
import { explore, fifo, type Sim, SimNetwork } from "../../../net/sim/mod.ts";
import { ok } from "./_answers.ts";
import { serveSim, type Step } from "./_sim_server.ts";

interface Scene {
  sim: Sim;
  client: HttpClient;
  /** What happened to connections, with the time. */
  events: string[];
  get(path?: string, method?: string): Future<string>;
}

const PATHS: Record<string, readonly Step[]> = {
  "/": [ok("x")],
  "/patient": [ok("x", "keep-alive: timeout=5")],
  "/hasty": [ok("x", "keep-alive: max=3, TIMEOUT=0")],
  "/ends": [ok("x"), 3000, "FIN"],
  "/unfinished": ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", 1e6],
  "/finishes": [
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
    900,
    "defghi",
  ],
  "/slow": [2000, ok("slow")],
};

/** A scene in simulated time; nothing may be left at its end. */
function scene(
  name: string,
  options: Omit<HttpClientOptions, "network">,
  body: (scene: Scene) => Generator<Future<unknown>, void, unknown>,
): void {
  Deno.test(`pool: ${name}`, () => {
    explore({ schedule: fifo(), runs: 1 }, function* (sim) {
      const net = new SimNetwork(sim);
      serveSim(sim, net, {
        name: "a.test",
        answers: (line) => PATHS[line.split(" ")[1]!]!,
      });
      sim.ledger("sockets", () => net.open.sockets);
      const events: string[] = [];
      const client = new HttpClient({
        ...options,
        network: net,
        onConnection: ({ type, connection, why }) =>
          events.push(`${sim.now()} ${type} ${connection}: ${why}`),
      });
      const get = (path = "", method = "GET") =>
        co(function* () {
          const url = `http://a.test/${path}`;
          const response = yield* client.request({ url, method });
          yield* response.text();
          return `${response.connection.id}`;
        });
      yield* body({ sim, client, events, get });
      client.close();
    });
  });
}

scene("what has rested long enough is closed, in its turn", {
  pool: { idle: 1000 },
}, function* ({ sim, get, events }) {
  const slow = sim.spawn(get("slow"));
  yield* sim.sleep(1);
  yield* get();
  yield* slow;
  yield* sim.sleep(5000);
  assertEquals(events, [
    "0 opened 1: ",
    "1 opened 2: ",
    "1001 closed 2: it had rested long enough",
    "3000 closed 1: it had rested long enough",
  ]);
});

scene("what is used again begins to rest anew", {
  pool: { idle: 1000 },
}, function* ({ sim, get, events }) {
  for (let n = 0; n < 5; n++) {
    assertEquals(yield* get(), "1");
    yield* sim.sleep(900);
  }
  yield* sim.sleep(1000);
  assertEquals(events.length, 2);
  assertEquals(events[1], "4600 closed 1: it had rested long enough");
});

scene("what the server says of its patience is heeded, less a margin", {
  pool: { idle: 60_000 },
}, function* ({ sim, get, events }) {
  yield* get("patient");
  yield* sim.sleep(4499);
  assertEquals(yield* get("patient"), "1");
  yield* sim.sleep(4501);
  assertEquals(events, [
    "0 opened 1: ",
    "8999 closed 1: it had rested long enough",
  ]);
  assertEquals(yield* get("hasty"), "2");
  yield* sim.sleep(1);
  assertEquals(events.at(-1), "9000 closed 2: it had rested long enough");
});

scene("at its greatest age a connection serves no other request", {
  pool: { maxAge: 3000 },
}, function* ({ sim, get, events }) {
  yield* get();
  yield* sim.sleep(2999);
  assertEquals(yield* get(), "1");
  yield* sim.sleep(1);
  assertEquals(yield* get(), "2");
  assertEquals(events, [
    "0 opened 1: ",
    "3000 closed 1: it had reached its greatest age",
    "3000 opened 2: ",
  ]);
  // And one that reaches it in use is not put back.
  yield* sim.sleep(2000);
  assertEquals(yield* get("slow"), "2");
  assertEquals(events.at(-1), "7000 closed 2: it had reached its greatest age");
});

scene("where none is kept, each request has its own", {
  pool: { idle: 0 },
}, function* ({ get, client }) {
  assertEquals([yield* get(), yield* get()], ["1", "2"]);
  assertEquals(client.snapshot().connections, []);
});

scene("a POST gets no connection that may be about to close, a GET does", {
  pool: { maxPerOrigin: 2 },
}, function* ({ sim, get }) {
  yield* get("patient");
  yield* sim.sleep(3999);
  assertEquals(yield* get("patient", "POST"), "1");
  yield* sim.sleep(4000);
  assertEquals(yield* get("patient", "POST"), "2");
  yield* sim.sleep(4000);
  assertEquals(yield* get("patient"), "2");
});

scene(
  "where the server does not say, a POST gets one when another was kept long enough",
  {},
  function* ({ sim, get }) {
    const ids = [yield* get("", "POST")];
    for (let n = 0; n < 6; n++) {
      yield* sim.sleep(100);
      ids.push(yield* get("", "POST"));
    }
    assertEquals(ids, ["1", "2", "3", "4", "4", "4", "4"]);
    yield* sim.sleep(101); // by then the first has been kept for 700
    assertEquals(yield* get("", "POST"), "4");
    yield* sim.sleep(300);
    assertEquals(yield* get("", "POST"), "5");
  },
);

scene("where no other may be made, a POST has the old one closed", {
  pool: { maxPerOrigin: 1 },
}, function* ({ sim, get, events }) {
  yield* get();
  yield* sim.sleep(4000);
  assertEquals(yield* get("", "POST"), "2");
  assertEquals(
    events[1],
    "4000 closed 1: it had rested too long to be trusted",
  );
});

scene(
  "it learns how soon a server closes, and is careful by then",
  {},
  function* ({ sim, get, events }) {
    yield* get("ends");
    yield* sim.sleep(3001);
    assertEquals(events, [
      "0 opened 1: ",
      "3000 closed 1: the server closed it",
    ]);
    yield* get("patient");
    yield* sim.sleep(1449); // half as long, less a margin
    assertEquals(yield* get("patient", "POST"), "2");
    yield* sim.sleep(1450);
    assertEquals(yield* get("patient", "POST"), "3");
  },
);

scene(
  "a body that is dropped may take a second more",
  { pool: { idle: 500 } },
  function* ({ sim, client, events }) {
    for (const path of ["finishes", "unfinished"]) {
      const response = yield* client.get(`http://a.test/${path}`);
      response[Symbol.dispose]();
      assertEquals(response.connection.fate, "draining");
      assertEquals(client.snapshot().connections[0]!.state, "draining");
      yield* sim.sleep(2000);
    }
    assertEquals(events, [
      "0 opened 1: ",
      "900 drained 1: ",
      "1400 closed 1: it had rested long enough",
      "2000 opened 2: ",
      "3000 closed 2: the rest of a body took too long",
    ]);
  },
);

scene("who waits gets the connection when a dropped body is at its end", {
  pool: { maxPerOrigin: 1 },
}, function* ({ sim, client, get }) {
  const response = yield* client.get("http://a.test/finishes");
  response[Symbol.dispose]();
  assertEquals(yield* get(), "1");
  assertEquals(sim.now(), 900);
});

scene("a closed client serves who is in line, and nobody else", {
  pool: { maxPerOrigin: 1 },
}, function* ({ sim, client, get }) {
  const first = sim.spawn(get("slow"));
  yield* sim.sleep(1);
  const second = sim.spawn(get());
  yield* sim.sleep(1);
  client.close();
  assertEquals([yield* first, yield* second], ["1", "2"]);
  assertEquals(client.snapshot().connections, []);
  let refused: unknown;
  try {
    client.get("http://a.test/");
  } catch (error) {
    refused = error;
  }
  assertEquals(refused instanceof HttpError, true);
});

scene("a body that is dropped is read to its end only if that is near", {
  limits: { drainBytes: 5 },
}, function* ({ client, events, sim }) {
  const response = yield* client.get("http://a.test/unfinished");
  response[Symbol.dispose]();
  assertEquals(response.connection.fate, "closed");
  assertEquals(
    events.at(-1),
    `${sim.now()} closed 1: the response was dropped`,
  );
});

scene(
  "a response that is dropped outside of all executors is drained in that of its request",
  {
    pool: { idle: 1000 },
  },
  function* ({ client, events, sim }) {
    const response = yield* client.get("http://a.test/finishes");
    sim.platform.setTimer(100, () => {
      response[Symbol.dispose]();
      // Here they would fall to the default executor, and to its clock.
      assertEquals(client.snapshot().connections[0]?.age, 100);
      assertEquals(snapshot().tasks, []);
    });
    yield* sim.sleep(5000);
    assertEquals(events, [
      "0 opened 1: ",
      "900 drained 1: ",
      "1900 closed 1: it had rested long enough",
    ]);
  },
);

Deno.test("pool: a place among many is kept when its last connection is replaced", () => {
  explore({ schedule: fifo(), runs: 1 }, function* (sim) {
    const net = new SimNetwork(sim);
    const names = Array.from({ length: 65 }, (_, n) => `host${n}.test`);
    for (const name of names) {
      serveSim(sim, net, { name, answers: () => [ok("x")] });
    }
    const client = new HttpClient({ network: net, pool: { maxAge: 3000 } });
    const get = (name: string) =>
      co(function* () {
        const response = yield* client.get(`http://${name}/`);
        yield* response.text();
        return response.connection.id;
      });
    assertEquals(yield* get(names[0]!), 1);
    yield* sim.sleep(1000);
    for (const name of names.slice(1)) yield* get(name);
    yield* sim.sleep(2000);
    assertEquals(yield* get(names[0]!), 66);
    assertEquals(yield* get(names[0]!), 66);
    client.close();
  });
});
