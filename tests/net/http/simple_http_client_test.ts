import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor, yieldNow } from "../../../executor/mod.ts";
import {
  pollOnce,
  VirtualClock,
  wakeCounter,
} from "../../../executor/sim/mod.ts";
import {
  Budget,
  co,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { SimpleHttpClient } from "../../../net/http/mod.ts";
import {
  ConnectionFailed,
  ConnectionLost,
  DnsResolutionFailed,
} from "../../../net/mod.ts";
import { type ScriptedNetwork, scriptedTest } from "../_scripted_network.ts";
import { bytes, text } from "../_sockets.ts";
import { ADVANCE, PENDING_STATES, traced, WALK, walkTo } from "./_walk.ts";

scriptedTest(
  "client: it walks through its six states, and tells each step once",
  (network) => {
    const { client, steps } = traced(network);
    assertEquals(client.state, "Initial");
    walkTo(client, network, "Reading");
    network.arrives("response");
    assertEquals(pollOnce(client), Pending);
    network.ends();
    const response = pollOnce(client);
    assert(response !== Pending);
    assertEquals(text(response), "response");
    assertEquals(client.state, "Closed");
    assertEquals(steps, WALK);
    assertEquals(network.log, [
      "resolve example.test",
      "connect 10.0.0.1:80",
      "write 7",
      "read",
      "read",
      "close socket",
    ]);
  },
);

scriptedTest("client: nothing happens before the first poll", (network) => {
  const { client, steps } = traced(network);
  assertEquals([client.state, network.log, steps], ["Initial", [], []]);
});

scriptedTest(
  "client: each step is told when the new state has been entered",
  (network) => {
    const { client } = traced(network);
    const states: string[] = [];
    client.onTransition = (_from, to) => states.push(`${to}=${client.state}`);
    walkTo(client, network, "Connecting");
    client.onTransition = null;
    client[Symbol.dispose]();
    assertEquals(states, ["Resolving=Resolving", "Connecting=Connecting"]);
  },
);

// The loop never goes back to the executor between two states: when all that
// it asks for is there, one poll takes it from the first state to the last.
scriptedTest(
  "client: one poll walks all the way when everything is ready",
  (network) => {
    const answers = ["first, ", "second", null];
    network.onCall = (call) => {
      switch (call.op) {
        case "resolve":
          return ADVANCE.Resolving(network);
        case "connect":
          return ADVANCE.Connecting(network);
        case "write":
          return void network.sends(3);
        case "read": {
          const answer = answers.shift();
          if (typeof answer === "string") network.arrives(answer);
          else network.ends();
        }
      }
    };
    const { client, steps } = traced(network);
    const waker = wakeCounter();
    const response = pollOnce(client, waker);
    assert(response !== Pending);
    assertEquals(text(response), "first, second");
    assertEquals(steps, WALK);
    assertEquals(waker.count, 0, "it did not need to be woken");
  },
);

scriptedTest(
  "client: an IP address goes from Initial to Connecting in one poll",
  (network) => {
    const { client, steps } = traced(network, "[::1]:8080");
    assertEquals(pollOnce(client), Pending);
    assertEquals(client.state, "Connecting");
    assertEquals(steps, WALK.slice(0, 2));
    assertEquals(network.log, ["connect [::1]:8080"]);
    client[Symbol.dispose]();
  },
);

scriptedTest(
  "client: the addresses of a host are tried in order until one answers",
  (network) => {
    const { client, steps } = traced(network);
    pollOnce(client);
    const found = ["::1", "10.0.0.1", "10.0.0.2", "10.0.0.3"];
    network.take("resolve").done.resolve(found);
    for (const tried of ["[::1]:80", "10.0.0.1:80"]) {
      assertEquals(pollOnce(client), Pending);
      assertEquals(network.log.at(-1), `connect ${tried}`);
      network.take("connect").done.reject(
        new Deno.errors.ConnectionRefused("?"),
      );
    }
    assertEquals(pollOnce(client), Pending);
    assertEquals(network.log.at(-1), "connect 10.0.0.2:80");
    assertEquals(client.state, "Connecting");
    network.connected();
    assertEquals(pollOnce(client), Pending);
    assertEquals(client.state, "Writing");
    assertEquals(steps, WALK.slice(0, 3));
    client[Symbol.dispose]();
  },
);

scriptedTest(
  "client: if no address can be connected to, it fails with the last one's error",
  (network) => {
    const { client, steps } = traced(network);
    walkTo(client, network, "Connecting");
    network.take("connect").done.reject(new Error("the first"));
    assertEquals(pollOnce(client), Pending);
    network.take("connect").done.reject(new Error("the last"));
    assertThrows(
      () => pollOnce(client),
      ConnectionFailed,
      "Cannot connect to 10.0.0.2:80: the last",
    );
    assertEquals(client.state, "Closed");
    assertEquals(steps, [...WALK.slice(0, 2), "Connecting -> Closed"]);
  },
);

scriptedTest(
  "client: partial writes go on where they ended, and nothing is copied",
  (network) => {
    const request = bytes("a request in parts");
    const { client } = traced(network, undefined, request);
    walkTo(client, network, "Writing");
    let sent = "";
    for (const n of [1, 10, 7]) {
      const { bytes, done } = network.take("write");
      assertStrictEquals(bytes.buffer, request.buffer);
      sent += text(bytes.subarray(0, n));
      done.resolve(n);
      assertEquals(pollOnce(client), Pending);
    }
    assertEquals(sent, "a request in parts");
    assertEquals(client.state, "Reading");
    client[Symbol.dispose]();
  },
);

scriptedTest(
  "client: an empty request passes through Writing without a write",
  (network) => {
    const { client, steps } = traced(network, undefined, new Uint8Array(0));
    walkTo(client, network, "Connecting");
    network.connected();
    assertEquals(pollOnce(client), Pending);
    assertEquals(steps, WALK.slice(0, 4));
    assertEquals(network.log.slice(2), ["read"]);
    network.ends();
    assertEquals(pollOnce(client), new Uint8Array(0));
  },
);

scriptedTest(
  "client: the response may come in pieces of any size",
  (network) => {
    const { client } = traced(network);
    walkTo(client, network, "Reading");
    const whole = new Uint8Array(100_000).map((_, i) => i * 7);
    for (
      let at = 0, n = 1;
      at < whole.byteLength;
      at += n, n = (n * 3) % 4001
    ) {
      network.arrives(whole.subarray(at, at + n));
      assertEquals(pollOnce(client), Pending);
    }
    network.ends();
    const waker = wakeCounter();
    let response = pollOnce(client, waker);
    while (response === Pending) {
      assertEquals(waker.count, 1, "joining goes on at the next poll");
      waker.reset();
      assertEquals(client.state, "Reading");
      response = pollOnce(client, waker);
    }
    assertEquals(response, whole);
  },
);

/** Lets a client that reads have so many bytes, and the end. */
function respondWith(network: ScriptedNetwork, size: number): void {
  let left = size;
  network.onCall = (call) => {
    if (call.op !== "read") return;
    if (left === 0) return network.ends();
    const n = Math.min(left, call.into.byteLength);
    left -= n;
    network.arrives(call.into.subarray(0, n));
  };
}

scriptedTest(
  "client: a large response lets others run while it is read and joined",
  (network) => {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock, taskBudget: 4 });
    const { client } = traced(network, "10.0.0.1:80", new Uint8Array(0));
    respondWith(network, 16 << 20);
    const task = executor.spawn(client);
    clock.settle();
    network.connected();
    let turns = 0;
    executor.spawn(co(function* () {
      for (; !task.isFinished; turns++) yield* yieldNow();
    })).detach();
    clock.settle();
    assert(task.isFinished);
    const response = pollOnce(task);
    assert(response !== Pending);
    assertEquals(response.byteLength, 16 << 20);
    // 64 reads of 256 KiB or more, 4 a poll; then as many pieces, one a poll.
    assert(turns >= 16 + 64, `${turns} turns`);
  },
);

