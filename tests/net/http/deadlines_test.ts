import { assert, assertEquals } from "@std/assert";
import { co, type Future } from "../../../future/mod.ts";
import { Done, unfold } from "../../../future/stream/mod.ts";
import {
  DeadlineExceeded,
  type Deadlines,
  HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from "../../../net/http/mod.ts";
import { FETCH_OPTIONS } from "../../../net/http/_fetch.ts";
import { TcpListener } from "../../../net/mod.ts";
import { explore, fifo, type Sim, SimNetwork } from "../../../net/sim/mod.ts";
import { ok, response } from "./_answers.ts";
import { serveSim, type Step } from "./_sim_server.ts";

interface Scene {
  sim: Sim;
  net: SimNetwork;
  client: HttpClient;
}

const OK = "HTTP/1.1 200 OK\r\n";
const HINT = "HTTP/1.1 103 Early Hints\r\n\r\n";
const URL = "http://a.test/";

const PATHS: Record<string, readonly Step[]> = {
  "/": [ok("x")],
  "/silent": [10_000_000],
  "/slow": [80, ok("slow")],
  "/hints": [40, HINT, 40, HINT, 40, HINT, 40, HINT, 10_000_000],
  "/drip-head": [40, "H", 40, "T", 40, "T", 40, "P", 10_000_000],
  "/stops": [`${OK}content-length: 5\r\n\r\n`, 10, "abc", 10_000_000],
  "/drip": [
    `${OK}content-length: 5\r\n\r\n`,
    ...[..."abcde"].flatMap((each) => [40, each]),
  ],
  "/around": [80, response("302 Found", "", "location: /around")],
  "/busy": [response("503 Busy", "")],
  "/after-body": [1060, ok("done")],
};

/** A scene of a client and a server, in simulated time. */
function scene(
  options: Omit<HttpClientOptions, "network">,
  body: (scene: Scene) => Generator<Future<unknown>, void, unknown>,
): void {
  explore({ schedule: fifo(), runs: 1 }, function* (sim) {
    const net = new SimNetwork(sim, { sendBuffer: 1000 });
    const answers = (line: string) => PATHS[line.split(" ")[1]!]!;
    serveSim(sim, net, { name: "a.test", answers });
    const client = new HttpClient({ network: net, ...options });
    yield* body({ sim, net, client });
    client.close();
    const { connections, dialling, waiting } = client.snapshot();
    assertEquals([connections.length, dialling, waiting], [0, 0, 0]);
    sim.ledger("sockets of the client", () => net.open.sockets);
  });
}

function text(client: HttpClient, request: HttpRequest): Future<string> {
  return co(function* () {
    using response = yield* client.request(request);
    return yield* response.text();
  });
}

/** Fails by a deadline, at exactly its time. */
function* fails(
  { sim, client }: Scene,
  request: HttpRequest,
  deadline: keyof Deadlines,
  after: number,
  phase: string,
  at: number = after,
): Generator<Future<unknown>, void, unknown> {
  const start = sim.now();
  let error: unknown = null;
  try {
    yield* text(client, request);
  } catch (thrown) {
    error = thrown;
  }
  assert(error instanceof DeadlineExceeded, `${error}`);
  assertEquals([error.deadline, error.phase], [`deadlines.${deadline}`, phase]);
  const arrived = ["write", "head", "body"].includes(phase);
  assertEquals(
    error.requestMayHaveBeenProcessed,
    arrived || deadline === "total",
  );
  assert(error.message.includes(`deadlines.${deadline} of ${after} ms`));
  assertEquals(sim.now() - start, at);
}

/** No other one passes before. */
const only = (deadlines: Deadlines): HttpClientOptions => ({ deadlines });

Deno.test("deadlines: queue", () =>
  scene({ pool: { maxPerOrigin: 1 }, ...only({ queue: 50 }) }, function* (all) {
    const { sim, client } = all;
    const first = sim.spawn(text(client, { url: `${URL}slow` }));
    yield* sim.sleep(1);
    yield* fails(all, { url: URL }, "queue", 50, "queue");
    yield* first;
    // In time, it is over with the wait.
    const second = sim.spawn(text(client, { url: `${URL}slow` }));
    yield* sim.sleep(40);
    assertEquals(yield* text(client, { url: `${URL}slow` }), "slow");
    yield* second;
  }));

Deno.test("deadlines: resolve", () =>
  scene(only({ resolve: 50 }), function* (all) {
    all.net.dns("a.test").latency(51);
    yield* fails(all, { url: URL }, "resolve", 50, "resolve");
    all.net.dns("a.test").latency(49);
    assertEquals(yield* text(all.client, { url: URL }), "x");
  }));

Deno.test("deadlines: connect", () =>
  scene(only({ connect: 50 }), function* (all) {
    all.net.dns("a.test").latency(100); // is of another phase
    all.net.link("client", "a.test").blackhole();
    yield* fails(all, { url: URL }, "connect", 50, "connect", 150);
    all.net.heal();
    assertEquals(yield* text(all.client, { url: URL }), "x");
  }));

Deno.test("deadlines: tls", () =>
  scene(only({ tls: 50 }), function* (all) {
    const host = all.net.host("mute.test");
    using listener = TcpListener.bind({
      hostname: host.address,
      port: 443,
      network: host,
    });
    const silent = all.sim.spawn(co(function* () {
      using stream = yield* listener.accept();
      while ((yield* stream.read(new Uint8Array(4096))) !== null);
    }));
    const request = { url: "https://mute.test/" };
    yield* fails(all, request, "tls", 50, "tls");
    yield* silent;
  }));

/** Pieces with pauses between them. */
function slowly(sim: Sim, pause: number, pieces: number) {
  return unfold(0, (n) =>
    co(function* () {
      if (n === pieces) return Done;
      yield* sim.sleep(pause);
      return [new Uint8Array(10), n + 1] as [Uint8Array, number];
    }));
}

Deno.test("deadlines: write is between two signs that the server takes it", () =>
  scene(only({ write: 50 }), function* (all) {
    const { sim, net, client } = all;
    const body = new Uint8Array(20_000);
    const request = { url: URL, method: "POST", body };
    net.link("client", "a.test").stallAfterBytes(5000);
    yield* fails(all, request, "write", 50, "write");
    net.heal();
    // So slow that all of it takes far longer.
    net.link("client", "a.test").bandwidth(50_000);
    const start = sim.now();
    assertEquals(yield* text(client, request), "x");
    assert(sim.now() - start > 200);
  }));

Deno.test("deadlines: no time of the server's runs while the source of a body is waited for", () =>
  scene(only({ write: 50, head: 50 }), function* ({ sim, client }) {
    const body = slowly(sim, 200, 3);
    assertEquals(yield* text(client, { url: URL, method: "POST", body }), "x");
  }));

Deno.test("deadlines: none runs while its leave to send is waited for", () =>
  scene(only({ write: 50, head: 100 }), function* ({ sim, client }) {
    const start = sim.now();
    const got = yield* text(client, {
      url: `${URL}after-body`,
      method: "POST",
      headers: { expect: "100-continue" },
      body: "body",
    });
    assertEquals([got, sim.now() - start], ["done", 1060]);
  }));

Deno.test("deadlines: head is absolute, whatever comes meanwhile", () =>
  scene(only({ head: 100, read: 50 }), function* (all) {
    for (const path of ["silent", "hints", "drip-head"]) {
      yield* fails(all, { url: URL + path }, "head", 100, "head");
    }
    assertEquals(yield* text(all.client, { url: `${URL}slow` }), "slow");
  }));

Deno.test("deadlines: read is between two reads, and not the consumer's", () =>
  scene(only({ read: 50, head: 100 }), function* (all) {
    const { sim, client } = all;
    const start = sim.now();
    assertEquals(yield* text(client, { url: `${URL}drip` }), "abcde");
    assertEquals(sim.now() - start, 200);
    using response = yield* client.get(`${URL}drip`);
    using stream = response.stream();
    for (const piece of ["a", "bcde"]) {
      const bytes = yield* stream.next();
      assertEquals(new TextDecoder().decode(bytes as Uint8Array), piece);
      yield* sim.sleep(1000);
    }
    assertEquals(yield* stream.next(), Done);
    // It got something at 10, and waits from then on.
    const stops = { url: `${URL}stops` };
    yield* fails(all, stops, "read", 50, "body", 60);
  }));

Deno.test("deadlines: total is over all: queue, redirects, retries, body", () => {
  scene(
    { pool: { maxPerOrigin: 1 }, ...only({ total: 100 }) },
    function* (all) {
      const { sim, client } = all;
      const holder = sim.spawn(text(client, { url: `${URL}slow` }));
      yield* sim.sleep(0);
      yield* fails(all, { url: `${URL}slow` }, "total", 100, "head");
      yield* holder;
      yield* fails(all, { url: `${URL}around` }, "total", 100, "head");
      yield* fails(all, { url: `${URL}drip` }, "total", 100, "body");
      yield* fails(all, { url: `${URL}silent` }, "total", 100, "head");
    },
  );
  scene(
    { retry: { first: 60, factor: 1, attempts: 100 }, ...only({ total: 100 }) },
    function* (all) {
      yield* fails(all, { url: `${URL}busy` }, "total", 100, "request");
    },
  );
});

Deno.test("deadlines: of a request over those of its client", () =>
  scene(only({ head: 1000 }), function* (all) {
    const deadlines = { head: 20 };
    const request = { url: `${URL}silent`, deadlines };
    yield* fails(all, request, "head", 20, "head");
    yield* fails(all, { url: `${URL}silent` }, "head", 1000, "head");
  }));

Deno.test("deadlines: ./fetch waits five minutes for a head, a silence, and a server that takes nothing", () =>
  scene(FETCH_OPTIONS, function* (all) {
    const limit = 300_000;
    yield* fails(all, { url: `${URL}silent` }, "head", limit, "head");
    // 10 until the bytes that come before the silence.
    yield* fails(
      all,
      { url: `${URL}stops` },
      "read",
      limit,
      "body",
      limit + 10,
    );
    const body = new Uint8Array(20_000);
    const request = { url: URL, method: "POST", body };
    all.net.link("client", "a.test").stallAfterBytes(5000);
    yield* fails(all, request, "write", limit, "write");
  }));

Deno.test("deadlines: ./fetch lets more wait for a connection than it has, and as long as it takes", () =>
  scene(FETCH_OPTIONS, function* ({ sim, client }) {
    const all = Array.from(
      { length: 1300 }, // five times as many as there are connections, and more
      () => sim.spawn(text(client, { url: `${URL}slow` })),
    );
    for (const each of all) assertEquals(yield* each, "slow");
    assertEquals(client.snapshot().connections.length, 256);
  }));
