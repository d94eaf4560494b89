import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { run } from "../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import {
  Budget,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { lookupToDial } from "../../net/_lookup_to_dial.ts";
import {
  DnsResolutionFailed,
  lookupHost,
  openResources,
  type SocketAddr,
} from "../../net/mod.ts";
import { scriptedTest } from "./_scripted_network.ts";
import { socketTest } from "./_sockets.ts";

scriptedTest(
  "lookup: an IP address is its own answer, without a look-up",
  (network) => {
    const cases: [address: string | SocketAddr, answer: SocketAddr][] = [
      ["127.0.0.1", { hostname: "127.0.0.1", port: 0 }],
      ["127.0.0.1:80", { hostname: "127.0.0.1", port: 80 }],
      ["::1", { hostname: "::1", port: 0 }],
      ["::1:80", { hostname: "::1:80", port: 0 }],
      ["[::1]", { hostname: "::1", port: 0 }],
      ["[::1]:80", { hostname: "::1", port: 80 }],
      ["fe80::a:b", { hostname: "fe80::a:b", port: 0 }],
      [{ hostname: "::1", port: 80 }, { hostname: "::1", port: 80 }],
    ];
    for (const [address, answer] of cases) {
      assertEquals(pollOnce(lookupHost(address, { network })), [answer]);
    }
    assertEquals(network.log, []);
  },
);

scriptedTest("lookup: the port is kept, and duplicates go", (network) => {
  const cases: [address: string | SocketAddr, port: number][] = [
    ["example.test", 0],
    ["example.test:8080", 8080],
    [{ hostname: "example.test", port: 8080 }, 8080],
  ];
  for (const [address, port] of cases) {
    const waker = wakeCounter();
    const lookup = lookupHost(address, { network });
    assertEquals(network.log, [], "nothing happens before the first poll");
    assertEquals(pollOnce(lookup, waker), Pending);
    assertEquals(pollOnce(lookup, waker), Pending);
    assertEquals(network.log.splice(0), ["resolve example.test"]);
    const found = ["10.0.0.2", "::2", "10.0.0.2", "10.0.0.1", "::2"];
    network.take("resolve").done.resolve(found);
    assertEquals(waker.count, 1);
    assertEquals(pollOnce(lookup), [
      { hostname: "10.0.0.2", port },
      { hostname: "::2", port },
      { hostname: "10.0.0.1", port },
    ]);
  }
});

scriptedTest(
  "lookup: the waker of the last poll is the one that is called",
  (network) => {
    const [first, second] = [wakeCounter(), wakeCounter()];
    using lookup = lookupHost("example.test", { network });
    pollOnce(lookup, first);
    pollOnce(lookup, second);
    network.take("resolve").done.resolve(["10.0.0.1"]);
    assertEquals([first.count, second.count], [0, 1]);
  },
);

scriptedTest(
  "lookup: a failure is a DnsResolutionFailed with its cause",
  (network) => {
    const lookup = lookupHost("nowhere.test:80", { network });
    pollOnce(lookup);
    const cause = Object.assign(new Error("getaddrinfo ENOTFOUND"), {
      code: "ENOTFOUND",
    });
    network.take("resolve").done.reject(cause);
    const error = assertThrows(() => pollOnce(lookup), DnsResolutionFailed);
    assertEquals(
      error.message,
      "Cannot resolve nowhere.test: there is no such host",
    );
    assertEquals([error.phase, error.address], ["resolve", "nowhere.test"]);
    assertStrictEquals(error.cause, cause);
    assertThrows(
      () => pollOnce(lookup),
      PolledAfterCompletionError,
      "Cannot poll LookupHost: it already failed",
    );
  },
);

scriptedTest("lookup: an empty answer is a failure too", (network) => {
  const lookup = lookupHost("empty.test", { network });
  pollOnce(lookup);
  network.take("resolve").done.resolve([]);
  const error = assertThrows(() => pollOnce(lookup), DnsResolutionFailed);
  assertEquals(
    error.message,
    "Cannot resolve empty.test: it has no addresses",
  );
  assertEquals([error.phase, error.address], ["resolve", "empty.test"]);
  assertThrows(() => pollOnce(lookup), PolledAfterCompletionError, "failed");
});

scriptedTest("lookup: dropped in flight, the answer is ignored", (network) => {
  const before = openResources();
  const waker = wakeCounter();
  const lookup = lookupHost("example.test", { network });
  pollOnce(lookup, waker);
  lookup[Symbol.dispose]();
  lookup[Symbol.dispose]();
  const { operations } = openResources();
  assertEquals(operations, before.operations + 1, "it counts until it is over");
  network.take("resolve").done.resolve(["10.0.0.1"]);
  assertEquals(openResources(), before);
  assertEquals(waker.count, 0);
  assertThrows(
    () => pollOnce(lookup),
    PolledAfterCompletionError,
    "Cannot poll LookupHost: it was dropped",
  );
});

