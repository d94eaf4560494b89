import { assert, assertEquals } from "@std/assert";
import { co, type Context, Future, type Poll } from "../../../future/mod.ts";
import { iter } from "../../../future/stream/mod.ts";
import { oneshot } from "../../../future/sync/mod.ts";
import { HttpClient, type HttpClientOptions } from "../../../net/http/mod.ts";
import { openResources } from "../../../net/mod.ts";
import {
  cancelEverywhere,
  random,
  type Sim,
  SimNetwork,
} from "../../../net/sim/mod.ts";
import { ok, response } from "./_answers.ts";
import { serveSim, type Step } from "./_sim_server.ts";

const ENCODER = new TextEncoder();

/** What a request goes through; dropped at every moment of it. */
interface Scene {
  name: string;
  options?: Omit<HttpClientOptions, "network">;
  /** What goes on beside, from the start. */
  beside?: (client: HttpClient, sim: Sim) => Future<unknown>;
  subject: (client: HttpClient, sim: Sim) => Future<unknown>;
  /** The least number of polls that it must take, to be a test at all. */
  polls: number;
}

function read(
  client: HttpClient,
  request: Parameters<HttpClient["request"]>[0],
  expected: string,
): Future<void> {
  return co(function* () {
    using response = yield* client.request(request);
    assertEquals(yield* response.text(), expected);
  });
}

/** Begins when what goes on beside has begun. */
function late(sim: Sim, request: Future<void>): Future<void> {
  return co(function* () {
    yield* sim.sleep(1);
    yield* request;
  });
}

const BODY = "0123456789".repeat(20);
const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n";

/** What the servers answer, by path. */
const PATHS: Record<string, () => readonly Step[]> = {
  "/": () => [5, ok(BODY)],
  "/slow": () => [50, ok(BODY)],
  "/pieces": () => [
    "HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n",
    3,
    `${CHUNKED}trailer: t\r\n\r\n`,
    3,
    "5\r\n01234\r\n",
    3,
    "5\r\n56789\r\n",
    3,
    "0\r\nt: u\r\n\r\n",
  ],
  "/continue": () => [20, "HTTP/1.1 100 Continue\r\n\r\n", 5, ok("done")],
  "/silent": () => [2000, ok("done")],
  "/refused": () => [20, response("417 Expectation Failed", "no")],
  "/early": () => [response("413 Content Too Large", "stop")],
  "/away": () => [
    response("302 Found", BODY, "location: http://b.test/"),
  ],
  "/endless-away": () => [
    "HTTP/1.1 302 Found\r\nlocation: http://b.test/\r\n\r\n",
    BODY,
    30,
    "FIN",
  ],
  "/stale": () => [ok(BODY), 30, "FIN"],
};

let failures = 0;

function answers(line: string): readonly Step[] {
  const path = line.split(" ")[1]!;
  if (path === "/busy") {
    return failures++ < 2
      ? [response("503 Service Unavailable", BODY)]
      : [ok(BODY)];
  }
  return PATHS[path]!();
}

const URL = "http://a.test/";

