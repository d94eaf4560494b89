import type { JoinHandle } from "../../../executor/join_handle.ts";
import { now } from "../../../executor/time/now.ts";
import { Connection, type Keeper } from "./_connection.ts";
import { drainSome } from "./_drain.ts";
import { LimitExceeded } from "../errors.ts";
import { ResponseParser } from "../h1/response_parser.ts";
import type { Settings } from "../options.ts";
import { Parking } from "./_parking.ts";
import { Place } from "./_place.ts";
import type { PoolEvent, PoolSnapshot } from "./pool_events.ts";
import { Sweeper } from "./_sweeper.ts";
import { Tally } from "./_tally.ts";
import { type Grant, Ticket } from "./_ticket.ts";
import type { ByteStream } from "../../byte_stream.ts";

/** Why most connections are closed. */
const RESTED = "it had rested long enough";
const GAVE_WAY = "it made room for another host";
/** How long the rest of an unread body may take. */
const DRAIN_MS = 1000;
/** Places that nobody uses are remembered up to this number. */
const REMEMBERED = 64;

/**
 * The connections of a client.
 *
 * A connection counts from the moment that somebody may dial it to the moment
 * that it is closed, for its place and for the whole. When one of either comes
 * free, the first in the queue that can use it gets it, or the right to dial.
 * Idle ones rest in the order in which they came to rest; where the whole is
 * full, the one that has rested longest makes room for another place.
 *
 * A connection that rests wakes it when something comes (`Keeper`); a background
 * task closes what has rested too long, as long as anything rests.
 */
