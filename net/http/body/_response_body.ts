import type { Context } from "../../../future/context.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import { Done } from "../../../future/stream/stream.ts";
import type { AbortWatch } from "../_abort.ts";
import type { DeadlineTimer } from "../_deadline.ts";
import { LimitExceeded, RequestError } from "../errors.ts";
import type { Exchange } from "../_exchange.ts";
import { deadlinePassed, failureOf, type Progress } from "../_failure.ts";
import type { Meter } from "../_meter.ts";
import type { Moment } from "../_moment.ts";
import type { Recording } from "../_recording.ts";
import type { Timings } from "../timings.ts";

/** What a body needs besides its exchange. */
export interface BodyOptions {
  readonly deadlines: DeadlineTimer;
  readonly abort: AbortWatch | null;
  /** Milliseconds between two reads. */
  readonly readIdle: number;
  readonly bodyBytes: number;
  readonly method: string;
  readonly origin: string;
  readonly attempt: number;
  readonly timings: Timings;
  readonly moment: Moment;
  readonly meter: Meter | null;
  readonly recording: Recording | null;
}

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
  readonly #options: BodyOptions;
  #at: "open" | "waiting" | "whole" | "failed" | "dropped" = "open";
  #failure: unknown = null;
  /** What came with the head, until it is asked for. */
  #early: Uint8Array = NOTHING;
  #received = 0;

  constructor(exchange: Exchange, options: BodyOptions) {
    this.#exchange = exchange;
    this.#options = options;
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
    if (this.#received > 0) this.#options.meter?.add(this.#received);
    if (this.#exchange.isOver) return this.#end("whole");
    this.#options.deadlines.rest();
    this.#options.abort?.rest();
  }

  /** All of it, if it came with the head and has not been read. */
  takeWhole(): Uint8Array | null {
    if (this.#at !== "whole" || this.#isTooMuch) return null;
    const early = this.#early;
    this.#early = NOTHING;
    return early;
  }

  get expected(): number {
    return this.#exchange.expected;
  }

  /** The next bytes, valid until the next poll; `Done` at the end. */
  poll(cx: Context): Poll<Uint8Array | Done> {
    this.check();
    const early = this.#early;
    if (early.byteLength > 0) {
      this.#early = NOTHING;
      if (this.#isTooMuch) throw this.fail(this.#tooMuch());
      return early;
    }
    if (this.#at === "whole") return Done;
    this.#options.moment.tick();
    try {
      this.#options.abort?.check(cx.waker);
      const bytes = this.#exchange.pollBody(cx);
      if (bytes === Pending) return this.#pollDeadline(cx);
      if (bytes === Done) {
        this.#end("whole");
        return Done;
      }
      this.#at = "open";
      this.#received += bytes.byteLength;
      this.#options.meter?.add(bytes.byteLength);
      if (this.#isTooMuch) throw this.#tooMuch();
      return bytes;
    } catch (error) {
      throw this.fail(error);
    }
  }

  #pollDeadline(cx: Context): typeof Pending {
    const { deadlines, readIdle } = this.#options;
    if (this.#at === "open") {
      // The server's time begins when we wait for it, not before: a consumer
      // that is slow does not use it up.
      deadlines.enter("read", readIdle);
      this.#at = "waiting";
    }
    const passed = deadlines.poll(cx);
    if (passed === Pending) return Pending;
    throw deadlinePassed(passed, this.#progress());
  }

  get #isTooMuch(): boolean {
    return this.#received > this.#options.bodyBytes;
  }

  #tooMuch(): LimitExceeded {
    return new LimitExceeded(
      `Cannot read the body: it has more than limits.bodyBytes, ${this.#options.bodyBytes} bytes`,
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
    const { method, origin, attempt } = this.#options;
    const { bytesSent, bytesReceived } = this.#exchange;
    return {
      method,
      origin,
      attempt,
      bytesSent,
      bytesReceived,
      phase: "body",
      requestMayHaveBeenProcessed: true,
    };
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
    const { deadlines, abort, timings, moment, meter, recording } =
      this.#options;
    deadlines.drop();
    abort?.drop();
    timings.endedAt = moment.time;
    if (how === "whole") meter?.end();
    recording?.end(how, this.#failure, this.#received);
  }

  /** Nobody wants it any more. */
  drop(): void {
    switch (this.#at) {
      case "open":
      case "waiting":
        this.#options.moment.tick();
        this.#exchange.drop();
        this.#end("dropped");
        return;
      case "whole":
        this.#early = NOTHING;
        this.#at = "dropped";
    }
  }
}
