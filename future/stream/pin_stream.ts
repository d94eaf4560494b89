import { droppedInside } from "../_drop.ts";
import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import {
  adoptStream,
  assertStream,
  Done,
  releaseStream,
  Stream,
} from "./stream.ts";

/**
 * A loan of a stream: begins at the first poll, so that a handle nobody used
 * blocks nothing, and ends when the handle is dropped or the stream ends.
 */
class PinnedStream<T> extends Stream<T> {
  readonly #stream: Stream<T>;
  #loan: "none" | "open" | "was dropped" | "completed" | "failed" = "none";

  constructor(stream: Stream<T>) {
    super();
    this.#stream = stream;
  }

  override pollNext(cx: Context): Poll<T | Done> {
    if (this.#loan !== "open") this.#open();
    let item: Poll<T | Done>;
    try {
      item = this.#stream.pollNext(cx);
    } catch (error) {
      this.#close("failed");
      throw error;
    }
    if (item === Done) this.#close("completed");
    else if (item === Pending) this.#suspend();
    return item;
  }

  #open(): void {
    switch (this.#loan) {
      case "completed":
      case "failed":
      case "was dropped":
        throw new PolledAfterCompletionError("PinnedStream", this.#loan);
    }
    adoptStream(this, this.#stream);
    this.#loan = "open";
  }

  #suspend(): void {
    if (this.#loan !== "open") throw droppedInside(this);
  }

  #close(how: "was dropped" | "completed" | "failed"): void {
    // Else it was dropped from inside the poll, and others may hold the stream.
    if (this.#loan === "open") releaseStream(this.#stream);
    this.#loan = how;
  }

  override inspect(): Inspection {
    return { name: "pinStream", children: [this.#stream] };
  }

  override [Symbol.dispose](): void {
    if (this.#loan === "none" || this.#loan === "open") {
      this.#close("was dropped");
    }
  }
}

/**
 * Lends a stream: the handle polls it in place, and dropping the handle does not
 * drop the stream. So an operator can have a part of it, and what is left stays
 * with you. Mirrors `StreamExt::by_ref`.
 *
 * Hold the stream with `using`, so that it is dropped when you are done with it.
 * While it is lent nobody else can adopt it.
 *
 * Cancel safety: safe; the stream keeps its place.
 *
 * @param stream The stream to lend.
 * @returns A handle that can stand wherever a stream can.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} At the first poll, if somebody holds the stream.
 *
 * @example The first line, then the others
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter, pinStream, take } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * using lines = iter(["name,born", "Ada,1815", "Grace,1906"]);
 * const head = await run(collect(take(pinStream(lines), 1)));
 * assertEquals(head, ["name,born"]);
 * assertEquals((await run(collect(lines))).length, 2);
 * ```
 */
export function pinStream<T>(stream: Stream<T>): Stream<T> {
  assertStream(stream);
  return new PinnedStream(stream);
}
