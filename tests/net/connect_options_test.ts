import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor, JoinError } from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import {
  type Future,
  lazy,
  Pending,
  pending,
  ready,
} from "../../future/mod.ts";
import {
  ConnectionFailed,
  type ConnectOptions,
  ConnectTimeout,
  DnsResolutionFailed,
  NetError,
  TcpStream,
  TlsStream,
} from "../../net/mod.ts";
import {
  type ScriptedNetwork,
  ScriptedStream,
  scriptedTest,
} from "./_scripted_network.ts";

/** Polls a future that fails. */
function failure<T>(future: Future<T>): NetError {
  let error: unknown;
  try {
    pollOnce(future);
  } catch (thrown) {
    error = thrown;
  }
  assertInstanceOf(error, NetError);
  return error;
}

/** What a task of an executor failed with. */
function failureOf(task: Future<unknown>): NetError {
  const error = assertThrows(() => pollOnce(task), JoinError).cause;
  assertInstanceOf(error, NetError);
  return error;
}

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

scriptedTest(
  "resolver: its addresses are dialled, and the network looks nothing up",
  (network) => {
    for (
      const resolver of [
        (_name: string) => ready(["10.0.0.7", "10.0.0.7"]),
        { resolve: (_name: string) => ready(["10.0.0.7"]) },
      ]
    ) {
      network.log.length = 0;
      using connect = TcpStream.connect("example.test:80", {
        network,
        resolver,
      });
      pollOnce(connect);
      assertEquals(network.log, ["connect 10.0.0.7:80"]);
      network.take("connect").done.reject(
        new Deno.errors.ConnectionRefused("refused"),
      );
      assertEquals(failure(connect).address, "10.0.0.7:80", "there is but one");
    }
  },
);

scriptedTest("resolver: an address is no business of it", (network) => {
  using connect = TcpStream.connect("10.0.0.1:80", {
    network,
    resolver: () => {
      throw new Error("asked");
    },
  });
  pollOnce(connect);
  assertEquals(network.log, ["connect 10.0.0.1:80"]);
});

scriptedTest("resolver: its failure is a DnsResolutionFailed", (network) => {
  const cause = new Error("the server is on fire");
  const connect = TcpStream.connect("example.test:80", {
    network,
    resolver: () =>
      lazy(() => {
        throw cause;
      }),
  });
  const error = failure(connect);
  assertInstanceOf(error, DnsResolutionFailed);
  assertEquals(
    error.message,
    "Cannot resolve example.test: the server is on fire",
  );
  assertStrictEquals(error.cause, cause);
  assertEquals(network.log, []);
});

scriptedTest(
  "resolver: an answer that is no list of addresses is refused",
  (network) => {
    for (
      const answer of [
        [],
        ["example.test"],
        ["10.0.0.1", "10.0.0.256"],
        ["10.0.0.1:80"],
        [" 10.0.0.1"],
        ["::g"],
        [4],
        "10.0.0.1",
        null,
      ]
    ) {
      const connect = TcpStream.connect("example.test:80", {
        network,
        resolver: () => ready(answer as string[]),
      });
      assertInstanceOf(failure(connect), DnsResolutionFailed);
    }
    assertEquals(network.log, []);
  },
);

scriptedTest("resolver: it is dropped with the connect", (network) => {
  let dropped = 0;
  const lookup = pending<string[]>();
  lookup[Symbol.dispose] = () => void dropped++;
  const connect = TcpStream.connect("example.test:80", {
    network,
    resolver: () => lookup,
  });
  pollOnce(connect);
  connect[Symbol.dispose]();
  assertEquals(dropped, 1);
});

const noTens = ({ hostname }: { hostname: string }) =>
  hostname.startsWith("10.") ? "ours" : undefined;

scriptedTest("policy: a refused address is not dialled", (network) => {
  const connect = TcpStream.connect("10.0.0.1:80", {
    network,
    policy: noTens,
  });
  const error = failure(connect);
  assertInstanceOf(error, ConnectionFailed);
  assertEquals(
    error.message,
    "Cannot connect to 10.0.0.1:80: the policy refuses it: ours",
  );
  assertEquals([error.phase, error.address], ["policy", "10.0.0.1:80"]);
  assertEquals(network.log, []);
});

