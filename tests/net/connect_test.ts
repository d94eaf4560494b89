import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor, JoinError } from "../../executor/mod.ts";
import { pollOnce, VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import { lazy, Pending, PolledAfterCompletionError } from "../../future/mod.ts";
import {
  ConnectionFailed,
  ConnectTimeout,
  DnsResolutionFailed,
  openResources,
  TcpStream,
} from "../../net/mod.ts";
import { scriptedTest } from "./_scripted_network.ts";

scriptedTest("connect: nothing happens before the first poll", (network) => {
  using _connect = TcpStream.connect("10.0.0.1:80", { network });
  assertEquals(network.log, []);
});

scriptedTest(
  "connect: it completes with the stream, and lets go of it",
  (network) => {
    const waker = wakeCounter();
    const connect = TcpStream.connect("10.0.0.1:80", { network });
    assertEquals(pollOnce(connect, waker), Pending);
    assertEquals(pollOnce(connect, waker), Pending);
    assertEquals(network.log, ["connect 10.0.0.1:80"]);
    network.connected();
    assertEquals(waker.count, 1);
    const stream = pollOnce(connect);
    assert(stream instanceof TcpStream);
    connect[Symbol.dispose]();
    assertEquals(network.log, ["connect 10.0.0.1:80"], "still open");
    assertEquals(stream.remoteAddr, { hostname: "10.0.0.1", port: 80 });
    assertEquals(stream.localAddr, { hostname: "10.0.0.9", port: 50_000 });
    stream.close();
  },
);

scriptedTest(
  "connect: the waker of the last poll is the one that is called",
  (network) => {
    const [first, second] = [wakeCounter(), wakeCounter()];
    using connect = TcpStream.connect("10.0.0.1:80", { network });
    pollOnce(connect, first);
    pollOnce(connect, second);
    network.connected();
    assertEquals([first.count, second.count], [0, 1]);
  },
);

scriptedTest(
  "connect: a failure is a ConnectionFailed with its cause",
  (network) => {
    const connect = TcpStream.connect("10.0.0.1:80", { network });
    pollOnce(connect);
    const cause = new Deno.errors.ConnectionRefused("Connection refused");
    network.take("connect").done.reject(cause);
    const error = assertThrows(() => pollOnce(connect), ConnectionFailed);
    assertEquals(network.log, ["connect 10.0.0.1:80"], "it is over by itself");
    assertEquals(
      error.message,
      "Cannot connect to 10.0.0.1:80: the connection was refused",
    );
    assertEquals([error.phase, error.address], ["connect", "10.0.0.1:80"]);
    assertStrictEquals(error.cause, cause);
    assertThrows(
      () => pollOnce(connect),
      PolledAfterCompletionError,
      "Cannot poll Connect: it already failed",
    );
  },
);

scriptedTest(
  "connect: a host without an address is a DnsResolutionFailed",
  (network) => {
    network.denied = () => true; // by its address; the platform looks it up
    const connect = TcpStream.connect("nowhere.test:80", { network });
    pollOnce(connect);
    network.take("resolve").done.resolve(["10.0.0.1"]);
    pollOnce(connect);
    network.take("connect").done.reject(
      new Error(
        "failed to lookup address information: Name or service not known",
      ),
    );
    assertThrows(
      () => pollOnce(connect),
      DnsResolutionFailed,
      "Cannot resolve nowhere.test:80: there is no such host",
    );
  },
);

scriptedTest(
  "connect: dropped before its first poll it has done nothing",
  (network) => {
    const connect = TcpStream.connect("10.0.0.1:80", { network });
    connect[Symbol.dispose]();
    assertEquals(network.log, []);
    assertThrows(
      () => pollOnce(connect),
      PolledAfterCompletionError,
      "Cannot poll Connect: it was dropped",
    );
  },
);

scriptedTest(
  "connect: dropped in flight, the attempt is given up",
  (network) => {
    const waker = wakeCounter();
    const connect = TcpStream.connect("10.0.0.1:80", { network });
    pollOnce(connect, waker);
    connect[Symbol.dispose]();
    connect[Symbol.dispose]();
    assertEquals(network.log, ["connect 10.0.0.1:80", "give up 10.0.0.1:80"]);
    network.interrupt();
    assertEquals(waker.count, 0, "nobody is woken who has left");
  },
);

scriptedTest(
  "connect: dropped in flight, a socket that comes all the same is closed",
  (network) => {
    const connect = TcpStream.connect("10.0.0.1:80", { network });
    pollOnce(connect);
    connect[Symbol.dispose]();
    const socket = network.connected();
    assert(socket.isClosed);
  },
);

scriptedTest(
  "connect: dropped between the connection and the poll, the socket is closed",
  (network) => {
    const connect = TcpStream.connect("10.0.0.1:80", { network });
    pollOnce(connect);
    const socket = network.connected();
    assert(!socket.isClosed);
    connect[Symbol.dispose]();
    assert(socket.isClosed);
    assertEquals(network.log, ["connect 10.0.0.1:80", "close socket"]);
  },
);

scriptedTest(
  "connect: an attempt counts until the platform is done with it",
  (network) => {
    const before = openResources();
    const connect = TcpStream.connect("10.0.0.1:80", { network });
    pollOnce(connect);
    connect[Symbol.dispose]();
    const { operations } = openResources();
    assertEquals(operations, before.operations + 1);
    network.interrupt();
    assertEquals(openResources(), before);
  },
);

scriptedTest("timeout: at the deadline the attempt is given up", (network) => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const task = executor.spawn(
    TcpStream.connect("10.0.0.1:80", { network, timeout: 50 }),
  );
  assertEquals(pollOnce(task), Pending); // joined: its failure is no surprise
  clock.advance(49);
  assertEquals(network.log, ["connect 10.0.0.1:80"]);
  clock.advance(1);
  const error = assertThrows(() => pollOnce(task), JoinError).cause;
  assertInstanceOf(error, ConnectTimeout);
  assertEquals(
    error.message,
    "Cannot connect to 10.0.0.1:80: it took more than 50 ms",
  );
  assertEquals([error.phase, error.address], ["connect", "10.0.0.1:80"]);
  assertEquals(network.log, ["connect 10.0.0.1:80", "give up 10.0.0.1:80"]);
  assertEquals(executor.timerCount, 0);
  assert(network.connected().isClosed, "a socket that comes late is closed");
});

