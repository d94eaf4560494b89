// The base class, and how a future changes hands.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  adopt,
  co,
  type Context,
  Future,
  FutureMovedError,
  join,
  noopWaker,
  Pending,
  pin,
  type Poll,
  ready,
  release,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };

Deno.test("Future: a hand-written one needs no more than a poll", () => {
  class Countdown extends Future<string> {
    #left = 2;
    override poll(_: Context): Poll<string> {
      return this.#left-- === 0 ? "liftoff" : Pending;
    }
  }
  const countdown = new Countdown();
  assertEquals([1, 2, 3].map(() => countdown.poll(cx)), [
    Pending,
    Pending,
    "liftoff",
  ]);
  new Countdown()[Symbol.dispose]();
  using _inBlock = new Countdown();
});

Deno.test("Future: yield* hands out the future and takes the value", () => {
  const future = ready(1);
  const steps = future[Symbol.iterator]();
  const first = steps.next();
  assertEquals(first.done, false);
  assertStrictEquals(first.value, future);
  assertEquals(steps.next("the value"), {
    done: true,
    value: "the value" as never,
  });
});

Deno.test("Future: yield* lets a failure and a return through", () => {
  const steps = ready(1)[Symbol.iterator]();
  steps.next();
  assertStrictEquals(assertThrows(() => steps.throw!("broken")), "broken");
  assertEquals(steps.return!(7), { done: true, value: 7 });
});

Deno.test("adopt: what is adopted cannot be adopted again, until it is released", () => {
  class Owner {}
  const future = new Probe();
  adopt(new Owner(), future);
  const error = assertThrows(() => adopt({}, future), FutureMovedError);
  assertEquals(
    error.message,
    "Cannot move Probe: Owner holds it; lend it with pin() or make a second one",
  );
  assertThrows(() => join([future]), FutureMovedError, "Owner holds it");
  assertThrows(() => pin(future), FutureMovedError);
  release(future);
  adopt({}, future);
  assertEquals([future.polls, future.drops], [0, 0]);
});

Deno.test("adopt: an owner cannot adopt the same future twice", () => {
  const [owner, future] = [{}, new Probe()];
  adopt(owner, future);
  assertThrows(() => adopt(owner, future), FutureMovedError, "Object holds it");
});

Deno.test("adopt: owners and futures without a class have a name in the error all the same", () => {
  const future = new (class extends Future<void> {
    override poll(): void {}
  })();
  adopt(Object.create(null), future);
  assertThrows(
    () => adopt({}, future),
    FutureMovedError,
    "Cannot move an object: an object holds it",
  );
});

Deno.test("adopt: a future that has a name of its own is called by it", () => {
  const main = co(function* main() {
    yield* ready(1);
  });
  adopt({}, main);
  assertThrows(
    () => adopt({}, main),
    FutureMovedError,
    "Cannot move co main: Object holds it",
  );
});

Deno.test("adopt: what is no future is refused, with a hint at what makes one", () => {
  const text = (value: unknown) =>
    assertThrows(() => adopt({}, value as Future<unknown>), TypeError).message;
  assertEquals(text(5), "Cannot adopt number: it is not a Future");
  assertEquals(text(null), "Cannot adopt null: it is not a Future");
  assertEquals(text({ poll() {} }), "Cannot adopt Object: it is not a Future");
  assertEquals(
    text(Promise.resolve()),
    "Cannot adopt Promise: it is not a Future; wrap a promise with fromPromise()",
  );
  assertEquals(
    text(() => {}),
    "Cannot adopt function: it is not a Future; call it, or wrap an async function with fromPromise()",
  );
  assertEquals(
    text({ pollNext() {} }),
    "Cannot adopt Object: it is not a Future; take its next(), or collect() it",
  );
});

Deno.test("release: releasing what nobody holds does nothing", () => {
  const future = new Probe();
  release(future);
  adopt({}, future);
  release(future);
  release(future);
});
