import type { DropErrors } from "../../future/_drop.ts";
import type { Context } from "../../future/context.ts";
import { nameOf } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { LivingStream } from "../../future/stream/_living_stream.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { ProtocolError } from "./errors.ts";
import type { EventParser } from "./_event_parser.ts";
import type { HttpResponse } from "./response.ts";
import type { ServerSentEvent } from "./server_sent_events.ts";

/** The events of one response. */
export class EventStream extends LivingStream<ServerSentEvent> {
  readonly #body: Stream<Uint8Array>;
  readonly #parser: EventParser;
  // It drops a byte order mark at the beginning, as it should.
  readonly #decoder = new TextDecoder();

  constructor(body: Stream<Uint8Array>, parser: EventParser) {
    super();
    this.#body = body;
    this.#parser = parser;
  }

  protected override advance(cx: Context): Poll<ServerSentEvent | Done> {
    for (;;) {
      const event = this.#parser.next();
      if (event !== undefined) return event;
      const bytes = this.#body.pollNext(cx);
      if (bytes === Pending) return Pending;
      if (bytes === Done) return Done; // what has begun is no event
      this.#parser.push(this.#decoder.decode(bytes, { stream: true }));
    }
  }

  protected override free(errors: DropErrors): void {
    errors.collect(() => this.#body[Symbol.dispose]());
  }
}

export function isEventStream({ status, headers }: HttpResponse): boolean {
  const type = headers.get("content-type") ?? "";
  return status === 200 && /^text\/event-stream\s*(;|$)/i.test(type);
}

/** The error that a response has none. */
export function noEvents({ status, headers }: HttpResponse): ProtocolError {
  return new ProtocolError(
    `Cannot read events: the response is none of 200 and text/event-stream, but of ${status} and ${
      headers.get("content-type")
    }`,
    { phase: "body", requestMayHaveBeenProcessed: true },
  );
}

/** @throws {TypeError} or {RangeError} If it is no positive number. */
export function checkEventLength(eventLength: unknown): void {
  if (typeof eventLength !== "number") {
    throw new TypeError(
      `Cannot read events: eventLength must be a number, got ${
        nameOf(eventLength)
      }`,
    );
  }
  if (eventLength > 0) return;
  throw new RangeError(
    `Cannot read events: eventLength must be more than 0, got ${eventLength}`,
  );
}
