import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { contents, HeldFuture, HeldStream } from "./_held.ts";
import { LivingFuture } from "../_living.ts";
import { Done, type Stream } from "./stream.ts";

/**
 * A future that works through a stream. An item may take a future to deal with;
 * the next is not asked for until that has completed.
 */
export abstract class Consumer<T, S, R> extends LivingFuture<R> {
  readonly #source: HeldStream<T>;
  readonly #step = new HeldFuture<S>();

  constructor(source: Stream<T>) {
    super();
    this.#source = new HeldStream(this, source);
  }

  /** Deals with an item: at once, or by a future. */
  protected abstract onItem(item: T): S | Future<S>;

  /** What came of the item that was dealt with. */
  protected abstract onStep(outcome: S): void;

  protected abstract onEnd(): R;

  protected override advance(cx: Context): Poll<R> {
    for (;;) {
      if (this.#step.isEmpty) {
        const item = this.#source.pollNext(cx);
        if (item === Pending) return Pending;
        if (item === Done) return this.onEnd();
        const step = this.onItem(item);
        if (!(step instanceof Future)) {
          this.onStep(step);
          continue;
        }
        this.#step.hold(this, step);
      }
      const outcome = this.#step.poll(cx);
      if (outcome === Pending) return Pending;
      this.onStep(outcome);
    }
  }

  override inspect(): Inspection {
    return {
      children: contents(this.#step.isEmpty ? this.#source : this.#step),
    };
  }

  protected override free(errors: DropErrors): void {
    this.#step.drop(errors);
    this.#source.drop(errors);
  }
}
