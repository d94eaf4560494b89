import type { Connection } from "./_connection.ts";
import type { Ticket } from "./_ticket.ts";
import { Trust } from "./_trust.ts";

/**
 * All connections that are alike: to one origin, or to one proxy. Which of them
 * a request gets makes no difference to it.
 */
export class Place {
  /** Origin, and whatever else connections must have in common to be shared. */
  readonly key: string;
  /** Connections, those that are just being made included. */
  size = 0;
  /** Last in, first out: the ones in use stay warm, the others grow old. */
  readonly idle: Connection[] = [];
  /** Who waits for a connection, first come, first served. */
  readonly waiting: Set<Ticket> = new Set();
  /** What it has shown of how long it keeps connections. */
  readonly trust: Trust = new Trust();

  constructor(key: string) {
    this.key = key;
  }

  /** Who has waited longest; null, as a rule, for nobody waits. */
  get first(): Ticket | null {
    const { waiting } = this;
    if (waiting.size === 0) return null;
    for (const ticket of waiting) return ticket;
    return null;
  }
}
