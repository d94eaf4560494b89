import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { pollOnce } from "../../executor/sim/mod.ts";
import { lazy, pending, ready } from "../../future/mod.ts";
import { DnsResolutionFailed, TcpStream } from "../../net/mod.ts";
import { failure } from "./_failure.ts";
import { scriptedTest } from "./_scripted_network.ts";

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
