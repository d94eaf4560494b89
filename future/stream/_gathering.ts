import type { Context } from "../context.ts";
import type { Poll } from "../poll.ts";
import { Operator } from "./_operator.ts";
import { Done } from "./stream.ts";

/**
 * An operator that keeps items back for a while. A failure of the source waits
 * until they are out: they came before it.
 */
export abstract class Gathering<A, B> extends Operator<A, B> {
  #failure: { error: unknown } | null = null;

  /** Whether nothing is kept back. */
  protected abstract get isEmpty(): boolean;

  /** The next item; `Done` also before a failure that has to wait. */
  protected pullOrEnd(cx: Context): Poll<A | Done> {
    if (this.#failure !== null) throw this.#failure.error;
    try {
      return this.pull(cx);
    } catch (error) {
      if (this.isEmpty) throw error;
      this.#failure = { error };
      return Done;
    }
  }
}
