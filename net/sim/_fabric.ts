import { Random } from "../../executor/sim/_random.ts";
import type { Host } from "../../executor/host.ts";
import type { Span } from "./sim_link.ts";
import { STREAMS } from "../../executor/sim/sim_host.ts";

/** @throws {RangeError} Unless `span` is one of numbers of at least `least`. */
export function assertSpan(what: string, span: Span, least: number): void {
  const [low, high] = typeof span === "number" ? [span, span] : span;
  if (low >= least && high >= low && low < Infinity) return;
  if (typeof span === "number" && span === Infinity) return;
  throw new RangeError(
    `Cannot simulate a network: ${what} must be a number of at least ${least}, or two with the lesser first, got ${span}`,
  );
}

/** What all parts of a simulated network share: time, randomness, the story. */
export class Fabric {
  readonly platform: Host;
  readonly random: Random;
  readonly #note: ((what: () => string) => void) | null;
  /** Bytes, reads, writes and messages so far: to see how much went on. */
  steps = 0;
  /** Streams and listeners that were handed out and not closed. */
  open = 0;
  /** Operations that were started and have not completed. */
  operations = 0;
  #connections = 0;

  constructor(
    platform: Host,
    seed: number,
    note: ((what: () => string) => void) | null,
  ) {
    this.platform = platform;
    this.random = new Random(seed, STREAMS.net);
    this.#note = note;
  }

  get now(): number {
    return this.platform.now();
  }

  nextConnection(): number {
    return ++this.#connections;
  }

  after(delay: number, callback: () => void): void {
    this.platform.setTimer(delay, callback);
  }

  at(time: number, callback: () => void): void {
    this.platform.setTimer(Math.max(0, time - this.now), callback);
  }

  /** Makes something happen in this moment, but not now. */
  soon(callback: () => void): void {
    this.platform.setTimer(0, callback);
  }

  /** A time in a range. */
  draw(span: Span): number {
    if (typeof span === "number") return span;
    return span[0] + this.random.next() * (span[1] - span[0]);
  }

  /** A whole number in a range. */
  drawWhole(span: Span): number {
    if (typeof span === "number") return span;
    if (span[1] === Infinity) {
      // Most reads are small ones, some take all.
      return this.random.chance(0.5)
        ? span[0] + this.random.below(64)
        : Infinity;
    }
    return this.random.between(span[0], span[1]);
  }

  note(what: () => string): void {
    this.steps++;
    this.#note?.(what);
  }
}
