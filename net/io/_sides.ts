import { nameOf } from "../../future/future.ts";
import { Claim } from "../_claim.ts";

/**
 * What the futures of this folder need of a stream besides its public methods:
 * whose turn it is at either side, and what to do about memory that is still
 * being sent when a write is dropped.
 */
export interface Sides {
  readonly reading: Claim;
  readonly writing: Claim;
  /**
   * The write of these bytes was dropped: if they come again, they are others,
   * for their buffer may hold something else by then.
   */
  abandon(bytes: Uint8Array): void;
  /**
   * The view that `pollFillBuf` gave last is still being sent: what comes after
   * it is to be put elsewhere. The bytes stay where they are, so that a write
   * that is made again is known by its place.
   */
  detach(): void;
}

/** Found by the stream, so that whoever wraps one has its sides, too. */
const known = new WeakMap<object, Sides>();

/** The sides of a stream; those of a foreign one are made when first asked. */
export function sidesOf(stream: object): Sides {
  let sides = known.get(stream);
  if (sides === undefined) {
    const name = () => nameOf(stream);
    sides = {
      reading: new Claim("read", name),
      writing: new Claim("write", name),
      abandon() {},
      detach() {},
    };
    known.set(stream, sides);
  }
  return sides;
}

/** Says what the sides of a stream are: its own, or those of what it wraps. */
export function setSides(stream: object, sides: Sides): void {
  known.set(stream, sides);
}
