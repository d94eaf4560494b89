import { checkNames, type Names } from "./_option_names.ts";
import { Group, type Order } from "./_group.ts";
import type { Future } from "./future.ts";

/** How `select` and `race` treat children that are ready together. */
export interface SelectOptions {
  /**
   * Whether they win in the order given, instead of taking turns. The default
   * is `false`: no child that is always ready can starve the others.
   */
  biased?: boolean;
}

const NAMES: Names<SelectOptions> = { biased: true };

/** The first child to end, well or badly, decides: `select` and `race`. */
export abstract class First<T, R> extends Group<T, R> {
  #winner: { index: number; value: T } | null = null;
  #failure: { error: unknown } | null = null;

  constructor(
    caller: string,
    futures: readonly Future<T>[],
    options: SelectOptions | undefined,
  ) {
    if (futures.length === 0) {
      throw new RangeError(
        `Cannot ${caller}: there are no futures, so none can ever be first`,
      );
    }
    if (options !== undefined) checkNames(options, NAMES);
    const order: Order = options?.biased ? "declared" : "rotated";
    super(futures, order);
  }

  protected override onReady(index: number, value: T): boolean {
    this.#winner = { index, value };
    return true;
  }

  protected override onFailed(_index: number, error: unknown): boolean {
    this.#failure = { error };
    return true;
  }

  protected override result(): R {
    if (this.#failure !== null) throw this.#failure.error;
    const { index, value } = this.#winner!;
    return this.won(index, value);
  }

  /** What the winner's value becomes. */
  protected abstract won(index: number, value: T): R;
}
