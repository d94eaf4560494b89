import { assertEquals, assertThrows } from "@std/assert";
import { spawn } from "../../../executor/mod.ts";
import { co, join } from "../../../future/mod.ts";
import { TcpListener, TcpStream } from "../../../net/mod.ts";
import { SimNetwork, VirtualClock } from "../../../net/sim/mod.ts";
import { bytes, only, outcome, readAll, scene } from "./_scene.ts";

Deno.test("sim network: connecting takes a round trip, a message one way", () => {
  const log = only(scene({}, function* ({ sim, net, log, listen }) {
    net.link("client", "server").latency(10);
    net.link("server", "client").latency(3);
    using listener = listen();
    const server = spawn(co(function* () {
      using stream = yield* listener.accept();
      log.push(`accepted at ${sim.now()}`);
      log.push(`${yield* readAll(stream)} at ${sim.now()}`);
    }));
    using stream = yield* TcpStream.connect(listener.addr, { network: net });
    log.push(`connected at ${sim.now()}`);
    yield* stream.writeAll(bytes("hello"));
    log.push(`written at ${sim.now()}`);
    yield* stream.shutdown();
    yield* server;
  }));
  assertEquals(log, [
    "accepted at 10",
    "connected at 13",
    "written at 13",
    "hello at 23",
  ]);
});

Deno.test("sim network: bandwidth takes its time, and connections share it", () => {
  const log = only(scene({}, function* ({ sim, net, log, pair }) {
    net.link("client", "server").bandwidth(1000);
    const one = yield* pair();
    const two = yield* pair();
    const send = (which: typeof one, size: number) =>
      co(function* () {
        using near = which.near;
        using far = which.far;
        yield* near.writeAll(new Uint8Array(size));
        const n = yield* far.read(new Uint8Array(1000));
        log.push(`${n} at ${sim.now()}`);
      });
    yield* join([send(one, 100), send(two, 50)]);
  }));
  assertEquals(log, ["100 at 100", "50 at 150"]);
});

Deno.test("sim network: what is sent arrives whole and in order, whatever the latency and the sizes", () => {
  scene(
    { latency: [0, 40], chunk: [1, 7], sendBuffer: 20 },
    function* ({ sim, pair }) {
      const { near, far } = yield* pair();
      using client = near;
      using server = far;
      const sent = Array.from({ length: 60 }, () => sim.random()).join();
      const [, got] = yield* join([
        co(function* () {
          yield* client.writeAll(bytes(sent));
          yield* client.shutdown();
        }),
        co(() => readAll(server, 5)),
      ]);
      sim.always("it is the same", got === sent, got);
    },
    { runs: 40 },
  );
});

Deno.test("sim network: a write waits while the peer does not read, and takes what fits", () => {
  const log = only(
    scene({ sendBuffer: 10 }, function* ({ sim, log, pair }) {
      const { near, far } = yield* pair();
      using client = near;
      using server = far;
      const writing = spawn(co(function* () {
        yield* client.writeAll(new Uint8Array(25));
        log.push(`written at ${sim.now()}`);
      }));
      for (const at of [5, 10, 15]) {
        yield* sim.sleep(5);
        const n = yield* server.read(new Uint8Array(8));
        log.push(`read ${n} at ${at}`);
      }
      yield* writing;
    }),
  );
  assertEquals(log, [
    "read 8 at 5", // of the ten that the stream's buffer took
    "read 2 at 10",
    "read 8 at 15",
    "written at 15",
  ]);
});

Deno.test("sim network: a half-closed connection goes on the other way", () => {
  const log = only(scene({ latency: 1 }, function* ({ log, pair }) {
    const { near, far } = yield* pair();
    using client = near;
    using server = far;
    yield* client.writeAll(bytes("question"));
    yield* client.shutdown();
    log.push(yield* readAll(server));
    yield* server.writeAll(bytes("answer"));
    yield* server.shutdown();
    log.push(yield* readAll(client));
    log.push(yield* outcome(client.writeAll(bytes("more"))));
  }));
  assertEquals(log, [
    "question",
    "answer",
    "NetError: Cannot write to 10.0.0.2:49153: the stream was shut down for writing",
  ]);
});

Deno.test("sim network: loopback is each host's own", () => {
  const log = only(scene({}, function* ({ net, log }) {
    const a = net.host("a");
    using _listener = TcpListener.bind({ port: 80, network: a });
    log.push(
      yield* outcome(co(function* () {
        using stream = yield* TcpStream.connect("localhost:80", { network: a });
        return stream.localAddr.hostname;
      })),
    );
    log.push(yield* outcome(TcpStream.connect("a:80", { network: net })));
    log.push(
      yield* outcome(TcpStream.connect("127.0.0.1:80", { network: net })),
    );
    using _all = TcpListener.bind({
      hostname: "0.0.0.0",
      port: 81,
      network: a,
    });
    using stream = yield* TcpStream.connect("a:81", { network: net });
    log.push(stream.localAddr.hostname);
  }));
  assertEquals(log, [
    "127.0.0.1",
    "ConnectionFailed: ConnectionRefused",
    "ConnectionFailed: ConnectionRefused",
    "10.0.0.1",
  ]);
});

Deno.test("sim network: what makes no sense is refused", () => {
  const world = { platform: new VirtualClock() };
  for (
    const options of [
      { latency: -1 },
      { latency: [5, 1] as const },
      { bandwidth: 0 },
      { chunk: 0 },
      { sendBuffer: NaN },
      { connectTimeout: -1 },
    ]
  ) {
    assertThrows(() => new SimNetwork(world, options), RangeError);
  }
  const net = new SimNetwork(world);
  const link = net.link("a", "b");
  assertThrows(() => link.latency([2, 1]), RangeError);
  assertThrows(() => link.bandwidth(-1), RangeError);
  assertThrows(() => link.resetAfterBytes(-1), RangeError);
  assertThrows(() => link.stallAfterBytes(1, { lasts: -1 }), RangeError);
  assertThrows(() => link.refuse({ probability: 2 }), RangeError);
  assertThrows(() => link.refuse({ times: -1 }), RangeError);
  assertThrows(() => link.refuse({ from: 5, until: 4 }), RangeError);
  assertThrows(() => net.host("x", ["not an address"]), TypeError);
  net.host("y", ["10.1.1.1"]);
  assertThrows(() => net.host("z", ["10.1.1.1"]), TypeError, "another host's");
  assertThrows(() => net.host("y", ["10.1.1.2"]), TypeError, "it is there");
});
