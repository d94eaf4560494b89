/** No longer is a connection trusted with what must not be sent twice. */
const AT_MOST = 4000;
/** So long it is trusted without any evidence. */
const AT_ONCE = 1;
/** How much later than the server we may have begun to count. */
const LAG = 50;

/** What there is to know of the rest that a connection has had. */
export interface Rest {
  /** When its last request had been sent. */
  readonly usedAt: number;
  /** When it became idle. */
  readonly restingSince: number;
  /** How long the server said that it keeps it, less a margin; else Infinity. */
  readonly serverIdle: number;
}

/**
 * How long a server keeps idle connections, as far as it has said or shown: so
 * that a request that must not be sent twice does not meet its end on the way.
 * If it does, nobody can tell whether the server has acted upon it.
 */
export class Trust {
  /** The shortest time after which an idle connection was seen to be closed. */
  #closes = Infinity;
  /** The longest time that an idle connection was seen to be kept. */
  #keeps = 0;

  /** The server has closed a connection that had rested so long. */
  closedAfter(rested: number): void {
    this.#closes = Math.min(this.#closes, rested);
  }

  /**
   * Whether the server will not close it now, as far as can be told. It has
   * rested less than half as long as any that the server closed. And if the
   * server has not said how long it keeps them, it has kept one for four times as
   * long: not all are kept equally long. An end that we were too busy to notice
   * does no harm to that, for it has made both seem older.
   *
   * @param oldest Since when the one rests that has rested longest.
   */
  isSafe(rest: Rest, oldest: number, time: number): boolean {
    const rested = time - rest.restingSince;
    const most = Math.min(AT_MOST, rest.serverIdle, this.#closes / 2 - LAG);
    if (rested >= most) return false;
    if (rest.serverIdle !== Infinity || rested < AT_ONCE) return true;
    this.#keeps = Math.max(this.#keeps, time - oldest);
    // The server cannot have begun to count before it had the request.
    return time - rest.usedAt <= this.#keeps / 4;
  }
}
