// What join, joinSettled, race, any and select have in common: which children
// they poll, and when.
import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import {
  CancelledError,
  co,
  type Future,
  join,
  noopWaker,
  Pending,
  pin,
  PolledAfterCompletionError,
  pollFn,
  race,
  ReentrantPollError,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { groups } from "./_groups.ts";

const cx = { waker: noopWaker };

/** Probes that write down the order of their polls. */
function traced(count: number): { leaves: Probe<unknown>[]; log: string[] } {
  const log: string[] = [];
  const leaves = Array.from({ length: count }, (_, i) => {
    const leaf = new Probe<unknown>(`${i}`);
    leaf.onPoll = () => log.push(leaf.name);
    return leaf;
  });
  return { leaves, log };
}

for (const { name, combine } of groups) {
  Deno.test(`groups: ${name} polls every child at its first poll, in order unless it rotates`, () => {
    const { leaves, log } = traced(5);
    using future = combine(leaves);
    assertStrictEquals(future.poll(cx), Pending);
    const start = Number(log[0]);
    assertEquals(
      log,
      leaves.map((_, i) => `${(start + i) % 5}`),
    );
    if (name.startsWith("join") || name.startsWith("biased")) {
      assertEquals(start, 0);
    }
  });

  Deno.test(`groups: ${name} polls only the child that was woken, among 10,000`, () => {
    const { leaves, log } = traced(10_000);
    using future = combine(leaves);
    future.poll(cx);
    assertEquals(log.length, 10_000);
    log.length = 0;
    for (let i = 0; i < 10_000; i += 97) {
      leaves[i]!.wake();
      assertStrictEquals(future.poll(cx), Pending);
    }
    assertEquals(
      log,
      leaves.filter((_, i) => i % 97 === 0).map(({ name }) => name),
    );
    assertStrictEquals(future.poll(cx), Pending);
    assertEquals(log.length, 104, "a poll without a wake polls nobody");
  });

  Deno.test(`groups: ${name} polls a child that wakes itself again at the next poll, not before`, () => {
    const { leaves, log } = traced(2);
    const waker = wakeCounter();
    using future = combine(leaves);
    leaves[0]!.onPoll = (cx) => {
      log.push("0");
      if (leaves[0]!.polls < 4) cx.waker.wake();
    };
    future.poll({ waker });
    log.length = 0;
    for (let polls = 1; polls < 4; polls++) {
      assertEquals([waker.count, log.length], [polls, polls - 1]);
      future.poll({ waker });
    }
    assertEquals(log, ["0", "0", "0"]);
    assertEquals(waker.count, 3);
  });

  Deno.test(`groups: ${name} lets a child wake itself and end in the same poll`, () => {
    for (const how of ["value", "failure"]) {
      const waker = wakeCounter();
      const restless = pollFn((cx) => {
        cx.waker.wake();
        if (how === "failure") throw "failed";
        return "done";
      });
      const sleeper = new Probe();
      const future = combine([restless, sleeper]);
      try {
        // Polled again for the wake of a child that is no more.
        for (let i = 0; i < 3; i++) {
          if (future.poll({ waker }) !== Pending) break;
        }
      } catch (error) {
        assertStrictEquals(error, "failed");
      }
      future[Symbol.dispose]();
      assertEquals(sleeper.isAlive, false);
      assertEquals(sleeper.polls <= 1, true);
    }
  });

  Deno.test(`groups: ${name} polls a child that its sibling wakes once more, if it was polled before`, () => {
    const { leaves, log } = traced(3);
    using future = combine(leaves);
    future.poll(cx);
    log.length = 0;
    let waked = false;
    leaves[1]!.onPoll = () => {
      log.push("1");
      if (waked) return;
      waked = true;
      leaves[0]!.wake();
      leaves[2]!.wake();
    };
    // All three in the batch in hand: 0 or 2 may have been polled already.
    leaves.forEach((leaf) => leaf.wake());
    const waker = wakeCounter();
    future.poll({ waker });
    const again = log.slice(0, log.indexOf("1"));
    assertEquals(log.length, 3);
    assertEquals(waker.count, again.length > 0 ? 1 : 0);
    log.length = 0;
    future.poll({ waker });
    assertEquals(log.sort(), again.sort());
  });

  Deno.test(`groups: ${name} hears the wake of a sleeping child while another is polled`, () => {
    const { leaves, log } = traced(2);
    const waker = wakeCounter();
    using future = combine(leaves);
    future.poll({ waker });
    log.length = 0;
    leaves[0]!.onPoll = () => leaves[1]!.wake();
    leaves[0]!.wake();
    waker.reset();
    future.poll({ waker });
    assertEquals([waker.count, log], [1, []]);
    future.poll({ waker });
    assertEquals(log, ["1"]);
  });

  Deno.test(`groups: ${name} refuses to be polled from inside its own poll, and goes on`, () => {
    const waker = wakeCounter();
    const [first, second] = [new Probe<unknown>(), new Probe<unknown>()];
    const future = combine([first, second]);
    first.onPoll = () => {
      const error = assertThrows(() => future.poll(cx), ReentrantPollError);
      assertEquals(
        error.message,
        `Cannot poll ${future.constructor.name}: it is being polled right now, further up`,
      );
    };
    assertStrictEquals(future.poll({ waker }), Pending);
    second.wake();
    assertEquals(waker.count, 1, "it has kept its waker");
    future[Symbol.dispose]();
  });

  Deno.test(`groups: ${name} that is dropped from inside its poll drops its children after that poll`, () => {
    for (const at of [0, 1, 2]) {
      const { leaves } = traced(3);
      const future = combine(leaves);
      leaves[at]!.onPoll = () => {
        future[Symbol.dispose]();
        future[Symbol.dispose]();
        assertEquals(leaves.map((leaf) => leaf.isAlive), [true, true, true]);
        assertThrows(() => future.poll(cx), ReentrantPollError);
      };
      const error = assertThrows(() => future.poll(cx), CancelledError);
      assertEquals(
        error.message,
        `Cannot go on with ${future.constructor.name}: it was dropped from inside its poll`,
      );
      assertEquals(leaves.map((leaf) => leaf.drops), [1, 1, 1]);
      assertThrows(() => future.poll(cx), PolledAfterCompletionError);
      future[Symbol.dispose]();
      assertEquals(leaves.map((leaf) => leaf.drops), [1, 1, 1]);
    }
  });

  Deno.test(`groups: ${name} that is decided by the very poll it is dropped in keeps its outcome`, () => {
    const leaf = Probe.ready("value");
    const future = combine([leaf]);
    leaf.onPoll = () => future[Symbol.dispose]();
    assertEquals(JSON.stringify(future.poll(cx)).includes("value"), true);
    assertEquals(leaf.drops, 0);
    assertThrows(
      () => future.poll(cx),
      PolledAfterCompletionError,
      "completed",
    );
  });
}

Deno.test("groups: join that waits for itself fails instead of sleeping for ever", () => {
  const waker = wakeCounter();
  const future: Future<unknown> = join([
    co(function* (): Generator<Future<unknown>, unknown, unknown> {
      return yield* self;
    }),
    new Probe(),
  ]);
  const self = pollFn((cx) => future.poll(cx));
  assertThrows(
    () => future.poll({ waker }),
    ReentrantPollError,
    "Cannot poll Join",
  );
});

Deno.test("groups: when a group is dropped inside its poll, the throws of its children's drops are kept", () => {
  const leaf = new Probe();
  const future = race([leaf, new Probe()]);
  leaf.onPoll = () => future[Symbol.dispose]();
  leaf.onDrop = () => {
    throw "in the drop";
  };
  const error = assertThrows(() => future.poll(cx));
  assertInstanceOf(error, SuppressedError);
  assertStrictEquals(error.error, "in the drop");
  assertInstanceOf(error.suppressed, CancelledError);
});

Deno.test("groups: a waker that throws fails the group, and its children are dropped", () => {
  const { leaves } = traced(2);
  const future = join(leaves);
  future.poll({
    waker: {
      wake() {},
      willWake() {
        throw "broken waker";
      },
    },
  });
  assertStrictEquals(assertThrows(() => future.poll(cx)), "broken waker");
  assertEquals(leaves.map((leaf) => leaf.drops), [1, 1]);
});

Deno.test("groups: nested groups pass a wake down to the one child that it is for", () => {
  const { leaves, log } = traced(4);
  using future = join([
    join([leaves[0]!, leaves[1]!]),
    join([leaves[2]!, join([leaves[3]!])]),
  ]);
  future.poll(cx);
  log.length = 0;
  leaves[3]!.complete("deep");
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals(log, ["3"]);
});

Deno.test("groups: a loser that was lent is not polled any more, and its wake is nothing", () => {
  using slow = new Probe("slow");
  const waker = wakeCounter();
  const quick = Probe.ready("quick");
  assertEquals(
    race([pin(slow), quick], { biased: true }).poll({ waker }),
    "quick",
  );
  waker.reset();
  slow.wake();
  assertEquals([waker.count, slow.polls], [0, 1]);
});
