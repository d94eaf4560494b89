import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  FutureMovedError,
  join,
  noopWaker,
  nowOrNever,
  Pending,
  PolledAfterCompletionError,
  settle,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };

Deno.test("settle: says how a future ended, and never fails", () => {
  assertEquals(settle(Probe.ready(1)).poll(cx), {
    status: "fulfilled",
    value: 1,
  });
  const failed = settle(Probe.failing("no"));
  assertEquals(failed.poll(cx), { status: "rejected", reason: "no" });
  assertThrows(() => failed.poll(cx), PolledAfterCompletionError, "completed");
});

Deno.test("nowOrNever: gives the value of a future that is ready", () => {
  const probe = Probe.ready(1);
  assertEquals(nowOrNever(probe), 1);
  assertEquals(probe.drops, 0);
});

Deno.test("nowOrNever: drops a future that is not", () => {
  const probe = new Probe();
  assertStrictEquals(nowOrNever(probe), Pending);
  assertEquals([probe.polls, probe.drops], [1, 1]);
});

Deno.test("nowOrNever: throws the failure, and leaves what others hold", () => {
  assertThrows(
    () => nowOrNever(Probe.failing(new Error("boom"))),
    Error,
    "boom",
  );
  const held = new Probe();
  using _owner = join([held]);
  assertThrows(() => nowOrNever(held), FutureMovedError);
  assertEquals(held.polls, 0);
});
