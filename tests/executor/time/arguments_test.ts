import { assertEquals, assertThrows } from "@std/assert";
import {
  AsyncTimer,
  sleep,
  sleepUntil,
  timeout,
  timeoutAt,
} from "../../../executor/time/mod.ts";
import { adopt } from "../../../future/mod.ts";
import { Probe } from "../../_probe.ts";

const byDelay: Record<string, (delay: number) => unknown> = {
  "new AsyncTimer": (delay) => new AsyncTimer(delay),
  "sleep": sleep,
  "reset": (delay) => new AsyncTimer(1).reset(delay),
  "timeout": (delay) => timeout(new Probe(), delay),
};
const byDeadline: Record<string, (deadline: number) => unknown> = {
  "sleepUntil": sleepUntil,
  "timeoutAt": (deadline) => timeoutAt(new Probe(), deadline),
};
const noNumbers: [unknown, string][] = [
  ["5", "string"],
  [null, "null"],
  [undefined, "undefined"],
  [5n, "bigint"],
  [true, "boolean"],
  [{}, "object"],
  [new Date(), "object"],
];

Deno.test("delays and deadlines: what is no number is a TypeError that says so", () => {
  const check = (
    kind: string,
    functions: Record<string, (ms: number) => unknown>,
  ) => {
    for (const make of Object.values(functions)) {
      for (const [value, type] of noNumbers) {
        const error = assertThrows(() => make(value as number), TypeError);
        assertEquals(
          error.message,
          `Cannot arm a timer: the ${kind} must be a number of milliseconds, got ${type}`,
        );
      }
    }
  };
  check("delay", byDelay);
  check("deadline", byDeadline);
});

Deno.test("delays: negative ones and NaN are a RangeError that says which", () => {
  for (const make of Object.values(byDelay)) {
    for (const delay of [-1, -0.001, -Infinity]) {
      const error = assertThrows(() => make(delay), RangeError);
      assertEquals(
        error.message,
        `Cannot arm a timer: the delay must not be negative, got ${delay}`,
      );
    }
    const error = assertThrows(() => make(NaN), RangeError);
    assertEquals(
      error.message,
      "Cannot arm a timer: the delay must not be NaN, got NaN",
    );
  }
});

Deno.test("deadlines: NaN is a RangeError, any other time will do", () => {
  for (const make of Object.values(byDeadline)) {
    const error = assertThrows(() => make(NaN), RangeError);
    assertEquals(
      error.message,
      "Cannot arm a timer: the deadline must not be NaN, got NaN",
    );
    for (const deadline of [-1, -Infinity, -0, Infinity]) make(deadline);
  }
});

Deno.test("delays: 0, fractions, long ones and Infinity will do", () => {
  for (const make of Object.values(byDelay)) {
    for (const delay of [0, -0, 0.001, 2 ** 31, 2 ** 60, Infinity]) make(delay);
  }
});

Deno.test("timeout: a bad limit leaves the future with its owner", () => {
  const probe = new Probe();
  assertThrows(() => timeout(probe, -1), RangeError);
  assertThrows(() => timeoutAt(probe, NaN), RangeError);
  adopt({}, probe); // would throw, were it held
  assertEquals(probe.drops, 0);
});
