import type { Context } from "../../../future/context.ts";
import { Pending } from "../../../future/poll.ts";
import { noopWaker, type Waker } from "../../../future/waker.ts";
import { activeCore, type Core } from "../../../executor/_core.ts";
import { currentCore } from "../../../executor/_current.ts";
import { KEEP_ALIVE } from "../h1/_names.ts";
import { type Fields, valueOf } from "../h1/fields.ts";
import type { ResponseParser } from "../h1/response_parser.ts";
import type { Place } from "./_place.ts";
import type { ConnectionSnapshot } from "./pool_events.ts";
import type { ByteStream } from "../../byte_stream.ts";

/** Who is told what happens on a connection that no request is using. */
export interface Keeper {
  /** An idle connection is of no use any more. */
  evict(connection: Connection, why: string): void;
  /** A connection that is being drained may have come on. */
  drain(connection: Connection): void;
}

/** A request that is sent now is there before the server's time is over. */
const KEEP_ALIVE_MARGIN = 500;

/**
 * A connection as the pool knows it.
 *
 *              acquired                 whole, reusable
 *     idle ---------------> busy ----------------------------> idle
 *      |                      |  dropped, little to come        ^
 *      |                      +----------------> draining ------+
 *      | bytes, end, age      | all else           | too much, too late
 *      +----------------------+--------------------+----------> closed
 *
 * While nobody uses it, a read is parked on it all the same: bytes that nobody
 * asked for, or the peer's end of the connection, are noticed when they come
 * and not when the next request has been sent into the void. The parked read is
 * the next response's first. The connection is its waker itself.
 */
export class Connection implements Waker {
  readonly id: number;
  readonly place: Place;
  readonly transport: ByteStream;
  readonly parser: ResponseParser;
  readonly bornAt: number;
  readonly #keeper: Keeper;
  readonly #cx: Context;
  /** The executor that it was made in. */
  readonly #core = currentCore();
  #state: "busy" | "unparked" | "idle" | "draining" | "closed" = "busy";

  /** How many requests were sent over it, the present one included. */
  requests = 0;
  /** When the last request had been sent over it. */
  usedAt: number;
  /** When it became idle, or began to be drained. */
  restingSince: number;
  /** When it is closed if nothing happens. */
  restsUntil: number = Infinity;
  /** Bytes that the parser was given and that the transport still holds. */
  pushed = 0;
  /** How much of a body may still be thrown away. */
  toDrain = 0;
  /** How long the server said that it keeps it idle, less a margin. */
  serverIdle: number = Infinity;

  constructor(
    id: number,
    place: Place,
    transport: ByteStream,
    parser: ResponseParser,
    bornAt: number,
    keeper: Keeper,
  ) {
    this.id = id;
    this.place = place;
    this.transport = transport;
    this.parser = parser;
    this.bornAt = this.usedAt = this.restingSince = bornAt;
    this.#keeper = keeper;
    this.#cx = { waker: this };
  }

  get state(): "busy" | "idle" | "draining" | "closed" {
    return this.#state === "unparked" ? "idle" : this.#state;
  }

  get isUnparked(): boolean {
    return this.#state === "unparked";
  }

  /** Whether no request is using it. */
  get isResting(): boolean {
    return this.#state !== "busy" && this.#state !== "closed";
  }

  /** Something has come, or the connection has ended. */
  wake(): void {
    switch (this.#state) {
      case "idle":
        this.#keeper.evict(this, this.#whatCame());
        return;
      case "draining":
        this.#keeper.drain(this);
    }
  }

  #whatCame(): string {
    try {
      const bytes = this.transport.pollFillBuf({ waker: noopWaker });
      return bytes === null || bytes === Pending
        ? "the server closed it"
        : "the server sent what nobody had asked for";
    } catch {
      return "it broke";
    }
  }

  willWake(other: Waker): boolean {
    return other === this;
  }

  /** Notes what the server says about keeping it: `Keep-Alive: timeout=5`. */
  heed(fields: Fields): void {
    const said = valueOf(fields, KEEP_ALIVE);
    if (said === null) return;
    const seconds = /(?:^|[,\s])timeout=(\d{1,9})/i.exec(said)?.[1];
    if (seconds === undefined) return;
    this.serverIdle = Math.max(0, Number(seconds) * 1000 - KEEP_ALIVE_MARGIN);
  }

  /**
   * The executor that is concerned with it: the one that it is used in, or was
   * made in. What wakes it, and a drop, may come from outside of all.
   */
  get core(): Core {
    return activeCore() ?? this.#core;
  }

  /** The time, by the clock of its executor. */
  get time(): number {
    return this.core.host.now();
  }

  /** Takes it for a request. */
  take(): void {
    // Unless a read was parked, it holds the process as it is.
    if (this.#state === "idle" || this.#state === "draining") {
      this.transport.ref();
    }
    this.#state = "busy";
  }

  /** Nobody uses it; whoever parks it may wait until it is known to rest. */
  rest(): void {
    if (this.#state === "draining") this.transport.ref();
    this.#state = "unparked";
  }

  /** Parks a read; false if there is something to be read already. */
  park(): boolean {
    this.#state = "idle";
    try {
      // An idle connection does not hold the process, nor much memory: a read
      // that begins from here on takes the smallest buffer.
      this.transport.unref();
      return this.transport.pollFillBuf(this.#cx) === Pending;
    } catch {
      return false;
    }
  }

  /** From now on what comes is read by the pool, to be thrown away. */
  beginDrain(): Context {
    this.#state = "draining";
    this.transport.unref();
    return this.#cx;
  }

  get drainContext(): Context {
    return this.#cx;
  }

  /** Gives the stream away: what becomes of it is no longer ours to decide. */
  giveAway(): void {
    this.#state = "closed";
  }

  snapshot(): ConnectionSnapshot {
    const { time } = this;
    return {
      id: this.id,
      key: this.place.key,
      state: this.state,
      requests: this.requests,
      age: time - this.bornAt,
      idle: this.state === "idle" ? time - this.restingSince : 0,
      localAddr: this.transport.localAddr,
      remoteAddr: this.transport.remoteAddr,
    };
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.transport.close();
  }
}
