import { type DropErrors, droppedInside } from "../_drop.ts";
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

// What it takes and makes is its neighbours' business.
// deno-lint-ignore no-explicit-any
type Stage = ItemByItem<any, any>;

/**
 * A stream that makes of each item of another what a function says, at once:
 * `mapStream`, `filterStream`, `take`, and so on.
 *
 * One class for all of them, with a poll and a source of its own. What V8 has
 * learned of a place in the code, it learns of all who come by there: if more than
 * four classes do, it looks each field and method up by name. A class for each
 * operator, and the poll and the `HeldStream` that all streams share, are such
 * places. Five operators took 280 ns an item so in a program with many kinds of
 * streams, and 77 with one class.
 *
 * Operators in a row poll as one, which makes that 55: each holds the one further
 * in, as ever, but the outermost takes its items from what the innermost holds,
 * and passes them through the steps of all. So only its own life is entered and
 * left for each item, and those further in stay "idle" until one of them ends.
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
  /** The innermost of the row in which this is the outermost: itself if alone. */
  readonly #first: Stage;
  /** The next one out; null for the outermost. */
  #next: Stage | null = null;

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
    if (source instanceof ItemByItem) {
      this.#first = source.#first;
      source.#next = this;
    } else {
      this.#first = this;
    }
    this.#step = step;
    this.#left = limit === Infinity ? -1 : limit;
  }

  get [Symbol.toStringTag](): string {
    return this.#name;
  }

  /** As that of `LivingStream`, but compiled for this class alone. */
  override pollNext(cx: Context): Poll<B | Done> {
    if (this._at !== "idle") refuse(this, this._at);
    if (this.#next !== null) this.#refuseInside(this.#next);
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
    const first = this.#first;
    // None of those further in has a poll of its own to ask this.
    for (let stage: Stage = first; stage !== this; stage = stage.#next!) {
      if (stage._at !== "idle") refuse(stage, stage._at);
      if (stage.#left === 0) return this.#endFrom(this.#outermostSpent());
    }
    for (;;) {
      let item = first.#source!.pollNext(cx);
      if (first.#source === null) throw this.#droppedInside();
      if (item === Pending) return Pending;
      if (item === Done) return this.#endFrom(null);
      let isSpent = false;
      for (let stage: Stage = first;; stage = stage.#next!) {
        item = stage.#step(item);
        if (first.#source === null) throw this.#droppedInside();
        if (item === Skip) break;
        if (stage.#left > 0 && --stage.#left === 0) isSpent = true;
        if (stage === this) return item as B | Done;
        if (typeof item === "symbol") { // as a rule it is none
          if (item === Done) return this.#endFrom(stage);
          if (item === Pending) return Pending; // a function's mistake
        }
      }
      if (isSpent) return this.#endFrom(this.#outermostSpent());
    }
  }

  /** It is being polled when one further out is, though it stays "idle". */
  #refuseInside(next: Stage): void {
    for (let stage: Stage | null = next; stage !== null; stage = stage.#next) {
      const at = stage._at;
      if (at === "polling" || at === "doomed") refuse(this, at);
    }
  }

  /**
   * One further in was dropped by what this has called, and with it all below: by
   * itself it would not have ended before that was over, and then thrown.
   */
  #droppedInside(): Error {
    let dropped: Stage = this.#first;
    for (let stage = dropped; stage !== this; stage = stage.#next!) {
      if (stage._at !== "idle") dropped = stage;
    }
    return droppedInside(dropped);
  }

  /** Of those further in, the outermost that has given all it may. */
  #outermostSpent(): Stage {
    let spent: Stage = this.#first;
    for (let stage: Stage = spent; stage !== this; stage = stage.#next!) {
      if (stage.#left === 0) spent = stage;
    }
    return spent;
  }

  /** Ends one further in, which drops what is below, or none; then those above. */
  #endFrom(ended: Stage | null): Done {
    ended?.end("completed", null);
    let stage: Stage = ended === null ? this.#first : ended.#next!;
    for (; stage !== this; stage = stage.#next!) {
      stage.#over();
      stage.end("completed", null);
    }
    return this.#over();
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
