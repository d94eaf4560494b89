import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { contents, HeldFuture, HeldStream } from "./_held.ts";
import { LivingStream } from "./_living_stream.ts";
import { Done, type Stream } from "./stream.ts";

class TakeUntil<T> extends LivingStream<T> {
  readonly #source: HeldStream<T>;
  readonly #stop = new HeldFuture<unknown>();

  constructor(stream: Stream<T>, stop: Future<unknown>) {
    super();
    this.#source = new HeldStream(this, stream);
    try {
      this.#stop.hold(this, stop);
    } catch (error) {
      this.#source.giveUp();
      throw error;
    }
  }

  protected override advance(cx: Context): Poll<T | Done> {
    return this.#stop.poll(cx) === Pending ? this.#source.pollNext(cx) : Done;
  }

  override inspect(): Inspection {
    return { children: contents(this.#source, this.#stop) };
  }

  protected override free(errors: DropErrors): void {
    this.#source.drop(errors);
    this.#stop.drop(errors);
  }
}

/**
 * The items until a future completes: how a stream of events, which has no end
 * of its own, comes to one. Mirrors `StreamExt::take_until`.
 *
 * The future comes first: an item that is ready together with it stays where it
 * is.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it, and so is `stop`.
 *
 * @param stream The stream; adopted, and dropped when `stop` completes.
 * @param stop The future; adopted, and dropped when the stream ends. Its value
 * does not matter; its failure fails the stream.
 * @returns A stream of the items before the end.
 * @throws {TypeError} If one of the two is not what it should be.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { fromSignal } from "@pollen/futures/future";
 * import { forEach, fromEvents, takeUntil } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const controller = new AbortController();
 * const seen: string[] = [];
 * const target = new EventTarget();
 * const done = run(forEach(
 *   takeUntil(fromEvents(target, "tick"), fromSignal(controller.signal)),
 *   (event) => {
 *     seen.push(event.type);
 *     controller.abort();
 *   },
 * ));
 * await Promise.resolve(); // it listens from its first poll
 * target.dispatchEvent(new Event("tick"));
 * await done;
 * assertEquals(seen, ["tick"]);
 * ```
 */
export function takeUntil<T>(
  stream: Stream<T>,
  stop: Future<unknown>,
): Stream<T> {
  return new TakeUntil(stream, stop);
}
