import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor, JoinError, type JoinHandle } from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import { Pending } from "../../future/mod.ts";
import { interleave } from "../../net/_dial.ts";
import {
  ConnectionFailed,
  type ConnectOptions,
  type NetError,
  TcpStream,
} from "../../net/mod.ts";
import { type ScriptedNetwork, scriptedTest } from "./_scripted_network.ts";

/** A connect to a name, on an executor of its own. */
class Connecting implements Disposable {
  readonly clock = new VirtualClock();
  readonly executor: Executor = new Executor({ host: this.clock });
  readonly task: JoinHandle<TcpStream>;
  readonly network: ScriptedNetwork;

  constructor(
    network: ScriptedNetwork,
    addresses: string[],
    options: ConnectOptions = {},
  ) {
    this.network = network;
    this.task = this.executor.spawn(
      TcpStream.connect("example.test:80", { network, ...options }),
    );
    pollOnce(this.task); // joined: its failure is no surprise
    this.clock.settle();
    network.take("resolve").done.resolve(addresses);
    this.clock.settle();
  }

  /** The attempts so far, in order. */
  get attempts(): string[] {
    return this.network.log
      .filter((entry) => entry.startsWith("connect "))
      .map((entry) => entry.slice("connect ".length));
  }

  /** The oldest attempt in flight fails. */
  fails(error: Error = new Deno.errors.ConnectionRefused("refused")): void {
    this.network.take("connect").done.reject(error);
    this.clock.settle();
  }

  [Symbol.dispose](): void {
    this.task[Symbol.dispose]();
    this.executor[Symbol.dispose]();
  }
}

Deno.test("eyeballs: the families go by turns, the first one's first, each in its order", () => {
  const mixed = (...hosts: string[]) =>
    interleave(hosts.map((hostname) => ({ hostname, port: 1 })))
      .map(({ hostname }) => hostname);
  assertEquals(mixed("::1", "::2", "1.1.1.1", "2.2.2.2", "::3"), [
    "::1",
    "1.1.1.1",
    "::2",
    "2.2.2.2",
    "::3",
  ]);
  assertEquals(mixed("1.1.1.1", "2.2.2.2", "::1"), [
    "1.1.1.1",
    "::1",
    "2.2.2.2",
  ]);
  assertEquals(mixed("1.1.1.1"), ["1.1.1.1"]);
  assertEquals(mixed(), []);
});

scriptedTest(
  "eyeballs: the next is tried beside when the last takes 250 ms",
  (network) => {
    using c = new Connecting(network, ["::1", "::2", "10.0.0.1"]);
    assertEquals(c.attempts, ["[::1]:80"]);
    c.clock.advance(249);
    assertEquals(c.attempts, ["[::1]:80"]);
    c.clock.advance(1);
    assertEquals(c.attempts, ["[::1]:80", "10.0.0.1:80"]);
    c.clock.advance(250);
    assertEquals(c.attempts.length, 3);
    c.clock.advance(10_000);
    assertEquals(c.attempts.length, 3);
    assertEquals(c.executor.timerCount, 0, "nothing is left to be tried");
  },
);

scriptedTest(
  "eyeballs: the next is tried at once when the last has failed, and has its own 250 ms",
  (network) => {
    using c = new Connecting(network, ["::1", "10.0.0.1", "::2"]);
    c.clock.advance(100);
    c.fails();
    assertEquals(c.attempts, ["[::1]:80", "10.0.0.1:80"]);
    c.clock.advance(249);
    assertEquals(c.attempts.length, 2);
    c.clock.advance(1);
    assertEquals(c.attempts.length, 3);
  },
);

scriptedTest("eyeballs: the delay can be chosen", (network) => {
  using c = new Connecting(network, ["::1", "10.0.0.1"], { attemptDelay: 30 });
  c.clock.advance(29);
  assertEquals(c.attempts.length, 1);
  c.clock.advance(1);
  assertEquals(c.attempts.length, 2);
});

