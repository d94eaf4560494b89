import type { Context } from "../../../future/context.ts";
import type { Poll } from "../../../future/poll.ts";
import type { Done } from "../../../future/stream/stream.ts";

/** The body of a request while it is sent. */
export interface BodySource {
  /** How many bytes it has; null if that is not known before its end. */
  readonly length: number | null;
  /** The next piece, which the source leaves alone until it is asked again. */
  pollPiece(cx: Context): Poll<Uint8Array | Done>;
  /** Nothing more is wanted of it. */
  drop(): void;
}

/** The body of a request before it is sent. */
export interface RequestBody {
  /** How many bytes it has; null if that is not known before its end. */
  readonly length: number | null;
  /** All of it, if it is at hand and can go out with the head. */
  readonly bytes: Uint8Array | null;
  /** The type that it says it has; null if it does not know. */
  readonly type: string | null;
  /** Whether it can be sent again from its beginning. */
  readonly replayable: boolean;
  /** Begins to read it: a second time only if it is replayable. */
  open(): BodySource;
  /** It was not meant to be taken: the caller has it again, as it was. */
  giveBack(): void;
  /** It will not be sent, or not again. */
  drop(): void;
}
