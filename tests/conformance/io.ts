/**
 * What holds for every connection of bytes, whatever it goes over: sockets, a
 * pipe in memory, a simulated network. Nothing here looks at a clock, and nothing
 * knows how large the buffers on the way are.
 */
import type { Future } from "../../future/mod.ts";
import { bytesConformance } from "./_io_bytes.ts";
import { endsConformance } from "./_io_ends.ts";
import { type ConformanceOptions, ioGround, type Pair } from "./_io_ground.ts";
import { resetsConformance } from "./_io_resets.ts";
import { turnsConformance } from "./_io_turns.ts";

/**
 * Registers the tests.
 *
 * @param name What the connection goes over.
 * @param makePair Connects two ends, as a future that may be dropped.
 * @param options See there.
 */
export function ioConformance(
  name: string,
  makePair: () => Future<Pair>,
  options: ConformanceOptions = {},
): void {
  const ground = ioGround(name, makePair, options);
  bytesConformance(ground);
  endsConformance(ground);
  turnsConformance(ground);
  resetsConformance(ground);
}