scriptedTest(
  "eyeballs: the first that is there is taken, the others are given up, and close if they come",
  (network) => {
    using c = new Connecting(network, ["::1", "10.0.0.1"]);
    c.clock.advance(250);
    const slow = network.take("connect");
    const winner = network.connected();
    c.clock.settle();
    const stream = pollOnce(c.task);
    assert(stream instanceof TcpStream);
    assertEquals(network.log.filter((entry) => entry.startsWith("give up")), [
      "give up [::1]:80",
    ]);
    const late = network.socket();
    slow.done.resolve(late);
    assert(late.isClosed);
    assert(!winner.isClosed);
    assertEquals(c.executor.timerCount, 0);
    stream.close();
  },
);

scriptedTest(
  "eyeballs: of two that are there at once one is taken, the other closed",
  (network) => {
    using c = new Connecting(network, ["::1", "10.0.0.1"]);
    c.clock.advance(250);
    const sockets = [network.connected(), network.connected()];
    c.clock.settle();
    const stream = pollOnce(c.task);
    assert(stream instanceof TcpStream);
    assertEquals(sockets.map(({ isClosed }) => isClosed), [false, true]);
    stream.close();
  },
);

scriptedTest(
  "eyeballs: when all have failed, the error tells of each",
  (network) => {
    using c = new Connecting(network, ["::1", "10.0.0.1"]);
    const first = new Deno.errors.ConnectionRefused("refused");
    c.fails(first);
    c.fails(new Deno.errors.NetworkUnreachable("unreachable"));
    const error = assertThrows(() => pollOnce(c.task), JoinError).cause;
    assertInstanceOf(error, ConnectionFailed);
    assertEquals(
      error.message,
      "Cannot connect to example.test:80: none of its 2 addresses works: " +
        "[::1]:80: the connection was refused; " +
        "10.0.0.1:80: the network is unreachable",
    );
    assertEquals([error.phase, error.address], ["connect", "example.test:80"]);
    assertInstanceOf(error.cause, AggregateError);
    const { errors } = error.cause;
    assertEquals(errors.map(({ address }: NetError) => address), [
      "[::1]:80",
      "10.0.0.1:80",
    ]);
    assertStrictEquals(errors[0].cause, first);
    assertEquals(c.executor.timerCount, 0);
  },
);

scriptedTest("eyeballs: of one address, the error is its own", (network) => {
  using c = new Connecting(network, ["10.0.0.1"]);
  c.fails();
  const error = assertThrows(() => pollOnce(c.task), JoinError).cause;
  assertInstanceOf(error, ConnectionFailed);
  assertEquals(
    error.message,
    "Cannot connect to 10.0.0.1:80: the connection was refused",
  );
});

scriptedTest(
  "eyeballs: one that fails while others are under way is passed over",
  (network) => {
    using c = new Connecting(network, ["::1", "10.0.0.1"]);
    c.clock.advance(250);
    c.fails();
    assertEquals(pollOnce(c.task), Pending);
    network.connected();
    c.clock.settle();
    const stream = pollOnce(c.task);
    assert(stream instanceof TcpStream);
    stream.close();
  },
);

scriptedTest(
  "eyeballs: a network that throws fails that attempt alone, and nothing stays counted",
  (network) => {
    const { connect } = network;
    let calls = 0;
    network.connect = (addr, done) => {
      if (++calls === 1) throw new Error("no such device");
      return connect.call(network, addr, done);
    };
    using c = new Connecting(network, ["::1", "10.0.0.1"]);
    assertEquals(c.attempts, ["10.0.0.1:80"]);
    network.connected();
    c.clock.settle();
    const stream = pollOnce(c.task);
    assert(stream instanceof TcpStream);
    stream.close();
  },
);

scriptedTest("eyeballs: a drop gives all attempts up", (network) => {
  const c = new Connecting(network, ["::1", "10.0.0.1", "10.0.0.2"]);
  c.clock.advance(250);
  c[Symbol.dispose]();
  assertEquals(network.log.slice(-2), [
    "give up [::1]:80",
    "give up 10.0.0.1:80",
  ]);
  assertEquals(c.executor.timerCount, 0);
  for (let i = 0; i < 2; i++) assert(network.connected().isClosed);
});