export class Pool implements Keeper {
  readonly #settings: Settings;
  readonly #report: (event: PoolEvent) => void;
  readonly #tally = new Tally();
  readonly #places = new Map<string, Place>();
  /** All that are open; what each is at, it knows itself. */
  readonly #open = new Set<Connection>();
  readonly #parking = new Parking((connection, why) =>
    this.evict(connection, why)
  );
  #sweeper: { future: Sweeper; task: JoinHandle<void> } | null = null;
  #dialling = 0;
  #waiting = 0;
  #tickets = 0;
  #ids = 0;
  #state: "open" | "closed" = "open";

  constructor(settings: Settings, report: (event: PoolEvent) => void) {
    this.#settings = settings;
    this.#report = report;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get #total(): number {
    return this.#open.size + this.#dialling;
  }

  place(key: string): Place {
    return this.#places.get(key) ?? new Place(key);
  }

  /**
   * What is to be had without waiting: an idle connection, or the right to
   * dial; null if neither.
   *
   * @param careful Whether the request must not be sent twice: then it gets no
   * connection that the server may be about to close.
   */
  take(place: Place, careful: boolean, time: number): Grant | null {
    if (place.waiting.size > 0) return null; // they were first
    for (let at = place.idle.length - 1; at >= 0; at--) {
      const connection = place.idle[at]!;
      if (time - connection.bornAt >= this.#settings.pool.maxAge) {
        this.evict(connection, "it had reached its greatest age");
        continue;
      }
      if (time >= connection.restsUntil) { // the timer is late
        this.evict(connection, RESTED);
        continue;
      }
      const oldest = place.idle[0]!.restingSince;
      if (!careful || place.trust.isSafe(connection, oldest, time)) {
        return this.#wakeUp(connection);
      }
      // The one last in has rested least: none below it will do either.
      if (this.#mayDial(place)) break;
      this.evict(connection, "it had rested too long to be trusted");
    }
    return this.#mayDial(place) || this.#makeRoom(place)
      ? this.#letDial(place)
      : null;
  }

  #mayDial(place: Place): boolean {
    return place.size < this.#settings.pool.maxPerOrigin &&
      this.#total < this.#settings.pool.maxTotal;
  }

  /** Closes the connection that has rested longest, for another place's sake. */
  #makeRoom(place: Place): boolean {
    if (place.size >= this.#settings.pool.maxPerOrigin) return false;
    let longest: Connection | null = null;
    for (const each of this.#open) {
      if (!each.isResting) continue;
      if (longest === null || each.restingSince < longest.restingSince) {
        longest = each;
      }
    }
    if (longest === null) return false;
    this.#forget(longest, GAVE_WAY);
    return true;
  }

  #letDial(place: Place): "dial" {
    this.#places.set(place.key, place); // it is new, or was forgotten just now
    place.size++;
    this.#dialling++;
    return "dial";
  }

  #wakeUp(connection: Connection): Connection {
    const { idle } = connection.place;
    if (idle[idle.length - 1] === connection) idle.pop();
    else idle.splice(idle.indexOf(connection), 1);
    connection.take();
    this.#tally.reused++;
    return connection;
  }

  /**
   * Stands in line.
   *
   * @throws {LimitExceeded} If the line is full.
   */
  queue(place: Place): Ticket {
    const { maxQueue } = this.#settings.pool;
    if (this.#waiting >= maxQueue) {
      throw new LimitExceeded(
        `Cannot wait for a connection: ${maxQueue} requests are waiting already; raise pool.maxQueue`,
        { phase: "queue", limit: "pool.maxQueue" },
      );
    }
    const ticket = new Ticket(this, place, ++this.#tickets);
    this.#places.set(place.key, place);
    place.waiting.add(ticket);
    this.#tally.queued++;
    this.#waiting++;
    return ticket;
  }

  /** Out of the line, without having got anything. */
  leave(ticket: Ticket): void {
    if (ticket.place.waiting.delete(ticket)) this.#waiting--;
    this.#forgetPlace(ticket.place);
  }

  /** A right to dial has led to a connection. */
  dialled(place: Place, transport: ByteStream, method: string): Connection {
    this.#dialling--;
    const connection = new Connection(
      ++this.#ids,
      place,
      transport,
      new ResponseParser({ method }),
      now(),
      this,
    );
    this.#open.add(connection);
    this.#tell("opened", connection);
    return connection;
  }

  /** A right to dial has led nowhere. */
  undialled(place: Place): void {
    this.#dialling--;
    place.size--;
    this.#admit(place);
  }

  /** A connection is whole and free: the next in line gets it, or it rests. */
  putBack(connection: Connection, time: number): void {
    const { place } = connection;
    if (this.#state !== "open") {
      return this.discard(connection, "the client was closed");
    }
    if (time - connection.bornAt >= this.#settings.pool.maxAge) {
      this.discard(connection, "it had reached its greatest age");
      return;
    }
    if (this.#isWantedElsewhere(place)) {
      this.discard(connection, GAVE_WAY);
      return;
    }
    const first = place.first;
    if (first !== null) {
      connection.take();
      this.#tally.reused++;
      place.waiting.delete(first);
      this.#waiting--;
      first.grant(connection)?.wake();
      return;
    }
    if (this.#settings.pool.idle <= 0) {
      this.discard(connection, "idle connections are not kept");
      return;
    }
    place.idle.push(connection);
    const allowed = Math.min(this.#settings.pool.idle, connection.serverIdle);
    connection.restingSince = time;
    connection.restsUntil = time + allowed;
    connection.rest();
    this.#parking.add(connection);
    this.#sweepFor(connection);
  }

  /** Reads the rest of a body that nobody wants, to keep the connection. */
  beginDrain(connection: Connection, most: number): void {
    if (this.#isWantedElsewhere(connection.place)) {
      return this.discard(connection, GAVE_WAY);
    }
    const { time } = connection;
    connection.restingSince = time;
    connection.restsUntil = time + DRAIN_MS;
    connection.toDrain = most;
    connection.beginDrain();
    this.#sweepFor(connection);
    this.drain(connection);
  }

  drain(connection: Connection): void {
    const how = drainSome(connection);
    if (how === "whole") {
      this.#tell("drained", connection);
      this.putBack(connection, connection.time);
    } else if (how !== "more") this.evict(connection, how);
  }

  /** A connection in use is not to be used again. */
  discard(connection: Connection, why: string): void {
    if (connection.state === "closed") return;
    this.#forget(connection, why);
    this.#admit(connection.place);
  }

  /** A connection in use speaks another protocol from now on. */
  handOver(connection: Connection): void {
    this.#open.delete(connection);
    connection.place.size--;
    connection.giveAway();
    this.#tell("closed", connection, "it was handed over to another protocol");
    this.#admit(connection.place);
  }

  evict(connection: Connection, why: string): void {
    if (connection.state === "idle" && why === "the server closed it") {
      this.#learn(connection, connection.time);
    }
    this.discard(connection, why);
  }

  /** A connection has turned out to be at its end when it was used again. */
  wasStale(connection: Connection, time: number): void {
    this.#tally.stale++;
    this.#learn(connection, time);
  }

  /** The server did not keep a connection as long as this. */
  #learn({ place, restingSince }: Connection, time: number): void {
    place.trust.closedAfter(time - restingSince);
  }

  #forget(connection: Connection, why: string): void {
    const { place } = connection;
    const at = place.idle.indexOf(connection);
    if (at >= 0) place.idle.splice(at, 1);
    this.#open.delete(connection);
    place.size--;
    connection.close();
    this.#tell("closed", connection, why);
  }

  /** Room has become free at a place, and so perhaps for others. */
  #admit(place: Place): void {
    const first = this.#total < this.#settings.pool.maxTotal
      ? this.#firstToDial()
      : null;
    this.#forgetPlace(place);
    if (first === null) return;
    first.place.waiting.delete(first);
    this.#waiting--;
    first.grant(this.#letDial(first.place))?.wake();
  }

  /** The first in line whom nothing but the whole may keep from dialling. */
  #firstToDial(): Ticket | null {
    if (this.#waiting === 0) return null;
    let first: Ticket | null = null;
    for (const place of this.#places.values()) {
      if (place.size >= this.#settings.pool.maxPerOrigin) continue;
      const ticket = place.first;
      if (ticket === null) continue;
      if (first === null || ticket.number < first.number) first = ticket;
    }
    return first;
  }

  /** Whether somebody who came first needs the room of a connection to here. */
  #isWantedElsewhere(place: Place): boolean {
    if (this.#total < this.#settings.pool.maxTotal) return false;
    const other = this.#firstToDial();
    if (other === null || other.place === place) return false;
    return place.first === null || other.number < place.first.number;
  }

  #forgetPlace(place: Place): void {
    if (
      place.size === 0 && place.waiting.size === 0 &&
      this.#places.size > REMEMBERED
    ) this.#places.delete(place.key);
  }

  #sweepFor({ core, restsUntil }: Connection): void {
    // Its executor may have been closed, and the task with it.
    if (this.#sweeper?.task.isFinished === false) {
      return this.#sweeper.future.by(restsUntil);
    }
    const future = new Sweeper(restsUntil, () => this.#sweep());
    const task = core.spawn(future, "HttpClient").unref();
    this.#sweeper = { future, task };
  }

  #resting(): Connection[] {
    return [...this.#open].filter((each) => each.isResting);
  }

  /** Closes what has rested too long; when to look again. */
  #sweep(): number {
    const time = now();
    let next = Infinity;
    for (const connection of this.#resting()) {
      if (connection.restsUntil > time) {
        next = Math.min(next, connection.restsUntil);
      } else if (connection.state === "draining") {
        this.evict(connection, "the rest of a body took too long");
      } else this.evict(connection, RESTED);
    }
    if (next === Infinity) this.#sweeper = null;
    return next;
  }

  /** Closes all connections that rest. */
  closeIdle(): void {
    for (const connection of this.#resting()) {
      this.discard(connection, "idle connections were closed");
    }
    this.#sweeper?.task[Symbol.dispose]();
    this.#sweeper = null;
  }

  /** Closes all connections that rest, and takes none back from now on. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closed";
    this.closeIdle();
  }

  snapshot(): PoolSnapshot {
    return {
      connections: [...this.#open].map((each) => each.snapshot()),
      dialling: this.#dialling,
      waiting: this.#waiting,
      totals: this.#tally.totals(),
    };
  }

  #tell(type: PoolEvent["type"], connection: Connection, why = ""): void {
    const { id, place: { key } } = connection;
    this.#tally.count(type, why);
    try {
      this.#report({ type, connection: id, key, why });
    } catch (error) {
      // Whoever listens has no say in what happens to the connection.
      connection.core.host.unhandled(error);
    }
  }
}
