import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import {
  pollOnce,
  VirtualClock,
  wakeCounter,
} from "../../../executor/sim/mod.ts";
import { Pending, PolledAfterCompletionError } from "../../../future/mod.ts";
import { openResources } from "../../../net/mod.ts";
import { scriptedTest } from "../_scripted_network.ts";
import { ADVANCE, PENDING_STATES, traced, WALK, walkTo } from "./_walk.ts";

const STATES = ["Initial", ...PENDING_STATES] as const;

scriptedTest("drop: in each state it closes what it holds", (network) => {
  const expected = {
    Initial: [],
    Resolving: [],
    Connecting: ["give up 10.0.0.1:80"],
    Writing: ["close socket"],
    Reading: ["close socket"],
  };
  for (const state of STATES) {
    const before = openResources();
    const { client, steps } = traced(network);
    walkTo(client, network, state);
    network.log.length = 0;
    client[Symbol.dispose]();
    client[Symbol.dispose]();
    assertEquals(client.state, "Closed");
    assertEquals(network.log, expected[state]);
    assertEquals(steps.at(-1), `${state} -> Closed`);
    assertThrows(
      () => pollOnce(client),
      PolledAfterCompletionError,
      "Cannot poll SimpleHttpClient: it was dropped",
    );
    network.interrupt();
    assertEquals(openResources(), before, state);
  }
});

scriptedTest(
  "drop: in each state, also when what it waits for has come already",
  (network) => {
    for (const state of PENDING_STATES) {
      const { client } = traced(network);
      walkTo(client, network, state);
      switch (state) {
        case "Resolving":
          network.take("resolve").done.resolve(["10.0.0.1"]);
          break;
        case "Connecting":
          network.connected();
          break;
        case "Writing":
          network.sends();
          break;
        case "Reading":
          network.ends();
      }
      client[Symbol.dispose]();
      assert(network.sockets.every(({ isClosed }) => isClosed), state);
    }
  },
);

scriptedTest(
  "drop: nobody is woken by an answer or a connection that comes late",
  (network) => {
    for (const state of ["Resolving", "Connecting"] as const) {
      const { client } = traced(network);
      walkTo(client, network, state);
      const waker = wakeCounter();
      pollOnce(client, waker);
      client[Symbol.dispose]();
      ADVANCE[state](network);
      assertEquals(waker.count, 0, state);
    }
  },
);

scriptedTest("drop: no timer stays, in whatever state", (network) => {
  for (const state of STATES) {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    const { client } = traced(network);
    walkTo(client, network, state);
    const task = executor.spawn(client);
    clock.settle();
    task[Symbol.dispose]();
    assertEquals([executor.taskCount, executor.timerCount], [0, 0]);
    network.interrupt();
  }
});

scriptedTest(
  "onTransition: what it throws fails the client, which is closed",
  (network) => {
    for (const [at, step] of WALK.entries()) {
      const { client } = traced(network);
      const thrown = new Error("not that one");
      const steps: string[] = [];
      client.onTransition = (from, to) => {
        steps.push(`${from} -> ${to}`);
        if (steps.at(-1) === step) throw thrown;
      };
      const act = () => {
        walkTo(client, network, "Reading");
        network.ends();
        return pollOnce(client);
      };
      assertStrictEquals(assertThrows(act), thrown);
      assertEquals(client.state, "Closed");
      const [, to] = step.split(" -> ");
      assertEquals(
        steps,
        to === "Closed" ? WALK : [...WALK.slice(0, at + 1), `${to} -> Closed`],
      );
      assert(network.sockets.every(({ isClosed }) => isClosed), step);
      assertThrows(() => pollOnce(client), PolledAfterCompletionError);
      network.interrupt();
    }
  },
);

scriptedTest(
  "onTransition: what it throws while the client fails keeps the first error",
  (network) => {
    const { client } = traced(network);
    walkTo(client, network, "Reading");
    const thrown = new Error("at the close");
    client.onTransition = () => {
      throw thrown;
    };
    network.take("read").done.reject(new Deno.errors.ConnectionReset("?"));
    const error = assertThrows(() => pollOnce(client), SuppressedError);
    assertStrictEquals(error.error, thrown);
    assertEquals(error.suppressed.name, "ConnectionLost");
    assertEquals(client.state, "Closed");
    assert(network.sockets.every(({ isClosed }) => isClosed));
  },
);

scriptedTest(
  "onTransition: what it throws in a drop comes out of the drop, and nothing stays open",
  (network) => {
    const { client } = traced(network);
    walkTo(client, network, "Reading");
    const thrown = new Error("at the drop");
    client.onTransition = () => {
      throw thrown;
    };
    assertStrictEquals(assertThrows(() => client[Symbol.dispose]()), thrown);
    assertEquals(client.state, "Closed");
    assert(network.sockets.every(({ isClosed }) => isClosed));
    client[Symbol.dispose]();
  },
);

scriptedTest("onTransition: it may drop the client at each step", (network) => {
  for (const step of WALK) {
    const { client } = traced(network);
    const steps: string[] = [];
    client.onTransition = (from, to) => {
      steps.push(`${from} -> ${to}`);
      if (steps.at(-1) === step) client[Symbol.dispose]();
    };
    const act = () => {
      walkTo(client, network, "Reading");
      network.ends();
      return pollOnce(client);
    };
    if (step === "Reading -> Closed") {
      assertEquals(act(), new Uint8Array(0), "it had completed by then");
    } else {
      assertThrows(
        act,
        PolledAfterCompletionError,
        "Cannot poll SimpleHttpClient: it was dropped",
      );
      assertEquals(steps.at(-1), `${step.split(" -> ")[1]} -> Closed`);
    }
    assertEquals(client.state, "Closed");
    assert(network.sockets.every(({ isClosed }) => isClosed), step);
    network.interrupt();
  }
});

scriptedTest(
  "drop: a client that was never polled has done nothing",
  (network) => {
    const { client, steps } = traced(network);
    client[Symbol.dispose]();
    assertEquals([network.log, steps], [[], ["Initial -> Closed"]]);
    assertThrows(() => assertEquals(pollOnce(client), Pending));
  },
);
