import { assertFuture, nameOf } from "../future.ts";
import type { Sink } from "./sink.ts";
import { Stream } from "./stream.ts";

/** How many at once: a whole number of at least 1, or `Infinity`. */
export function checkLimit(caller: string, n: number): void {
  if (n >= 1 && (n === Infinity || Number.isInteger(n))) return;
  throw new RangeError(
    `Cannot ${caller}: n must be a whole number of at least 1, or Infinity, got ${
      String(n)
    }`,
  );
}

/** How many in all: a whole number of at least 0, or `Infinity`. */
export function checkCount(caller: string, n: number): void {
  if (n >= 0 && (n === Infinity || Number.isInteger(n))) return;
  throw new RangeError(
    `Cannot ${caller}: n must be a whole number of at least 0, or Infinity, got ${
      String(n)
    }`,
  );
}

/** A list of streams: given as one array, or one by one. */
export function listOf(
  caller: string,
  args: readonly unknown[],
): Stream<unknown>[] {
  const list = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  return Array.from(list, (entry, i) => {
    if (entry instanceof Stream) return entry;
    throw new TypeError(
      `Cannot ${caller}: entry ${i} is not a Stream but ${nameOf(entry)}`,
    );
  });
}

/** What has no room to ask for takes no items. */
export function checkSink(sink: Sink<never>): void {
  if (typeof sink?.pollReady === "function") return;
  throw new TypeError(`Cannot send to ${nameOf(sink)}: it is no Sink`);
}

/** What a callback returned; a promise is not waited for, so it is refused. */
export function noPromise<T>(value: T): T {
  if (value instanceof Promise) assertFuture(value);
  return value;
}
