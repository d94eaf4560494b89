// Rule 6: what dropping each public future keeps, loses or leaves half done.
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import * as futures from "../../future/mod.ts";
import {
  co,
  flatMap,
  type Future,
  join,
  lazy,
  map,
  mapError,
  noopWaker,
  Pending,
  pin,
  PolledAfterCompletionError,
  ready,
  recover,
  type Waker,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { others, promises } from "./_claims.ts";
import { groups } from "./_groups.ts";
import { subjectOf, subjects } from "./_scenes.ts";

const cx = { waker: noopWaker };

Deno.test("cancel safety: every export of ./future is in the table", () => {
  assertEquals(
    Object.keys(futures).sort(),
    [...Object.keys(promises), ...others].sort(),
  );
  assertEquals(
    [...new Set(subjects.map(({ of }) => of))].sort(),
    Object.keys(promises).sort(),
    "and every future of the table is swept",
  );
});

for (const [name, promise] of Object.entries(promises)) {
  Deno.test(`cancel safety: the documentation of ${name} says "${promise}"`, async () => {
    const file = name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
    const url = new URL(`../../future/${file}.ts`, import.meta.url);
    const source = await Deno.readTextFile(url);
    const at = source.search(
      new RegExp(`^export (function|class) ${name}\\b`, "m"),
    );
    const doc = source.slice(source.lastIndexOf("/**", at), at);
    const says = doc.match(/\* Cancel safety: ([^]*?)\n \*\n/);
    const text = says?.[1]?.replaceAll("\n * ", " ") ?? "nothing";
    assert(text.startsWith(promise), text);
    assert(/^[,;:.]/.test(text.slice(promise.length)), text);
  });
}

for (const { title, of, set } of subjects) {
  Deno.test(`cancel safety: ${title}, dropped at any step, leaves nothing behind that runs`, async () => {
    // After each poll, and after each step that follows a poll.
    for (let acts = 0; acts <= 2 * set().steps.length; acts++) {
      const scene = set();
      const waker = wakeCounter();
      const kept = new Set<Waker>();
      for (const leaf of scene.leaves) leaf.onPoll = (cx) => kept.add(cx.waker);
      const rest = [...scene.steps];
      for (let act = 0; act < acts; act++) {
        if (act % 2 === 0) scene.future.poll({ waker });
        else await rest.shift()!();
      }
      scene.future[Symbol.dispose]();
      waker.reset();
      const { calls } = scene;
      const before = scene.leaves.map((leaf) => leaf.polls);

      kept.delete(waker);
      for (const childWaker of kept) childWaker.wake();
      for (const step of rest) await step();
      await Promise.resolve();
      // The waker that a lent future has been given is the future's own affair.
      if (of !== "pin") assertEquals(waker.count, 0, "no waker was kept");
      assertEquals(scene.calls, calls, "no function is called later");
      assertEquals(scene.leaves.map((leaf) => leaf.polls), before);
    }
  });
}

// "safe": the wait can be taken up again, and nothing has been missed.

Deno.test("cancel safety: a future that was lent with pin goes on where it was", () => {
  for (let polls = 0; polls < 4; polls++) {
    using leaf = new Probe();
    const loan = pin(leaf);
    for (let i = 0; i < polls; i++) assertStrictEquals(loan.poll(cx), Pending);
    loan[Symbol.dispose]();
    assertEquals([leaf.isAlive, leaf.drops, leaf.polls], [true, 0, polls]);
    leaf.complete("kept");
    assertEquals(pin(leaf).poll(cx), "kept");
  }
});

Deno.test("cancel safety: a signal aborted after the drop is seen by the next fromSignal", () => {
  const controller = new AbortController();
  const first = futures.fromSignal(controller.signal);
  first.poll(cx);
  controller.abort("why");
  first[Symbol.dispose]();
  assertEquals(futures.fromSignal(controller.signal).poll(cx), "why");
});

Deno.test("cancel safety: a function polled by pollFn is taken up by the next one", () => {
  let left = 3;
  const countdown = () => left-- === 0 ? "liftoff" : Pending;
  for (let i = 0; i < 3; i++) {
    using once = futures.pollFn(countdown);
    assertStrictEquals(once.poll(cx), Pending);
  }
  assertEquals(futures.pollFn(countdown).poll(cx), "liftoff");
});

// "as safe as its child": it holds nothing itself, so over a safe child it is safe.

const wrappers: Record<string, (child: Future<string>) => Future<unknown>> = {
  co: (child) =>
    co(function* () {
      return yield* child;
    }),
  flatMap: (child) => flatMap(child, ready),
  "flatMap, second": (child) => flatMap(ready(1), () => child),
  lazy: (child) => lazy(() => child),
  map: (child) => map(child, (value) => value),
  mapError: (child) => mapError(child, (error) => error),
  recover: (child) => recover(child, () => "none"),
  "recover, second": (child) => recover(Probe.failing("no"), () => child),
};

for (const [name, wrap] of Object.entries(wrappers)) {
  Deno.test(`cancel safety: ${name} over a safe future is safe`, () => {
    using leaf = new Probe();
    for (let polls = 0; polls < 4; polls++) {
      using wrapped = wrap(pin(leaf));
      for (let i = 0; i < polls; i++) {
        assertStrictEquals(wrapped.poll(cx), Pending);
      }
    }
    assertEquals([leaf.isAlive, leaf.polls], [true, 0 + 1 + 2 + 3]);
    leaf.complete("kept");
    assertEquals(wrap(pin(leaf)).poll(cx), "kept");
  });

  Deno.test(`cancel safety: ${name} over a future that loses data loses it`, () => {
    const leaf = new Probe();
    const wrapped = wrap(map(leaf, String));
    wrapped.poll(cx);
    wrapped[Symbol.dispose]();
    assertEquals(leaf.isAlive, false);
  });
}

Deno.test("cancel safety: co keeps what its body has done before the drop", () => {
  const done: string[] = [];
  const leaf = new Probe();
  const body = co(function* () {
    done.push("first");
    yield* leaf;
    done.push("second");
  });
  body.poll(cx);
  body[Symbol.dispose]();
  assertEquals(done, ["first"]);
});

Deno.test("cancel safety: lazy that is dropped before its first poll never calls its function", () => {
  const scene = subjectOf("lazy").set();
  scene.future[Symbol.dispose]();
  assertThrows(() => scene.future.poll(cx), PolledAfterCompletionError);
  assertEquals([scene.calls, scene.leaves.length], [0, 0]);
});

// "loses data": the answers that were there are gone, the rest is dropped; what
// was lent with pin goes on.

for (const { name, combine } of groups) {
  Deno.test(`cancel safety: ${name} that is dropped drops its futures, except those that are lent`, () => {
    using lent = new Probe("lent");
    const own = new Probe("own");
    const future = combine([own, pin(lent)]);
    future.poll(cx);
    future[Symbol.dispose]();
    assertEquals([own.isAlive, lent.isAlive], [false, true]);
    assertThrows(() => own.poll(cx), PolledAfterCompletionError, "was dropped");
    lent.complete("kept");
    assertEquals(pin(lent).poll(cx), "kept");
  });
}

Deno.test("cancel safety: join loses the values of children that had completed", () => {
  const [done, slow] = [new Probe(), new Probe()];
  const future = join([done, slow]);
  done.complete("lost");
  assertStrictEquals(future.poll(cx), Pending);
  future[Symbol.dispose]();
  assertThrows(
    () => pin(done).poll(cx),
    PolledAfterCompletionError,
    "completed",
  );
});

Deno.test("cancel safety: fromPromise loses the outcome, and aborts the work of a function", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  let signal: AbortSignal | undefined;
  const future = futures.fromPromise((given) => {
    signal = given;
    return promise;
  });
  const waker = wakeCounter();
  future.poll({ waker });
  assertEquals(signal?.aborted, false);
  future[Symbol.dispose]();
  assertEquals(signal?.aborted, true);
  resolve("too late");
  await promise;
  assertEquals(waker.count, 0);
});