scriptedTest("client: reading takes budget", (network) => {
  const { client } = traced(network, "10.0.0.1:80", new Uint8Array(0));
  pollOnce(client);
  network.connected();
  respondWith(network, 8 << 20);
  const waker = wakeCounter();
  assertEquals(client.poll({ waker, budget: new Budget(2) }), Pending);
  assertEquals(waker.count, 1);
  assertEquals(network.log.filter((entry) => entry === "read").length, 2);
  client[Symbol.dispose]();
});

scriptedTest(
  "client: dropped while it joins the response, it is closed like in Reading",
  (network) => {
    const { client, steps } = traced(network, "10.0.0.1:80", new Uint8Array(0));
    pollOnce(client);
    const socket = network.connected();
    respondWith(network, 8 << 20);
    assertEquals(pollOnce(client), Pending);
    assertEquals([client.state, socket.isClosed], ["Reading", true]);
    client[Symbol.dispose]();
    assertEquals(steps.at(-1), "Reading -> Closed");
    assertThrows(() => pollOnce(client), PolledAfterCompletionError);
  },
);

scriptedTest(
  "client: in each state the waker of the last poll is the one that is called",
  (network) => {
    for (const state of PENDING_STATES) {
      const { client } = traced(network);
      walkTo(client, network, state);
      const [first, second] = [wakeCounter(), wakeCounter()];
      pollOnce(client, first);
      pollOnce(client, second);
      ADVANCE[state](network);
      assertEquals([first.count, second.count], [0, 1], state);
      client[Symbol.dispose]();
      network.interrupt();
    }
  },
);

