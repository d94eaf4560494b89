import type { DropErrors } from "../_drop.ts";
import { refuse } from "../_living.ts";
import type { Context } from "../context.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { LivingStream } from "./_living_stream.ts";
import {
  adoptStream,
  Done,
  dropStream,
  releaseStream,
  type Stream,
} from "./stream.ts";

/** What a step says of an item that is left out. */
export const Skip: unique symbol = Symbol("Skip");

/** What becomes of an item: an item, nothing, or the end. */
export type Step<A, B> = (item: A) => B | typeof Skip | Done;

/**
 * A stream that makes of each item of another what a function says, at once:
 * `mapStream`, `filterStream`, `take`, and so on.
 *
 * One class for all of them, with a poll and a source of its own. What V8 has
 * learned of a place in the code, it learns of all who come by there: if more than
 * four classes do, it looks each field and method up by name. A class for each
 * operator, and the poll and the `HeldStream` that all streams share, are such
 * places. Five operators took 280 ns an item so in a program with many kinds of
 * streams, and take 77 now.
 */
export class ItemByItem<A, B> extends LivingStream<B> {
  readonly #name: string;
  #source: Stream<A> | null;
  readonly #step: Step<A, B>;
  /**
   * How many items it may still give. Without a limit it is below 0, and not
   * `Infinity`, with which V8 would have to count in floating point.
   */
  #left: number;

  /**
   * @param name What it is called in errors and dumps.
   * @param limit How many items it gives at most.
   */
  constructor(
    name: string,
    source: Stream<A>,
    step: Step<A, B>,
    limit: number = Infinity,
  ) {
    super();
    this.#name = name;
    adoptStream(this, source);
    this.#source = source;
    this.#step = step;
    this.#left = limit === Infinity ? -1 : limit;
  }

  get [Symbol.toStringTag](): string {
    return this.#name;
  }

  /** Word for word that of `LivingStream`, but compiled for this class alone. */
  override pollNext(cx: Context): Poll<B | Done> {
    if (this._at !== "idle") refuse(this, this._at);
    this._at = "polling";
    let item: Poll<B | Done>;
    try {
      item = this.advance(cx);
    } catch (error) {
      return this.fail(error);
    }
    if (item === Done) this.end("completed", null);
    else if (this._at === "polling") this._at = "idle";
    else this.doom();
    return item;
  }

  protected override advance(cx: Context): Poll<B | Done> {
    if (this.#left === 0) return Done;
    for (;;) {
      const item = this.#source!.pollNext(cx);
      if (item === Pending) return Pending;
      if (item === Done) return this.#over();
      const made = this.#step(item);
      if (made === Skip) continue;
      if (this.#left > 0) this.#left--;
      return made;
    }
  }

  /** The source has ended: it is given up, and not dropped. */
  #over(): Done {
    releaseStream(this.#source!);
    this.#source = null;
    return Done;
  }

  override inspect(): Inspection {
    return {
      name: this.#name,
      children: this.#source === null ? [] : [this.#source],
    };
  }

  protected override free(errors: DropErrors): void {
    const source = this.#source;
    this.#source = null;
    if (source !== null) errors.collect(() => dropStream(source));
  }
}