scriptedTest(
  "lookup: dropped before its first poll it has done nothing",
  (network) => {
    lookupHost("example.test", { network })[Symbol.dispose]();
    assertEquals(network.log, []);
  },
);

scriptedTest("lookup: it cannot be polled after its completion", (network) => {
  for (const host of ["::1", "example.test"]) {
    const lookup = lookupHost(host, { network });
    if (pollOnce(lookup) === Pending) {
      network.take("resolve").done.resolve(["::1"]);
      pollOnce(lookup);
    }
    lookup[Symbol.dispose]();
    assertThrows(
      () => pollOnce(lookup),
      PolledAfterCompletionError,
      "Cannot poll LookupHost: it already completed",
    );
  }
});

const ADDR: SocketAddr = { hostname: "example.test", port: 80 };
const FOUND = ["::1", "10.0.0.1", "10.0.0.2"];

scriptedTest(
  "dialling: the addresses that may be dialled are the answer",
  (network) => {
    network.denied = ({ hostname }) => hostname === "10.0.0.1";
    const lookup = lookupToDial(ADDR, network);
    pollOnce(lookup);
    network.take("resolve").done.resolve(FOUND);
    assertEquals(pollOnce(lookup), [
      { hostname: "::1", port: 80 },
      { hostname: "10.0.0.2", port: 80 },
    ]);
  },
);

scriptedTest(
  "dialling: if none may be, the answer is the name itself",
  (network) => {
    network.denied = () => true;
    const lookup = lookupToDial(ADDR, network);
    pollOnce(lookup);
    network.take("resolve").done.resolve(FOUND);
    assertEquals(pollOnce(lookup), [ADDR]);
  },
);

scriptedTest(
  "dialling: if looking up is not permitted, the answer is the name itself",
  (network) => {
    for (
      const denial of [
        new Deno.errors.NotCapable("Requires net access"),
        Object.assign(new Error("getaddrinfo EPERM"), { code: "EPERM" }),
      ]
    ) {
      const lookup = lookupToDial(ADDR, network);
      pollOnce(lookup);
      network.take("resolve").done.reject(denial);
      assertEquals(pollOnce(lookup), [ADDR]);
    }
  },
);

scriptedTest("dialling: any other failure is passed on", (network) => {
  const failing = lookupToDial(ADDR, network);
  pollOnce(failing);
  network.take("resolve").done.reject(new Error("no luck"));
  assertThrows(
    () => pollOnce(failing),
    DnsResolutionFailed,
    "Cannot resolve example.test: no luck",
  );

  const empty = lookupToDial(ADDR, network);
  pollOnce(empty);
  network.take("resolve").done.resolve([]);
  assertThrows(
    () => pollOnce(empty),
    DnsResolutionFailed,
    "Cannot resolve example.test: it has no addresses",
  );
});

socketTest("lookup: the platform reads the hosts file", async () => {
  const found = await run(lookupHost("localhost:80"));
  const loopback = new Set(["127.0.0.1", "::1"]);
  for (const { hostname, port } of found) {
    assertEquals([loopback.has(hostname), port], [true, 80]);
  }
});

socketTest(
  "lookup: dropped in flight, the platform's answer is ignored",
  async () => {
    const before = openResources();
    const lookup = lookupHost("localhost");
    pollOnce(lookup);
    lookup[Symbol.dispose]();
    assertEquals(openResources().operations, before.operations + 1);
    await run(lookupHost("localhost")); // the one before it is over by then
  },
);

scriptedTest(
  "lookup: an address, which is its own answer, takes a unit of the budget",
  (network) => {
    const waker = wakeCounter();
    const cx = { waker, budget: new Budget(1) };
    const lookup = () => lookupHost("10.0.0.1:80", { network });
    assert(lookup().poll(cx) !== Pending);
    const later = lookup();
    assertEquals(later.poll(cx), Pending);
    assertEquals(waker.count, 1);
    assert(pollOnce(later) !== Pending);
  },
);

scriptedTest(
  "lookup: a network that throws has failed it, and nothing stays counted",
  (network) => {
    network.resolve = () => {
      throw new Error("boom");
    };
    const before = openResources().operations;
    assertThrows(
      () => pollOnce(lookupHost("example.test", { network })),
      DnsResolutionFailed,
      "Cannot resolve example.test: boom",
    );
    assertEquals(openResources().operations, before);
  },
);
