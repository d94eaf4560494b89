/** A number, or the least and the greatest of a range to draw from. */
export type Span = number | readonly [least: number, most: number];

/** When a fault of a {@linkcode SimLink} strikes a connection. */
export interface FaultRule {
  /** How probable it is for each connection, from 0 to 1: 1 by default. */
  probability?: number;
  /** From which time on connections are struck: 0 by default. */
  from?: number;
  /** Until which time: without end by default. */
  until?: number;
  /** How many connections at most: without limit by default. */
  times?: number;
}

/**
 * One direction between two hosts of a {@linkcode SimNetwork}: how fast it is,
 * and what goes wrong on it. A fault strikes connections that are made after it
 * was set up; bytes are counted in this direction.
 *
 * All methods but `hold`, `release`, `reset` and `heal` return the link, so that
 * they can be chained.
 *
 * @example Usage
 * ```ts
 * import { SimNetwork, VirtualClock } from "@pollen/futures/testing";
 *
 * const net = new SimNetwork({ platform: new VirtualClock() });
 * net.link("client", "a.test").latency([5, 50]).bandwidth(100_000);
 * net.link("a.test", "client").resetAfterBytes(1000, { probability: 0.1 });
 * ```
 */
export interface SimLink {
  /** The two hosts, as text. */
  readonly name: string;
  /** Whether it is held. */
  readonly isHeld: boolean;
  /**
   * How long a message takes, in milliseconds; a range is drawn from anew for
   * each. Messages of one connection never overtake each other.
   */
  latency(span: Span): this;
  /** How many bytes a second fit through, all connections together. */
  bandwidth(bytesPerSecond: number): this;
  /** How many bytes a read or write takes at most, drawn anew for each. */
  chunk(span: Span): this;
  /** How many bytes may be written that the peer has not read. */
  sendBuffer(bytes: number): this;
  /** Connecting is refused. */
  refuse(rule?: FaultRule): this;
  /** Connecting gets no answer, until the system gives up. */
  blackhole(rule?: FaultRule): this;
  /** Connecting succeeds, and the peer resets the connection at once. */
  acceptThenReset(rule?: FaultRule): this;
  /** The connection is reset once so many bytes have passed. */
  resetAfterBytes(bytes: number, rule?: FaultRule): this;
  /** The direction ends, cleanly, once so many bytes have passed. */
  endAfterBytes(bytes: number, rule?: FaultRule): this;
  /**
   * The direction stalls once so many bytes have passed: `lasts` milliseconds,
   * by default until the link is healed.
   */
  stallAfterBytes(
    bytes: number,
    rule?: FaultRule & { lasts?: number },
  ): this;
  /** Cuts this direction: nothing arrives any more, and nobody is told. */
  hold(): void;
  /** Lets through what was held, in order, and all that follows. */
  release(): void;
  /** Resets all connections that go over this link now. */
  reset(): void;
  /** Takes all faults back: what was held or stalled goes on. */
  heal(): void;
}
