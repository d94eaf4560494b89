import type { Budget } from "../../future/budget.ts";
import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { Done } from "../../future/stream/stream.ts";
import type { Waker } from "../../future/waker.ts";
import { NetError } from "../errors.ts";
import { pollFillInto } from "../socket_stream.ts";
import { copyOf } from "./body/_scraps.ts";
import type { Call } from "./_call.ts";
import type { Connection } from "./pool/_connection.ts";
import type {
  HeadEvent,
  InformationalEvent,
  ResponseEvent,
} from "./h1/events.ts";
import type { Fields } from "./h1/fields.ts";
import type { ResponseParser } from "./h1/response_parser.ts";
import type { Fate } from "./fate.ts";
import type { Pool } from "./pool/_pool.ts";
import { Upload } from "./_upload.ts";

const NOTHING = new Uint8Array(0);
const NONE: readonly InformationalEvent[] = [];

/** What of the room may be read into: data of the body, and nothing else. */
function fitting(
  room: Uint8Array | null,
  { dataAhead }: ResponseParser,
): Uint8Array | null {
  if (room === null || dataAhead === 0) return null;
  return room.byteLength <= dataAhead ? room : room.subarray(0, dataAhead);
}

/**
 * One request and its response on one connection.
 *
 *     writing ==> awaiting the head ==> reading the body --> over
 *
 * The first two overlap: the response is listened for from the start, so that a
 * server that refuses early is heard, and no time is lost where it is quick.
 * Whatever the way out, the connection's fate is stated: kept if the response
 * was whole and it may be, drained or closed if not.
 *
 * The exchange is the waker of what sends. It passes a wake on to the task where
 * that has a source to ask, and waits for the head; else it sends on by itself. So
 * a request that goes out in one go has its task polled when the response has come
 * and not before, which saves a third of its polls; and a response that came before
 * the request was sent is not held on to by a write that may never end.
 */
export class Exchange implements Waker, Context {
  readonly connection: Connection;
  readonly #pool: Pool;
  readonly #upload: Upload;
  readonly #call: Call;
  /** The budget of what sends; see `waker`. */
  budget: Budget | undefined = undefined;
  /** The task, as long as sending is its business. */
  #task: Waker | null = null;
  #at: "head" | "body" | "over" = "head";
  #head: HeadEvent | null = null;
  #fate: Fate = "in use";
  /** What sending has failed with; a response may be there all the same. */
  #sendFailure: { error: unknown } | null = null;
  bytesReceived = 0;
  sentAt = 0;
  firstByteAt = 0;
  interim: readonly InformationalEvent[] = NONE;
  trailers: Fields | null = null;

  constructor(pool: Pool, connection: Connection, call: Call) {
    this.#pool = pool;
    this.#call = call;
    this.connection = connection;
    this.#upload = new Upload(connection.transport, call);
  }

  /** It is the context of what sends, too. */
  get waker(): Waker {
    return this;
  }

  get bytesSent(): number {
    return this.#upload.bytesSent;
  }

  /** Whether there is a body that the head does not bring along. */
  get hasSource(): boolean {
    return this.#upload.hasSource;
  }

  get head(): HeadEvent | null {
    return this.#head;
  }

  get fate(): Fate {
    return this.#fate;
  }

  get isOver(): boolean {
    return this.#at === "over";
  }

  get isSending(): boolean {
    return this.sentAt === 0;
  }

  get isExpecting(): boolean {
    return this.#upload.isExpecting;
  }

  /** Whether the source of the body is waited for, rather than the server. */
  get isPulling(): boolean {
    return this.#upload.isPulling;
  }

