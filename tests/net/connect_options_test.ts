import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import { Pending } from "../../future/mod.ts";
import {
  type ConnectOptions,
  ConnectTimeout,
  TcpStream,
  TlsStream,
} from "../../net/mod.ts";
import { failureOf } from "./_failure.ts";
import { type ScriptedNetwork, scriptedTest } from "./_scripted_network.ts";

function phasesOf(
  network: ScriptedNetwork,
): { phases: string[]; options: ConnectOptions } {
  const phases: string[] = [];
  const onPhase = (phase: string) => void phases.push(phase);
  return { phases, options: { network, onPhase } };
}

scriptedTest("phases: each is told as it begins", (network) => {
  const { phases, options } = phasesOf(network);
  const connect = TlsStream.connect("example.test:443", options);
  assertEquals(phases, []);
  pollOnce(connect);
  assertEquals(phases, ["resolving"]);
  network.take("resolve").done.resolve(["10.0.0.1"]);
  pollOnce(connect);
  assertEquals(phases, ["resolving", "connecting"]);
  network.connected();
  pollOnce(connect);
  assertEquals(phases, ["resolving", "connecting", "handshaking"]);
  network.tlsStarted();
  pollOnce(connect);
  network.take("handshake").done.resolve("h2");
  const stream = pollOnce(connect);
  assert(stream !== Pending);
  assertEquals(phases.slice(3), ["connected"]);
  assertEquals(stream.alpnProtocol, "h2");
  stream.close();
});

scriptedTest("phases: an address is not looked up", (network) => {
  const { phases, options } = phasesOf(network);
  const connect = TcpStream.connect("10.0.0.1:80", options);
  pollOnce(connect);
  network.connected();
  const stream = pollOnce(connect);
  assert(stream !== Pending);
  assertEquals(phases, ["connecting", "connected"]);
  stream.close();
});

scriptedTest(
  "phases: a listener that throws fails the connect, and leaves nothing",
  (network) => {
    for (const bad of ["resolving", "connecting", "handshaking", "connected"]) {
      const boom = new Error(bad);
      const connect = TlsStream.connect("example.test:443", {
        network,
        onPhase(phase) {
          if (phase === bad) throw boom;
        },
      });
      const thrown = assertThrows(() => {
        pollOnce(connect);
        network.take("resolve").done.resolve(["10.0.0.1"]);
        pollOnce(connect);
        network.connected();
        pollOnce(connect);
        network.tlsStarted();
        pollOnce(connect);
        network.take("handshake").done.resolve(null);
        pollOnce(connect);
      });
      assertStrictEquals(thrown, boom);
      network.interrupt();
      assert(network.sockets.every(({ isClosed }) => isClosed), bad);
    }
  },
);

scriptedTest("deadlines: each phase has its own", (network) => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const reach = {
    resolve: () => {},
    connect: () => network.take("resolve").done.resolve(["10.0.0.1"]),
    handshake: () => {
      network.take("resolve").done.resolve(["10.0.0.1"]);
      clock.settle();
      network.connected();
    },
  };
  const messages: Record<string, string> = {
    resolve: "Cannot resolve example.test:443: it took more than 20 ms",
    connect: "Cannot connect to example.test:443: it took more than 20 ms",
    handshake:
      "Cannot agree on TLS with example.test:443: it took more than 20 ms",
  };
  for (const phase of ["resolve", "connect", "handshake"] as const) {
    const task = executor.spawn(
      TlsStream.connect("example.test:443", {
        network,
        deadlines: { [phase]: 20 },
      }),
    );
    pollOnce(task);
    clock.settle();
    if (phase !== "resolve") clock.advance(30); // the phases before have time
    reach[phase]();
    clock.settle();
    clock.advance(19);
    assertEquals(pollOnce(task), Pending, phase);
    clock.advance(1);
    const error = failureOf(task);
    assertInstanceOf(error, ConnectTimeout);
    assertEquals([error.phase, error.message], [phase, messages[phase]]);
    assertEquals(executor.timerCount, 0);
    network.interrupt();
    assert(network.sockets.every(({ isClosed }) => isClosed));
  }
});

scriptedTest("deadlines: that of all phases together runs on", (network) => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const task = executor.spawn(TlsStream.connect("example.test:443", {
    network,
    timeout: 50,
    deadlines: { resolve: 40, connect: 40, handshake: 40 },
  }));
  pollOnce(task);
  clock.advance(30);
  network.take("resolve").done.resolve(["10.0.0.1"]);
  clock.settle();
  clock.advance(15);
  network.connected();
  clock.settle();
  clock.advance(4);
  assertEquals(pollOnce(task), Pending);
  clock.advance(1);
  const error = failureOf(task);
  assertEquals(
    error.message,
    "Cannot agree on TLS with example.test:443: it took more than 50 ms",
  );
  assertEquals(executor.timerCount, 0);
});

scriptedTest(
  "options: the socket is told before it is handed out",
  (network) => {
    const told = (options: ConnectOptions) => {
      const connect = TcpStream.connect("10.0.0.1:80", { network, ...options });
      pollOnce(connect);
      const socket = network.connected();
      const stream = pollOnce(connect);
      assert(stream !== Pending);
      stream.close();
      return [socket.noDelay, socket.keepAlive];
    };
    assertEquals(told({}), [true, null]);
    assertEquals(told({ noDelay: false, keepAlive: true }), [false, true]);
  },
);
