import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Inspection } from "../inspection.ts";
import type { Poll } from "../poll.ts";
import { contents, HeldStream } from "./_held.ts";
import { LivingStream } from "./_living_stream.ts";
import type { Done, Stream } from "./stream.ts";

/** A stream over one other, which it holds. */
export abstract class Operator<A, B> extends LivingStream<B> {
  /** An ordinary property, for the reason that `Future` gives. */
  declare private readonly _source: HeldStream<A>;

  constructor(source: Stream<A>) {
    super();
    this._source = new HeldStream(this, source);
  }

  /** The source's next item; `Done` again and again after its end. */
  protected pull(cx: Context): Poll<A | Done> {
    return this._source.pollNext(cx);
  }

  override inspect(): Inspection {
    return { children: contents(this._source) };
  }

  protected override free(errors: DropErrors): void {
    this._source.drop(errors);
  }
}
