import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { checkProgress } from "./_checks.ts";
import { IoFuture } from "./_io_future.ts";
import type { Sides } from "./_sides.ts";
import type { AsyncWrite } from "./async_write.ts";

// For those that know the sides of their sink, and have checked the arguments.

export class WriteAll extends IoFuture<void> {
  readonly #sink: AsyncWrite;
  #unsent: Uint8Array;

  constructor(sink: AsyncWrite, sides: Sides, bytes: Uint8Array) {
    super(null, sides);
    this.#sink = sink;
    this.#unsent = bytes;
  }

  protected override advance(cx: Context): Poll<void> {
    for (;;) {
      // Once at least: a closed stream takes no bytes, not even none.
      const n = this.#sink.pollWrite(cx, this.#unsent);
      if (n === Pending) return Pending;
      const left = this.#unsent.byteLength;
      if (n === left) return;
      checkProgress(this.#sink, n, left);
      this.#unsent = this.#unsent.subarray(n);
    }
  }

  protected override onDropped(): void {
    this.writing!.abandon(this.#unsent);
  }
}

export class FlushWriter extends IoFuture<void> {
  readonly #sink: AsyncWrite;

  constructor(sink: AsyncWrite, sides: Sides) {
    super(null, sides);
    this.#sink = sink;
  }

  protected override advance(cx: Context): Poll<void> {
    return this.#sink.pollFlush(cx);
  }
}

export class ShutdownWriter extends IoFuture<void> {
  readonly #sink: AsyncWrite;

  constructor(sink: AsyncWrite, sides: Sides) {
    super(null, sides);
    this.#sink = sink;
  }

  protected override advance(cx: Context): Poll<void> {
    return this.#sink.pollShutdown(cx);
  }
}