  /** Whether the server may have got the request, as far as can be told. */
  get mayHaveArrived(): boolean {
    return this.#upload.hasBegun &&
      !(this.#sendFailure !== null && this.bytesSent === 0);
  }

  /** What sending has failed with, if it has. */
  get sendFailure(): { error: unknown } | null {
    return this.#sendFailure;
  }

  /** Sends the body though the server has not asked for it. */
  proceed(): void {
    this.#upload.proceed();
  }

  #send(time: number): void {
    try {
      if (this.#upload.poll(this) === Pending) return;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      // The server may have answered before it closed: that is worth more.
      this.#sendFailure = { error };
      this.#upload.stop();
    }
    this.sentAt = time;
    this.#leaveTask();
  }

  #pollSend(cx: Context): void {
    if (this.sentAt !== 0) return;
    if (this.hasSource && this.#at === "head") {
      this.#task = cx.waker;
      this.budget = cx.budget;
    }
    this.#send(this.#call.moment.time);
  }

  /** The system has taken what it was given, or the source has more. */
  wake(): void {
    if (this.#at === "over" || this.sentAt !== 0) return;
    if (this.#task !== null) this.#task.wake();
    else this.#send(this.connection.time);
  }

  /** It may soon hold a response that is to be forgotten. */
  #leaveTask(): void {
    this.#task = null;
    this.budget = undefined;
  }

  willWake(other: Waker): boolean {
    return other === this;
  }

  /** Sends, and listens for the head of the final response. */
  pollHead(cx: Context): Poll<HeadEvent> {
    this.#pollSend(cx);
    for (;;) {
      const event = this.#pollEvent(cx, null);
      if (event === Pending) return Pending;
      if (event.type === "informational") {
        this.#onInterim(event);
        this.#pollSend(cx);
        continue;
      }
      // The parser gives no other event before it.
      return this.#onHead(event as HeadEvent);
    }
  }

  #onInterim(event: InformationalEvent): void {
    if (event.status === 100) this.#upload.proceed();
    else this.interim = [...this.interim, event];
  }

  #onHead(head: HeadEvent): HeadEvent {
    this.#head = head;
    this.#at = "body";
    if (!this.#upload.isHandedOver) this.#upload.stop();
    this.#leaveTask();
    return head;
  }

  /** Bytes of the body as a whole, if its head says so; else 0. */
  get expected(): number {
    const framing = this.#head?.framing;
    return framing?.kind === "length" ? framing.length : 0;
  }

  /** How many bytes of the body come next for sure; see the parser's own. */
  get dataAhead(): number {
    return this.connection.parser.dataAhead;
  }

  /**
   * The next bytes of the body, valid until the next poll; `Done` at its end.
   *
   * @param room Where a read may put them, as far as they are sure to come: then
   * they are at its beginning, and its owner's.
   */
  pollBody(cx: Context, room: Uint8Array | null): Poll<Uint8Array | Done> {
    if (this.#at === "over") return Done;
    this.#pollSend(cx);
    const event = this.#pollEvent(cx, room);
    if (event === Pending) return Pending;
    switch (event.type) {
      case "data":
        return event.bytes;
      case "end":
        this.trailers = event.trailers;
        this.#finish();
        return Done;
      default:
        throw new Error(`Cannot read a body: got a second ${event.type}`);
    }
  }

  /**
   * What of the body came together with the head, if that may be all of it, in
   * memory that stays; the exchange is over then if it was all. What is wrong
   * with the body comes out when it is read, however the bytes came.
   */
  takeBuffered(): Uint8Array {
    const { framing } = this.#head!;
    switch (framing.kind) {
      case "none":
        break;
      case "length":
        if (framing.length > this.connection.pushed) return NOTHING;
        break;
      case "chunked":
        break;
      case "close":
        return NOTHING;
    }
    let first: Uint8Array | null = null;
    let others: Uint8Array[] | null = null;
    for (;;) {
      const event = this.#eventAtHand();
      if (event?.type === "data") {
        if (first === null) first = event.bytes;
        else (others ??= []).push(event.bytes);
        continue;
      }
      const taken = copyOf(first, others); // as long as the bytes are there
      if (event?.type === "end") {
        this.trailers = event.trailers;
        this.#finish();
      }
      return taken;
    }
  }

  /** null also if the bytes are wrong: whoever parses on is told so. */
  #eventAtHand(): ResponseEvent | null {
    try {
      return this.connection.parser.nextEvent();
    } catch {
      return null;
    }
  }

