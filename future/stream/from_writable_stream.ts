import { promiseObserver } from "../_native.ts";
import type { Context } from "../context.ts";
import { CancelledError, PolledAfterCompletionError } from "../errors.ts";
import { nameOf } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { dropErrorHook, type DropOptions } from "./_drop_options.ts";
import type { Sink } from "./sink.ts";

/**
 * It is open until the close has begun, and closing until that is through.
 * Whatever a promise of the writer says arrives in one of the handlers below,
 * which store it and wake; the polls only look.
 */
class WritableSink<T> implements Sink<T> {
  readonly #stream: WritableStream<T>;
  readonly #onDropError: (error: unknown) => void;
  #at: "new" | "open" | "closing" | "completed" | "was dropped" = "new";
  #writer: WritableStreamDefaultWriter<T> | null = null;
  #failure: { error: unknown } | null = null;
  /** How many writes are not through. */
  #writes = 0;
  /** The `ready` promise that is watched. */
  #watched: Promise<void> | null = null;
  #waker: Waker | null = null;

  constructor(stream: WritableStream<T>, options: DropOptions) {
    this.#stream = stream;
    this.#onDropError = dropErrorHook(options);
  }

  /** The writer, which the first call takes; throws if there can be none. */
  #open(): WritableStreamDefaultWriter<T> {
    if (this.#at === "completed" || this.#at === "was dropped") {
      throw new PolledAfterCompletionError("WritableSink", this.#at);
    }
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#writer !== null) return this.#writer;
    const writer = this.#stream.getWriter();
    this.#writer = writer;
    this.#at = "open";
    promiseObserver?.(writer.closed, "fromWritableStream");
    writer.closed.catch((error) => this.#fail(error));
    return writer;
  }

  pollReady(cx: Context): Poll<void> {
    const writer = this.#open();
    // `null`: it has failed, and the handler will soon know why.
    if ((writer.desiredSize ?? 0) > 0) return;
    if (this.#watched !== writer.ready) {
      this.#watched = writer.ready;
      writer.ready.then(() => this.#wake(), (error) => this.#fail(error));
    }
    return this.#wait(cx);
  }

  startSend(item: T): void {
    const writer = this.#open();
    this.#writes++;
    writer.write(item).then(() => {
      if (--this.#writes === 0) this.#wake();
    }, (error) => this.#fail(error));
  }

  pollFlush(cx: Context): Poll<void> {
    if (this.#at === "completed") return;
    this.#open();
    return this.#writes === 0 ? undefined : this.#wait(cx);
  }

  pollClose(cx: Context): Poll<void> {
    if (this.#at === "completed") return;
    const writer = this.#open();
    if (this.#at === "open") {
      this.#at = "closing";
      writer.close().then(() => this.#closed(), (error) => this.#fail(error));
    }
    return this.#wait(cx);
  }

  #wait(cx: Context): Pending {
    this.#waker = cx.waker;
    return Pending;
  }

  #wake(): void {
    const waker = this.#waker;
    this.#waker = null;
    waker?.wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  #closed(): void {
    if (this.#at !== "closing") return;
    this.#at = "completed";
    this.#writer!.releaseLock();
    this.#wake();
  }

  [Symbol.dispose](): void {
    if (this.#at === "completed" || this.#at === "was dropped") return;
    this.#at = "was dropped";
    this.#waker = null;
    const reason = new CancelledError(
      "Cannot go on writing: the sink was dropped",
    );
    const writer = this.#writer;
    (writer ?? this.#stream).abort(reason).catch(this.#onDropError);
    writer?.releaseLock();
  }
}

/**
 * A sink that writes to a `WritableStream`, with its backpressure. The
 * `WritableStream` is locked from the first poll until the close or the drop.
 *
 * Dropped without a close, also before the first poll, it aborts the
 * `WritableStream`; what goes wrong then goes to `onDropError`.
 *
 * Cancel safety: loses data: chunks that are queued in the `WritableStream` are
 * gone. `close` it first.
 *
 * @param stream Where to write.
 * @param options What to do with failures after a drop.
 * @returns A sink of chunks. It fails with what the `WritableStream` fails with,
 * and with a `TypeError` at the first poll if that is locked.
 * @throws {TypeError} If `stream` is no `WritableStream`, or an option is of the
 * wrong kind, or unknown.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { forward, fromWritableStream, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const written: string[] = [];
 * const writable = new WritableStream<string>({
 *   write: (chunk) => void written.push(chunk),
 * });
 * await run(forward(iter(["a", "b"]), fromWritableStream(writable)));
 * assertEquals(written, ["a", "b"]);
 * ```
 */
export function fromWritableStream<T>(
  stream: WritableStream<T>,
  options: DropOptions = {},
): Sink<T> {
  if (!(stream instanceof WritableStream)) {
    throw new TypeError(
      `Cannot make a sink from ${nameOf(stream)}: pass a WritableStream`,
    );
  }
  return new WritableSink(stream, options);
}