scriptedTest("timeout: it counts from the first poll", (network) => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const connect = TcpStream.connect("10.0.0.1:80", { network, timeout: 50 });
  clock.advance(49);
  const task = executor.spawn(connect);
  clock.advance(49);
  assert(!task.isFinished);
  network.connected();
  clock.settle();
  assert(task.isFinished);
  const stream = pollOnce(task);
  assert(stream instanceof TcpStream);
  assertEquals(executor.timerCount, 0, "the deadline is gone");
  stream.close();
});

scriptedTest("timeout: a drop takes the deadline along", (network) => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const task = executor.spawn(
    TcpStream.connect("10.0.0.1:80", { network, timeout: 50 }),
  );
  clock.settle();
  assertEquals(executor.timerCount, 1);
  task[Symbol.dispose]();
  assertEquals(executor.timerCount, 0);
});

scriptedTest(
  "timeout: a failure before the deadline takes it along",
  (network) => {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    const task = executor.spawn(
      TcpStream.connect("10.0.0.1:80", { network, timeout: 50 }),
    );
    clock.settle();
    network.take("connect").done.reject(new Error("no"));
    assertThrows(() => clock.settle());
    assert(task.isFinished);
    assertEquals(executor.timerCount, 0);
  },
);

scriptedTest(
  "timeout: a connection that is there when the deadline is noticed wins",
  (network) => {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    const connect = TcpStream.connect("10.0.0.1:80", { network, timeout: 50 });
    // Held up between its first poll and the second, past the deadline.
    const waker = wakeCounter();
    executor.spawn(lazy(() => pollOnce(connect, waker))).detach();
    clock.advance(60);
    network.connected();
    assertEquals(waker.count, 2);
    const stream = pollOnce(connect);
    assert(stream instanceof TcpStream);
    assertEquals(executor.timerCount, 0);
    stream.close();
  },
);

Deno.test("timeout: what is no time is refused at the call", () => {
  for (const timeout of [-1, NaN, -Infinity]) {
    assertThrows(
      () => TcpStream.connect("10.0.0.1:80", { timeout }),
      RangeError,
      "Cannot use timeout: it must be 0 milliseconds or more",
    );
  }
  assertThrows(
    () =>
      TcpStream.connect("10.0.0.1:80", { timeout: "1" as unknown as number }),
    TypeError,
    "Cannot use timeout: it must be a number of milliseconds, got string",
  );
});
