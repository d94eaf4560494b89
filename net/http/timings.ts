/**
 * Where the time of a request went, in milliseconds. What was not needed took
 * none: a connection that was reused needed no looking up, no connecting and no
 * TLS. They are those of the last attempt, but for `total` and `queue`.
 *
 *     start  queue   resolve   connect   tls   send   wait   receive
 *       |------|--------|---------|-------|------|------|--------|
 *       |------------------------ total -------------------------|
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { HttpClient } from "@pollen/futures/http";
 * import { assert } from "@std/assert";
 *
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   () => new Response("hello"),
 * );
 * await using client = new HttpClient();
 * using response = await run(client.get(`http://127.0.0.1:${server.addr.port}/`));
 * await run(response.bytes());
 * assert(response.timings.total >= response.timings.wait);
 * ```
 */
export class Timings {
  /** When the request was first polled, as `now()` gives it. */
  readonly startedAt: number;
  /** When it had a connection, or the right to make one. */
  acquiredAt = 0;
  /** When the host was looked up; 0 if it was not. */
  resolvedAt = 0;
  /** When it was connected; 0 if it was not. */
  connectedAt = 0;
  /** When TLS was agreed upon; 0 if it was not. */
  securedAt = 0;
  /** When sending began. */
  sendingAt = 0;
  /** When all was sent. */
  sentAt = 0;
  /** When the first byte of the response came. */
  firstByteAt = 0;
  /** When the head of the final response was there. */
  headAt = 0;
  /** When the body was whole, or given up; 0 before. */
  endedAt = 0;

  /**
   * Begins to count.
   *
   * @param startedAt The time, as `now()` gives it.
   */
  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  /**
   * Begins to count an attempt: what an earlier one took does not stand.
   *
   * @param time When it had a connection, or the right to make one.
   */
  attempt(time: number): void {
    this.acquiredAt = time;
    this.resolvedAt = this.connectedAt = this.securedAt = 0;
    this.sendingAt =
      this.sentAt =
      this.firstByteAt =
      this.headAt =
        0;
  }

  /** Waiting for a connection, or for the right to make one. */
  get queue(): number {
    return span(this.startedAt, this.acquiredAt);
  }

  /** Looking the host up. */
  get resolve(): number {
    return span(this.acquiredAt, this.resolvedAt);
  }

  /** Connecting. */
  get connect(): number {
    return span(this.resolvedAt || this.acquiredAt, this.connectedAt);
  }

  /** Agreeing upon TLS. */
  get tls(): number {
    return span(this.connectedAt, this.securedAt);
  }

  /** Sending the request. */
  get send(): number {
    return span(this.sendingAt, this.sentAt);
  }

  /** From the end of sending to the first byte of the response. */
  get wait(): number {
    return span(this.sentAt, this.firstByteAt);
  }

  /** From the first byte of the response to its last. */
  get receive(): number {
    return span(this.firstByteAt, this.endedAt);
  }

  /** From the first poll of the request to the end of the response. */
  get total(): number {
    return span(this.startedAt, this.endedAt);
  }
}

/** An end that was not reached yet, or came before, makes no span. */
function span(from: number, to: number): number {
  return Math.max(0, to - from);
}
