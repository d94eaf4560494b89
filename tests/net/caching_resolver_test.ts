import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { pollOnce, VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import {
  Budget,
  type Future,
  lazy,
  map,
  noopWaker,
  Pending,
  pending,
  ready,
} from "../../future/mod.ts";
import { cachingResolver, lookupHost, TcpStream } from "../../net/mod.ts";
import { type ScriptedNetwork, scriptedTest } from "./_scripted_network.ts";

/** A resolver that counts, over answers that are numbered. */
function counting(): {
  resolver: (name: string) => Future<string[]>;
  asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    resolver: (name) =>
      lazy(() => {
        asked.push(name);
        return [`10.0.0.${asked.length}`];
      }),
  };
}

/** Runs a future on the executor's clock. */
function on<T>(executor: Executor, clock: VirtualClock, future: Future<T>): T {
  using task = executor.spawn(future);
  clock.settle();
  const value = pollOnce(task);
  assert(value !== Pending);
  return value;
}

function overNetwork(network: ScriptedNetwork) {
  return (name: string) =>
    map(
      lookupHost(name, { network }),
      (found) => found.map((addr) => addr.hostname),
    );
}

Deno.test("cache: an answer is kept for its time, on the executor's clock", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const { resolver, asked } = counting();
  const resolve = cachingResolver({ resolver, ttl: 100 });
  const ask = () => on(executor, clock, resolve("a.test"));
  assertEquals(ask(), ["10.0.0.1"]);
  clock.advance(99);
  assertEquals(ask(), ["10.0.0.1"]);
  clock.advance(1);
  assertEquals(ask(), ["10.0.0.2"]);
  assertEquals(asked, ["a.test", "a.test"]);
});

Deno.test("cache: a failure is kept for its own time, and is the very same", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  let failures = 0;
  const resolve = cachingResolver({
    negativeTtl: 10,
    resolver: () =>
      lazy(() => {
        throw new Error(`failure ${++failures}`);
      }),
  });
  const ask = () => {
    const outcome: unknown[] = [];
    const future = resolve("a.test");
    executor.spawn(lazy(() => {
      try {
        pollOnce(future);
      } catch (error) {
        outcome.push(error);
      }
    })).detach();
    clock.settle();
    return outcome[0];
  };
  const first = ask();
  clock.advance(9);
  assertStrictEquals(ask(), first);
  clock.advance(1);
  assertEquals((ask() as Error).message, "failure 2");
});

Deno.test("cache: a refusal of the runtime is not kept, nor is anything for no time", () => {
  const refusal = new Error("no", { cause: new Deno.errors.NotCapable("no") });
  for (
    const [error, negativeTtl] of [
      [refusal, 1000],
      [new Deno.errors.NotCapable("no"), 1000],
      [new Error("no"), 0],
    ] as const
  ) {
    let asked = 0;
    const resolve = cachingResolver({
      negativeTtl,
      resolver: () =>
        lazy(() => {
          asked++;
          throw error;
        }),
    });
    for (let i = 0; i < 2; i++) {
      assertThrows(() => pollOnce(resolve("a.test")));
    }
    assertEquals(asked, 2);
  }
});

Deno.test("cache: the names used last are kept", () => {
  const { resolver, asked } = counting();
  const resolve = cachingResolver({ resolver, maxEntries: 2 });
  for (const name of ["a", "b", "a", "c", "a", "b"]) pollOnce(resolve(name));
  assertEquals(asked, ["a", "b", "c", "b"]);
});

Deno.test("cache: what a caller does to its answer changes no other's", () => {
  const resolve = cachingResolver({ resolver: () => ready(["10.0.0.1"]) });
  for (let i = 0; i < 3; i++) {
    const found = pollOnce(resolve("a.test"));
    assertEquals(found, ["10.0.0.1"]);
    (found as string[]).push("evil");
  }
});

scriptedTest("cache: those who ask at once wait for one lookup", (network) => {
  const resolve = cachingResolver({ resolver: overNetwork(network) });
  const wakers = [wakeCounter(), wakeCounter(), wakeCounter()];
  const lookups = wakers.map(() => resolve("a.test"));
  lookups.forEach((each, i) =>
    assertEquals(pollOnce(each, wakers[i]!), Pending)
  );
  assertEquals(network.log, ["resolve a.test"]);
  network.take("resolve").done.resolve(["10.0.0.1"]);
  assertEquals(wakers.map(({ count }) => count), [1, 1, 1]);
  for (const lookup of lookups) assertEquals(pollOnce(lookup), ["10.0.0.1"]);
});

scriptedTest(
  "cache: a lookup goes on for the others, and ends with the last",
  (network) => {
    const resolve = cachingResolver({ resolver: overNetwork(network) });
    const [first, second] = [resolve("a.test"), resolve("a.test")];
    const waker = wakeCounter();
    pollOnce(first);
    pollOnce(second, waker);
    first[Symbol.dispose]();
    using late = resolve("a.test");
    pollOnce(late);
    assertEquals(network.log, ["resolve a.test"]);
    network.take("resolve").done.resolve(["10.0.0.1"]);
    assertEquals(waker.count, 1, "the one that is left is woken");
    assertEquals(pollOnce(second), ["10.0.0.1"]);

    const third = resolve("b.test");
    pollOnce(third);
    third[Symbol.dispose]();
    third[Symbol.dispose]();
    using fourth = resolve("b.test");
    pollOnce(fourth);
    assertEquals(network.log, [
      "resolve a.test",
      "resolve b.test",
      "resolve b.test",
    ], "nobody waited any more: it was asked anew");
  },
);

Deno.test("cache: the last to leave drops the lookup", () => {
  let dropped = 0;
  const lookup = pending<string[]>();
  lookup[Symbol.dispose] = () => void dropped++;
  const resolve = cachingResolver({ resolver: () => lookup });
  const [first, second] = [resolve("a.test"), resolve("a.test")];
  pollOnce(first);
  pollOnce(second);
  first[Symbol.dispose]();
  assertEquals(dropped, 0);
  second[Symbol.dispose]();
  assertEquals(dropped, 1);
});

scriptedTest(
  "cache: who asks between the answer and its first taker gets it too",
  (network) => {
    const resolve = cachingResolver({ resolver: overNetwork(network) });
    using first = resolve("a.test");
    pollOnce(first);
    network.take("resolve").done.resolve(["10.0.0.1"]);
    assertEquals(pollOnce(resolve("a.test")), ["10.0.0.1"]);
    assertEquals(pollOnce(first), ["10.0.0.1"]);
    assertEquals(network.log, ["resolve a.test"]);
  },
);

Deno.test("cache: an answer that is kept takes a unit of the budget", () => {
  const resolve = cachingResolver({ resolver: () => ready(["10.0.0.1"]) });
  pollOnce(resolve("a.test"));
  const waker = wakeCounter();
  const budget = new Budget(1);
  const cx = { waker, budget };
  assertEquals(resolve("a.test").poll(cx), ["10.0.0.1"]);
  const later = resolve("a.test");
  assertEquals(later.poll(cx), Pending);
  assertEquals(waker.count, 1);
  assertEquals(later.poll({ waker: noopWaker }), ["10.0.0.1"]);
});

scriptedTest("cache: a connect asks it", (network) => {
  const resolver = cachingResolver({ resolver: () => ready(["10.0.0.9"]) });
  using connect = TcpStream.connect("a.test:80", { network, resolver });
  pollOnce(connect);
  assertEquals(network.log, ["connect 10.0.0.9:80"]);
});