scriptedTest("client: a failed or an empty look-up fails it", (network) => {
  const failing = traced(network);
  pollOnce(failing.client);
  network.take("resolve").done.reject(
    Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }),
  );
  assertThrows(
    () => pollOnce(failing.client),
    DnsResolutionFailed,
    "Cannot resolve example.test: there is no such host",
  );
  const empty = traced(network);
  pollOnce(empty.client);
  network.take("resolve").done.resolve([]);
  assertThrows(
    () => pollOnce(empty.client),
    DnsResolutionFailed,
    "Cannot resolve example.test: it has no addresses",
  );
  for (const { client, steps } of [failing, empty]) {
    assertEquals(client.state, "Closed");
    assertEquals(steps, [WALK[0]!, "Resolving -> Closed"]);
  }
});

scriptedTest(
  "client: a broken connection fails it, in Writing and in Reading",
  (network) => {
    for (
      const [state, op] of [["Writing", "write"], ["Reading", "read"]] as const
    ) {
      const { client, steps } = traced(network);
      walkTo(client, network, state);
      const cause = new Deno.errors.ConnectionReset("Connection reset by peer");
      network.take(op).done.reject(cause);
      const error = assertThrows(() => pollOnce(client), ConnectionLost);
      assertEquals([error.phase, error.address], [op, "10.0.0.1:80"]);
      assertStrictEquals(error.cause, cause);
      assertEquals(client.state, "Closed");
      assertEquals(steps.at(-1), `${state} -> Closed`);
      assert(network.sockets.every(({ isClosed }) => isClosed));
      assertThrows(
        () => pollOnce(client),
        PolledAfterCompletionError,
        "Cannot poll SimpleHttpClient: it already failed",
      );
    }
  },
);

scriptedTest("client: it cannot be polled after its completion", (network) => {
  const { client, steps } = traced(network);
  walkTo(client, network, "Reading");
  network.ends();
  assertEquals(pollOnce(client), new Uint8Array(0));
  const completed = () =>
    assertThrows(
      () => pollOnce(client),
      PolledAfterCompletionError,
      "Cannot poll SimpleHttpClient: it already completed",
    );
  completed();
  client[Symbol.dispose]();
  completed();
  assertEquals(steps, WALK, "a drop after the end is nothing");
});

Deno.test("client: a request that is no Uint8Array is a TypeError", () => {
  for (const request of ["GET / HTTP/1.0\r\n\r\n", new ArrayBuffer(1), null]) {
    assertThrows(
      () =>
        new SimpleHttpClient("localhost:80", request as unknown as Uint8Array),
      TypeError,
      "Cannot make a SimpleHttpClient: the request must be a Uint8Array",
    );
  }
});
