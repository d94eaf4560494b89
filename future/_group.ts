import { dropChild, type DropErrors } from "./_drop.ts";
import { LivingFuture, refuse } from "./_living.ts";
import { ReadySet, type Slot } from "./_ready_set.ts";
import { type Budget, rotated } from "./budget.ts";
import type { Context } from "./context.ts";
import { adopt, type Future, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/** In which order children that are ready together are polled. */
export type Order = "woken" | "declared" | "rotated";

/**
 * A future over several children: polls those that were woken and, once it is
 * decided, drops the others before it answers. What is left to say is what the
 * children's answers add up to.
 */
export abstract class Group<T, R> extends LivingFuture<R> {
  // Ordinary properties, for the reason that `Future` gives.
  declare private readonly _order: Order;
  declare private readonly _children: ReadySet<Future<T>>;
  declare private readonly _count: number;

  /** Adopts all futures, or none if one of them cannot be. */
  constructor(futures: readonly Future<T>[], order: Order) {
    super();
    this._order = order;
    this._count = futures.length;
    this._children = new ReadySet();
    let adopted = 0;
    try {
      for (; adopted < futures.length; adopted++) {
        adopt(this, futures[adopted]!);
      }
    } catch (error) {
      for (const future of futures.slice(0, adopted)) release(future);
      throw error;
    }
    for (let i = 0; i < adopted; i++) this._children.add(futures[i]!);
  }

  /** A child has given a value: whether that decides. */
  protected abstract onReady(index: number, value: T): boolean;

  /** A child has failed: whether that decides. */
  protected abstract onFailed(index: number, error: unknown): boolean;

  /** The result, once it is decided; it may throw. */
  protected abstract result(): R;

  /** Word for word that of `LivingFuture`, but compiled for groups alone. */
  override poll(cx: Context): Poll<R> {
    if (this._at !== "idle") refuse(this, this._at);
    this._at = "polling";
    let value: Poll<R>;
    try {
      value = this.advance(cx);
    } catch (error) {
      return this.fail(error);
    }
    if (value !== Pending) this.end("completed", null);
    else if (this._at === "polling") this._at = "idle";
    else this.doom();
    return value;
  }

  protected override advance(cx: Context): Poll<R> {
    const children = this._children;
    children.begin(cx);
    if (this._order !== "woken" && children.isContended) {
      children.arrange(this.#start(cx.budget));
    }
    for (let slot = children.take(); slot !== null; slot = children.take()) {
      const future = slot.child!;
      let value: Poll<T>;
      try {
        value = future.poll(slot);
      } catch (error) {
        this.#retire(slot, future);
        if (this.onFailed(slot.index, error)) return this.result();
        continue;
      }
      if (value === Pending) continue;
      this.#retire(slot, future);
      if (this.onReady(slot.index, value)) return this.result();
    }
    return this._count === 0 ? this.result() : Pending;
  }

  #start(budget: Budget | undefined): number {
    return this._order === "declared" ? 0 : rotation(budget) % this._count;
  }

  #retire(slot: Slot<Future<T>>, future: Future<T>): void {
    this._children.retire(slot);
    release(future);
  }

  override inspect(): Inspection {
    return { children: this._children.pending() };
  }

  protected override free(errors: DropErrors): void {
    this._children.drop(errors, dropChild);
  }
}

/** For polling by hand, without a task and its budget. */
let turns = 0;

function rotation(budget: Budget | undefined): number {
  return budget === undefined ? rotated(turns++) : budget.rotate();
}
