import { PolledAfterCompletionError } from "../errors.ts";
import type { Sink } from "./sink.ts";

/** A sink that keeps its items; {@linkcode collectingSink} makes it. */
export interface CollectingSink<T> extends Sink<T> {
  /** What was sent, in order. */
  readonly items: readonly T[];
}

class ArraySink<T> implements CollectingSink<T> {
  readonly items: T[] = [];
  #ended: "completed" | "was dropped" | null = null;

  #check(): void {
    if (this.#ended !== null) {
      throw new PolledAfterCompletionError("CollectingSink", this.#ended);
    }
  }

  pollReady(): void {
    this.#check();
  }

  startSend(item: T): void {
    this.#check();
    this.items.push(item);
  }

  pollFlush(): void {}

  pollClose(): void {
    this.#ended ??= "completed";
  }

  [Symbol.dispose](): void {
    this.#ended ??= "was dropped";
  }
}

/**
 * A sink that keeps what it is sent in an array, and always has room. Mirrors
 * `Vec` as a `futures::Sink`.
 *
 * @returns The sink; `items` outlives its close and its drop.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collectingSink, iter, sendAll } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * using sink = collectingSink<number>();
 * await run(sendAll(sink, iter([1, 2])));
 * assertEquals(sink.items, [1, 2]);
 * ```
 */
export function collectingSink<T>(): CollectingSink<T> {
  return new ArraySink();
}
