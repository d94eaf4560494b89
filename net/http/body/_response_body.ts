import type { Context } from "../../../future/context.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import { Done } from "../../../future/stream/stream.ts";
import { LimitExceeded, RequestError } from "../errors.ts";
import { asOwn } from "./_scraps.ts";
import type { Call } from "../_call.ts";
import type { Exchange } from "../_exchange.ts";
import type { HeadEvent } from "../h1/events.ts";
import { Meter } from "../_meter.ts";
import { deadlinePassed, failureOf, type Progress } from "../_failure.ts";

const NOTHING = new Uint8Array(0);

/**
 * The body of a response as it comes over the wire. If all of it came with the
 * head it is taken at once, and the connection is free before anybody has asked
 * for the body.
 *
 *     open --> waiting <--> open ... --> whole
 *       |         |
 *       +---------+--> failed, dropped: from then on it throws, for an end that
 *                      did not come must not look like one
 */
export class WireBody {
  readonly #exchange: Exchange;
  readonly #call: Call;
  readonly #meter: Meter | null;
  #at: "open" | "waiting" | "whole" | "failed" | "dropped" = "open";
  #failure: unknown = null;
  /** What came with the head, until it is asked for. */
  #early: Uint8Array = NOTHING;
  #received = 0;

  constructor(call: Call, exchange: Exchange, head: HeadEvent) {
    this.#exchange = exchange;
    this.#call = call;
    this.#meter = Meter.for(call.settings.onDownload, lengthOf(head));
    this.#takeEarly();
  }

  get exchange(): Exchange {
    return this.#exchange;
  }

  /** Whether all of it has come. */
  get isWhole(): boolean {
    return this.#at === "whole";
  }

  /** Bytes that came so far. */
  get received(): number {
    return this.#received;
  }

  /** Takes what came with the head, if it may be all. */
  #takeEarly(): void {
    this.#early = this.#exchange.takeBuffered();
    this.#received = this.#early.byteLength;
    if (this.#received > 0) this.#meter?.add(this.#received);
    if (this.#exchange.isOver) return this.#end("whole");
    this.#call.deadlines.rest();
    this.#call.abort?.rest(this);
  }

  /** All of it, if it came with the head and has not been read. */
  takeWhole(): Uint8Array | null {
    if (this.#at !== "whole" || this.#isTooMuch) return null;
    const early = this.#early;
    this.#early = NOTHING;
    return early;
  }

  /** They are the connection's, or in the caller's room. */
  keep(): boolean {
    return false;
  }

  get expected(): number {
    return this.#exchange.expected;
  }

  get ahead(): number {
    return this.#exchange.dataAhead;
  }

  /** See `ByteSource`. */
  poll(cx: Context, room: Uint8Array | null = null): Poll<Uint8Array | Done> {
    this.check();
    const early = this.#early;
    if (early.byteLength > 0) {
      this.#early = NOTHING;
      if (this.#isTooMuch) throw this.fail(this.#tooMuch());
      return asOwn(early); // it may be given away as it is
    }
    if (this.#at === "whole") return Done;
    this.#call.moment.tick();
    try {
      this.#call.abort?.check(cx.waker);
      const bytes = this.#exchange.pollBody(cx, room);
      if (bytes === Pending) return this.#pollDeadline(cx);
      if (bytes === Done) {
        this.#end("whole");
        return Done;
      }
      this.#at = "open";
      this.#call.abort?.rest(this);
      this.#received += bytes.byteLength;
      this.#meter?.add(bytes.byteLength);
      if (this.#isTooMuch) throw this.#tooMuch();
      return bytes;
    } catch (error) {
      throw this.fail(error);
    }
  }

  #pollDeadline(cx: Context): typeof Pending {
    const { deadlines, settings } = this.#call;
    if (this.#at === "open") {
      // The server's time begins when we wait for it, not before: a consumer
      // that is slow does not use it up.
      deadlines.enter("read", settings.deadlines.read);
      this.#at = "waiting";
    }
    const passed = deadlines.poll(cx);
    if (passed === Pending) return Pending;
    throw deadlinePassed(passed, this.#progress());
  }

  get #isTooMuch(): boolean {
    return this.#received > this.#call.settings.limits.bodyBytes;
  }

  #tooMuch(): LimitExceeded {
    return new LimitExceeded(
      `Cannot read the body: it has more than limits.bodyBytes, ${this.#call.settings.limits.bodyBytes} bytes`,
      this.describe("limits.bodyBytes"),
    );
  }

  /**
   * Throws if there is no going on.
   *
   * @throws {HttpError} What it has failed with, or that it was dropped.
   */
  check(): void {
    if (this.#at === "failed") throw this.#failure;
    if (this.#at === "dropped") {
      throw new RequestError(
        "Cannot read the body: it was dropped",
        this.#progress(),
      );
    }
  }

  /** What an error about the body carries. */
  describe(limit: string): Progress & { limit: string } {
    return { ...this.#progress(), limit };
  }

  #progress(): Progress {
    return {
      ...this.#call.progress("body", this.#exchange),
      requestMayHaveBeenProcessed: true, // else it would not have been answered
    };
  }

  /** The caller's signal has aborted, whether or not anybody is reading. */
  abort(reason: unknown): void {
    this.#call.moment.tick();
    this.fail(reason);
  }

  /** Ends it because of an error, here or in what reads it; the error to throw. */
  fail(error: unknown): unknown {
    if (this.#at === "failed") return this.#failure;
    this.#exchange.fail("the response failed");
    this.#failure = failureOf(error, this.#progress());
    this.#end("failed");
    return this.#failure;
  }

  #end(how: "whole" | "failed" | "dropped"): void {
    this.#at = how;
    const { deadlines, abort, timings, moment, recording } = this.#call;
    deadlines.drop();
    abort?.drop();
    timings.endedAt = moment.time;
    if (how === "whole") this.#meter?.end();
    recording?.end(how, this.#failure, this.#received);
  }

  /** Nobody wants it any more. */
  drop(): void {
    switch (this.#at) {
      case "open":
      case "waiting":
        this.#call.moment.tick();
        this.#exchange.drop();
        this.#end("dropped");
        return;
      case "whole":
        this.#early = NOTHING;
        this.#at = "dropped";
    }
  }
}

function lengthOf({ framing }: HeadEvent): number | null {
  switch (framing.kind) {
    case "none":
      return 0;
    case "length":
      return framing.length;
    case "chunked":
    case "close":
      return null;
  }
}
