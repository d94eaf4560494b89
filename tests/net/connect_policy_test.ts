import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { pollOnce } from "../../executor/sim/mod.ts";
import { Pending, ready } from "../../future/mod.ts";
import { ConnectionFailed, TcpStream } from "../../net/mod.ts";
import { failure } from "./_failure.ts";
import { ScriptedStream, scriptedTest } from "./_scripted_network.ts";

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
