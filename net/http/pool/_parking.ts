import type { Core } from "../../../executor/_core.ts";
import type { Connection } from "./_connection.ts";

/**
 * Parks reads on connections that came to rest, after the turn in which they
 * did, if nobody has taken them by then. Who has read a response mostly sends
 * the next request at once: its read is then begun while the server works, not
 * before it is asked, and nothing is told to hold the process or let go of it.
 */
export class Parking {
  readonly #evict: (connection: Connection, why: string) => void;
  #waiting: Connection[] = [];
  /** The list that was empty last time: it is filled next time. */
  #spare: Connection[] = [];
  /** Where the turn is that is waited for. */
  #core: Core | null = null;

  /** @param evict Is given those that have something to be read already. */
  constructor(evict: (connection: Connection, why: string) => void) {
    this.#evict = evict;
  }

  add(connection: Connection): void {
    const { core } = connection;
    this.#waiting.push(connection);
    if (this.#core === core) return;
    this.#core = core;
    core.host.microtask(this.#park);
  }

  readonly #park = (): void => {
    this.#core = null;
    const waiting = this.#waiting;
    this.#waiting = this.#spare;
    this.#spare = waiting;
    for (let i = 0; i < waiting.length; i++) {
      const connection = waiting[i]!;
      if (!connection.isUnparked || connection.park()) continue;
      this.#evict(
        connection,
        "the server sent more than a response, or closed",
      );
    }
    waiting.length = 0;
  };
}
