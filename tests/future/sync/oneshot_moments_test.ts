// Every order of what the two ends of a oneshot can do.
import { assertEquals } from "@std/assert";
import { type WakeCounter, wakeCounter } from "../../../executor/sim/mod.ts";
import { Pending, PolledAfterCompletionError } from "../../../future/mod.ts";
import { ChannelClosed, oneshot } from "../../../future/sync/mod.ts";
import { drop } from "./_tools.ts";

const STEPS = [
  "send",
  "drop sender",
  "close",
  "drop receiver",
  "poll",
  "tryRecv",
] as const;

type Step = typeof STEPS[number];

/** What a receiver should answer, by what was done before. */
function expected(before: Step[]): string {
  let slot: "open" | "sent" | "shut" = "open";
  let hasEnded = false;
  for (const step of before) {
    if (step === "send" && slot === "open") slot = "sent";
    if (step === "drop sender" && slot === "open") slot = "shut";
    if (step === "close" && slot === "open") slot = "shut";
    if (step === "drop receiver") hasEnded = true;
    if (step === "poll" || step === "tryRecv") hasEnded ||= slot !== "open";
  }
  if (hasEnded) return "ended";
  return slot === "open" ? "pending" : slot === "sent" ? "value" : "closed";
}

/** Whether a send should succeed. */
function isOpen(before: Step[]): boolean {
  return before.every((step) => step === "poll" || step === "tryRecv");
}

function answer(ask: () => unknown): string {
  try {
    const value = ask();
    return value === Pending ? "pending" : String(value);
  } catch (error) {
    if (error instanceof PolledAfterCompletionError) return "ended";
    if (error instanceof ChannelClosed) return "closed";
    throw error;
  }
}

function run(steps: Step[]): void {
  const [sender, receiver] = oneshot<string>();
  let waker: WakeCounter | null = null;
  steps.forEach((step, i) => {
    const before = steps.slice(0, i);
    const says = steps.slice(0, i + 1).join(", ");
    switch (step) {
      case "send":
        assertEquals(
          answer(() => sender.send("value")),
          isOpen(before) ? "undefined" : "closed",
          says,
        );
        break;
      case "drop sender":
        drop(sender);
        break;
      case "close":
        receiver.close();
        break;
      case "drop receiver":
        drop(receiver);
        waker = null;
        break;
      case "tryRecv":
        assertEquals(answer(() => receiver.tryRecv()), expected(before), says);
        break;
      case "poll": {
        const latest = wakeCounter();
        const got = answer(() => receiver.poll({ waker: latest }));
        assertEquals(got, expected(before), says);
        waker = got === "pending" ? latest : null;
      }
    }
    assertEquals(sender.isClosed, !isOpen(steps.slice(0, i + 1)), says);
    const isReady = !["pending", "ended"].includes(
      expected(steps.slice(0, i + 1)),
    );
    if (waker !== null && isReady) assertEquals(waker.count, 1, says);
  });
}

Deno.test("oneshot: both ends agree, in every order of five steps", () => {
  let orders = 0;
  const extend = (steps: Step[]): void => {
    if (steps.length === 5) {
      orders++;
      return run(steps);
    }
    for (const step of STEPS) extend([...steps, step]);
  };
  extend([]);
  assertEquals(orders, 6 ** 5);
});