const SCENES: Scene[] = [
  {
    name: "a GET: resolving, connecting, writing, awaiting the head, reading",
    subject: (client) => read(client, { url: URL }, BODY),
    polls: 10,
  },
  {
    name: "a GET with TLS: handshaking",
    subject: (client) => read(client, { url: "https://s.test/" }, BODY),
    polls: 12,
  },
  {
    name: "chunks, interim responses and trailers",
    subject: (client) => read(client, { url: `${URL}pieces` }, "0123456789"),
    polls: 12,
  },
  {
    name: "in line for the only connection",
    options: { pool: { maxPerOrigin: 1 } },
    beside: (client) => read(client, { url: `${URL}slow` }, BODY),
    subject: (client, sim) => late(sim, read(client, { url: URL }, BODY)),
    polls: 5,
  },
  {
    name: "in line for room that another host has",
    options: { pool: { maxTotal: 1 } },
    beside: (client) => read(client, { url: `${URL}slow` }, BODY),
    subject: (client, sim) =>
      late(sim, read(client, { url: "http://b.test/" }, BODY)),
    polls: 8,
  },
  {
    name: "a stream that is sent in chunks",
    subject: (client) =>
      read(client, {
        url: URL,
        method: "POST",
        body: iter(["ab", "c", "defg"].map((each) => ENCODER.encode(each))),
      }, BODY),
    polls: 12,
  },
  {
    name: "an upload that is answered early",
    subject: (client) =>
      read(client, {
        url: `${URL}early`,
        method: "POST",
        headers: { expect: "100-continue" },
        body: iter(Array(50).fill(ENCODER.encode(BODY))),
      }, "stop"),
    polls: 8,
  },
  {
    name: "waiting for a 100 that comes",
    subject: (client) =>
      read(client, {
        url: `${URL}continue`,
        method: "POST",
        headers: { expect: "100-continue" },
        body: "body",
      }, "done"),
    polls: 10,
  },
  {
    name: "waiting for a 100 that does not come",
    subject: (client) =>
      read(client, {
        url: `${URL}silent`,
        method: "POST",
        headers: { expect: "100-continue" },
        body: "body",
      }, "done"),
    polls: 10,
  },
  {
    name: "a redirect to another host",
    subject: (client) => read(client, { url: `${URL}away` }, BODY),
    polls: 18,
  },
  {
    name: "a redirect whose body is not at its end",
    subject: (client) => read(client, { url: `${URL}endless-away` }, BODY),
    polls: 18,
  },
  {
    name: "pauses before another attempt",
    options: { retry: { first: 10 } },
    subject(client) {
      failures = 0;
      return read(client, { url: `${URL}busy` }, BODY);
    },
    polls: 20,
  },
  {
    name: "a connection that turned out to be stale",
    subject: (client, sim) =>
      co(function* () {
        yield* read(client, { url: `${URL}stale` }, BODY);
        yield* sim.sleep(27); // the server's end comes as this is sent
        yield* read(client, { url: URL }, BODY);
      }),
    polls: 20,
  },
  {
    name: "a body that is left unread in the middle",
    subject: (client) =>
      co(function* () {
        using response = yield* client.get(`${URL}pieces`);
        using stream = response.stream();
        yield* stream.next();
      }),
    polls: 8,
  },
  {
    name: "under deadlines for each phase",
    options: {
      deadlines: {
        queue: 1000,
        resolve: 1000,
        connect: 1000,
        write: 1000,
        head: 1000,
        read: 1000,
        total: 5000,
      },
    },
    subject: (client) => read(client, { url: `${URL}pieces` }, "0123456789"),
    polls: 12,
  },
];

/** Says when it has ended, dropped or not. */
class Watched extends Future<void> {
  readonly #inner: Future<unknown>;
  readonly #onEnd: () => void;

  constructor(inner: Future<unknown>, onEnd: () => void) {
    super();
    this.#inner = inner;
    this.#onEnd = onEnd;
  }

  override poll(cx: Context): Poll<void> {
    const value = this.#inner.poll(cx);
    if (typeof value === "symbol") return value as Poll<void>;
    this.#onEnd();
  }

  override [Symbol.dispose](): void {
    this.#inner[Symbol.dispose]();
    this.#onEnd();
  }
}

for (const scene of SCENES) {
  Deno.test(`drops: ${scene.name}: dropped at any moment, nothing is left and the next request works`, () => {
    const { polls } = cancelEverywhere((sim) => {
      const before = openResources();
      const net = new SimNetwork(sim, { latency: [1, 4], chunk: [10, 40] });
      for (const name of ["a.test", "b.test"]) {
        serveSim(sim, net, { name, answers });
        net.dns(name).latency(3);
      }
      serveSim(sim, net, { name: "s.test", answers, secure: true });
      const client = new HttpClient({ network: net, ...scene.options });
      for (const what of ["streams", "listeners", "operations"] as const) {
        sim.ledger(what, () => openResources()[what] - before[what]);
      }
      sim.ledger("sockets", () => net.open.sockets);
      sim.ledger("operations of the network", () => net.open.operations);
      const [ended, whenEnded] = oneshot<void>();
      const beside = scene.beside?.(client, sim);
      if (beside !== undefined) sim.spawn(beside, { name: "beside" });
      sim.spawn(function* () {
        yield* whenEnded;
        yield* read(client, { url: URL }, BODY);
        yield* sim.sleep(3000); // what is drained has been by then
        const { connections, dialling, waiting } = client.snapshot();
        assertEquals([dialling, waiting], [0, 0]);
        for (const { state } of connections) assertEquals(state, "idle");
        yield* read(client, { url: URL }, BODY);
        client.close();
        assertEquals(client.snapshot().connections, []);
      }, { name: "next" });
      return new Watched(
        scene.subject(client, sim),
        () => ended.send(undefined),
      );
    }, { schedule: random(), runs: 2, wakers: {} });
    assert(polls >= scene.polls, `it took ${polls} polls`);
  });
}