  #pollEvent(cx: Context, room: Uint8Array | null): Poll<ResponseEvent> {
    const { connection } = this;
    const { parser, transport } = connection;
    for (;;) {
      const event = parser.nextEvent();
      if (event !== null) return event;
      if (connection.pushed > 0) {
        transport.consume(connection.pushed);
        connection.pushed = 0;
      }
      const bytes = pollFillInto(transport, cx, fitting(room, parser));
      if (bytes === Pending) return Pending;
      if (bytes === null) {
        parser.end();
        continue;
      }
      if (this.bytesReceived === 0) this.firstByteAt = this.#call.moment.time;
      this.bytesReceived += bytes.byteLength;
      connection.pushed = bytes.byteLength;
      parser.push(bytes);
    }
  }

  /** The response is whole. */
  #finish(): void {
    const { connection } = this;
    this.#at = "over";
    if (this.#head!.upgrade) {
      // What came behind the head stays in the stream, for whoever gets it.
      connection.transport.consume(
        connection.pushed - connection.parser.leftover,
      );
      connection.pushed = 0;
      this.#fate = "handed over";
      this.#pool.handOver(connection);
      return;
    }
    const why = connection.parser.leftover > 0
      ? "the server sent more than a response"
      : this.#whyNotKept();
    if (why !== null) {
      this.#fate = "closed";
      this.#pool.discard(connection, why);
      return;
    }
    connection.transport.consume(connection.pushed);
    connection.pushed = 0;
    connection.usedAt = this.sentAt;
    this.#fate = "kept";
    this.#pool.putBack(connection, this.#call.moment.time);
  }

  #whyNotKept(): string | null {
    if (!this.#head!.keepAlive) return "the server wanted it closed";
    if (this.#call.plan.authenticatesConnection) {
      return "it may be authenticated as the caller";
    }
    return this.#upload.isSent
      ? null
      : "the response came before the request was sent";
  }

  /** A failure: nothing that comes over this connection can be trusted now. */
  fail(why: string): void {
    if (this.#at === "over") return;
    this.#at = "over";
    this.#fate = "closed";
    this.#upload.stop();
    this.#pool.discard(this.connection, why);
  }

  /**
   * Nobody wants the response any more. The connection goes back if nothing was
   * sent, or if what is still to come is little; else it is closed.
   */
  drop(): void {
    if (this.#at === "over") return;
    const { connection } = this;
    if (this.#at === "head" && !this.#upload.hasBegun) {
      this.#at = "over";
      this.#upload.stop();
      this.#fate = "kept";
      connection.requests--;
      this.#pool.putBack(connection, connection.restingSince);
      return;
    }
    const drainable = this.#at === "body" && this.#whyNotDrained() === null;
    if (!drainable) {
      this.fail(
        this.#at === "head"
          ? "the request was dropped"
          : "the response was dropped",
      );
      return;
    }
    this.#at = "over";
    connection.usedAt = this.sentAt;
    this.#pool.beginDrain(connection, this.#call.settings.limits.drainBytes);
    // What had come may have been all of it, or have been broken.
    const { state } = connection;
    this.#fate = state === "draining" || state === "closed" ? state : "kept";
  }

  #whyNotDrained(): string | null {
    if (!this.#pool.isOpen) return "the client was closed";
    const head = this.#head!;
    if (head.upgrade) return "it is no HTTP any more";
    if (
      head.framing.kind === "length" &&
      this.dataAhead > this.#call.settings.limits.drainBytes
    ) {
      return "too much is still to come";
    }
    return this.#whyNotKept();
  }
}