scriptedTest(
  "policy: of a name's addresses, those that are allowed are dialled",
  (network) => {
    const asked: unknown[] = [];
    const connect = TcpStream.connect("example.test:80", {
      network,
      policy(addr, host) {
        asked.push([addr.hostname, host.hostname]);
        return noTens(addr);
      },
    });
    pollOnce(connect);
    network.take("resolve").done.resolve(["10.0.0.1", "192.0.2.1"]);
    pollOnce(connect);
    assertEquals(asked, [
      ["10.0.0.1", "example.test"],
      ["192.0.2.1", "example.test"],
    ]);
    assertEquals(network.log.slice(1), ["connect 192.0.2.1:80"]);
    network.take("connect").done.reject(
      new Deno.errors.ConnectionRefused("no"),
    );
    const error = failure(connect);
    assertEquals(error.phase, "connect");
    assertEquals(
      error.message,
      "Cannot connect to example.test:80: none of its 2 addresses works: " +
        "10.0.0.1:80: the policy refuses it: ours; " +
        "192.0.2.1:80: the connection was refused",
    );
  },
);

scriptedTest("policy: if all are refused, nothing is dialled", (network) => {
  const connect = TcpStream.connect("example.test:80", {
    network,
    policy: noTens,
  });
  pollOnce(connect);
  network.take("resolve").done.resolve(["10.0.0.1", "10.0.0.2"]);
  const error = failure(connect);
  assertEquals(error.phase, "policy");
  assertEquals(network.log, ["resolve example.test"]);
});

scriptedTest("policy: it sees what a resolver has found", (network) => {
  const connect = TcpStream.connect("example.test:80", {
    network,
    policy: noTens,
    resolver: () => ready(["10.0.0.1"]),
  });
  assertEquals(failure(connect).phase, "policy");
  assertEquals(network.log, []);
});

scriptedTest(
  "policy: where only the name may be dialled, it sees the peer's address before anything is sent",
  (network) => {
    network.denied = ({ hostname }) => hostname !== "example.test";
    for (const stranger of [true, false]) {
      network.log.length = 0;
      const connect = TcpStream.connect("example.test:80", {
        network,
        policy: noTens,
      });
      pollOnce(connect);
      network.take("resolve").done.resolve(["192.0.2.1"]);
      pollOnce(connect);
      assertEquals(network.log.at(-1), "connect example.test:80");
      const hostname = stranger ? "192.0.2.1" : "10.0.0.1";
      const socket = new ScriptedStream(network, { hostname, port: 80 });
      network.take("connect").done.resolve(socket);
      if (stranger) {
        const stream = pollOnce(connect);
        assert(stream !== Pending);
        stream.close();
        continue;
      }
      const error = failure(connect);
      assertEquals([error.phase, error.address], ["policy", "10.0.0.1:80"]);
      assert(socket.isClosed);
      assertEquals(socket.noDelay, null, "it was not touched");
    }
  },
);

scriptedTest("policy: anything but a clear yes is a no", (network) => {
  const cause = new Error("cannot tell");
  const answers: [policy: () => unknown, why: string][] = [
    [() => "", "the policy refuses it: "],
    [() => false, "it answered with boolean instead of a text or undefined"],
    [() => true, "it answered with boolean instead of a text or undefined"],
    [() => {
      throw cause;
    }, "the policy refuses it: cannot tell"],
    [() => {
      throw "no";
    }, "the policy refuses it: no"],
  ];
  for (const [policy, why] of answers) {
    const connect = TcpStream.connect("10.0.0.1:80", {
      network,
      policy: policy as () => undefined,
    });
    const error = failure(connect);
    assertEquals(error.phase, "policy");
    assert(error.message.includes(why), error.message);
    if (why.endsWith("cannot tell")) assertStrictEquals(error.cause, cause);
  }
  assertEquals(network.log, []);
  for (const allowed of [undefined, null]) {
    using connect = TcpStream.connect("10.0.0.1:80", {
      network,
      policy: () => allowed,
    });
    pollOnce(connect);
  }
  assertEquals(
    network.log.filter((each) => each.startsWith("connect")).length,
    2,
  );
});
