import type { DropErrors } from "../../future/_drop.ts";
import { checkNames, type Names } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import { type Future, nameOf } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { LivingStream } from "../../future/stream/_living_stream.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { currentCore } from "../../executor/_current.ts";
import { AsyncTimer } from "../../executor/time/async_timer.ts";
import { checkObject } from "../_options.ts";
import { AbortWatch } from "./_abort.ts";
import type { HttpClient } from "./client.ts";
import {
  DeadlineExceeded,
  type HttpError,
  IncompleteBody,
  TransportError,
} from "./errors.ts";
import { EventParser } from "./_event_parser.ts";
import {
  checkEventLength,
  EventStream,
  isEventStream,
  noEvents,
} from "./_event_stream.ts";
import type { Fields, FieldsInit } from "./h1/fields.ts";
import type { Deadlines } from "./options.ts";
import { checkFields, mergeFields } from "./_plan.ts";
import type { HttpRequest } from "./request.ts";
import type { HttpResponse } from "./response.ts";
import type {
  ServerSentEvent,
  ServerSentEventOptions,
} from "./server_sent_events.ts";

/** How an {@linkcode eventSource} connects, and comes back. */
export interface EventSourceOptions extends ServerSentEventOptions {
  /** Header fields of each request, over those of the client. */
  headers?: FieldsInit;
  /** Behind which event to begin: from the beginning by default. */
  lastEventId?: string;
  /**
   * Milliseconds between the end of a response and the next request, until the
   * server says otherwise: 3,000.
   */
  retry?: number;
  /**
   * The longest wait, in milliseconds: 60,000. Each attempt that fails makes the
   * next wait up to twice as long; it is never less than the server asks for.
   */
  most?: number;
  /** How many attempts may fail in a row: any number by default. */
  attempts?: number;
  /**
   * How long each phase of a connection may take. `read` is `Infinity` by default:
   * a server that sends something at least every so often, as many do, should be
   * held to it, for that is how a connection that has died is found out.
   */
  deadlines?: Deadlines;
  /** Aborts it, with its reason. */
  signal?: AbortSignal;
}

const NAMES: Names<EventSourceOptions> = {
  eventLength: true,
  headers: true,
  lastEventId: true,
  retry: true,
  most: true,
  attempts: true,
  deadlines: true,
  signal: true,
};

/** Statuses that say that it may work later, though the HTML standard gives up. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

type State =
  | { at: "ready" }
  | { at: "requesting"; request: Future<HttpResponse> }
  | { at: "reading"; events: Stream<ServerSentEvent>; parser: EventParser }
  | { at: "waiting"; timer: AsyncTimer; abort: AbortWatch | null }
  | { at: "over" };

/**
 * Response after response, and what of the events goes on from one to the next:
 *
 *     ready --> requesting --> reading
 *       ^            |  |         | its end, or a failure that may pass
 *       +-- waiting <+--|---------+
 *                       +--> over: 204, or what does not pass
 */
class EventSourceStream extends LivingStream<ServerSentEvent> {
  readonly #client: HttpClient;
  readonly #request: HttpRequest;
  readonly #headers: Fields;
  readonly #eventLength: number;
  readonly #most: number;
  readonly #attempts: number;
  #lastEventId: string;
  #retry: number;
  /** How many attempts have failed since the last one that has not. */
  #failures = 0;
  #state: State = { at: "ready" };

  constructor(
    client: HttpClient,
    url: string | URL,
    options: EventSourceOptions,
  ) {
    super();
    const { headers, lastEventId = "", retry = 3000, most = 60_000 } = options;
    const { attempts = Infinity, eventLength = 1024 * 1024 } = options;
    const { deadlines, signal } = options;
    checkEventLength(eventLength);
    for (const [name, value] of Object.entries({ retry, most })) {
      if (!(value >= 0 && value < Infinity)) throw outOfRange(name, value);
    }
    if (!(attempts >= 1)) throw outOfRange("attempts", attempts);
    this.#client = client;
    this.#headers = mergeFields(FIELDS, checkFields(headers));
    this.#request = {
      url,
      deadlines: { read: Infinity, ...deadlines },
      ...(signal === undefined ? {} : { signal }),
    };
    this.#lastEventId = lastEventId;
    this.#retry = retry;
    this.#most = most;
    this.#attempts = attempts;
    this.#eventLength = eventLength;
    // What cannot be sent is told at once, and not by the first poll.
    this.#ask()[Symbol.dispose]();
  }

  protected override advance(cx: Context): Poll<ServerSentEvent | Done> {
    for (;;) {
      try {
        const event = this.#walk(cx);
        if (event !== null) return event;
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** Goes a step on; null if there is another. */
  #walk(cx: Context): Poll<ServerSentEvent | Done | null> {
    const state = this.#state;
    switch (state.at) {
      case "ready":
        this.#state = { at: "requesting", request: this.#ask() };
        return null;

      case "requesting": {
        const response = state.request.poll(cx);
        if (response === Pending) return Pending;
        return this.#answered(response);
      }

      case "reading": {
        const event = state.events.pollNext(cx);
        if (event !== Done) return event;
        this.#leave(state.parser);
        this.#wait();
        return null;
      }

      case "waiting":
        state.abort?.check(cx.waker);
        if (state.timer.poll(cx) === Pending) return Pending;
        state.abort?.drop();
        this.#state = { at: "ready" };
        return null;

      case "over":
        return Done;
      default:
        return state satisfies never;
    }
  }

  #ask(): Future<HttpResponse> {
    const id = this.#lastEventId;
    const headers = id === "" ? this.#headers : mergeFields(
      this.#headers,
      checkFields([["last-event-id", inUtf8(id)]]),
    );
    return this.#client.request({ ...this.#request, headers });
  }

  #answered(response: HttpResponse): null {
    if (isEventStream(response)) {
      this.#failures = 0;
      const parser = new EventParser(this.#eventLength, this.#lastEventId);
      const events = new EventStream(response.stream(), parser);
      this.#state = { at: "reading", events, parser };
      return null;
    }
    const { status } = response;
    this.#state = { at: "over" };
    response[Symbol.dispose]();
    if (status === 204) return null; // the server wants no more requests
    if (!PASSING.has(status)) throw noEvents(response);
    this.#countFailure(noEvents(response));
    return null;
  }

  /** @throws The failure, if it does not pass. */
  #failed(error: unknown): void {
    if (!isPassing(error)) throw error;
    const state = this.#state;
    if (state.at === "reading") {
      this.#leave(state.parser);
      this.#wait(); // it had worked
    } else this.#countFailure(error);
  }

  #countFailure(error: HttpError): void {
    if (++this.#failures >= this.#attempts) throw error;
    this.#wait();
  }

  /** Keeps of a response what the next request needs. */
  #leave(parser: EventParser): void {
    this.#lastEventId = parser.reached;
    this.#retry = parser.retry ?? this.#retry;
  }

  /** Those who failed together should not come back together. */
  #wait(): void {
    const retry = this.#retry;
    // Of no wait at all, doubling would make none.
    const grown = this.#failures === 0
      ? retry
      : Math.max(retry, 1) * 2 ** this.#failures;
    const more = Math.max(0, Math.min(grown, this.#most) - retry);
    const wait = retry +
      (more === 0 ? 0 : more * currentCore().host.random());
    const { signal } = this.#request;
    this.#state = {
      at: "waiting",
      timer: new AsyncTimer(wait),
      abort: signal === undefined ? null : new AbortWatch(signal),
    };
  }

  protected override free(errors: DropErrors): void {
    const state = this.#state;
    this.#state = { at: "over" };
    switch (state.at) {
      case "requesting":
        errors.collect(() => state.request[Symbol.dispose]());
        break;
      case "reading":
        errors.collect(() => state.events[Symbol.dispose]());
        break;
      case "waiting":
        state.timer[Symbol.dispose]();
        state.abort?.drop();
    }
  }
}

function isPassing(error: unknown): error is HttpError {
  return error instanceof TransportError || error instanceof IncompleteBody ||
    error instanceof DeadlineExceeded;
}

function outOfRange(name: string, value: unknown): RangeError {
  return new RangeError(
    `Cannot use the option ${name} of an event source: it is out of range, got ${value}`,
  );
}

/** What the HTML standard has each request say. */
const FIELDS = /* @__PURE__ */ checkFields([
  ["accept", "text/event-stream"],
  ["cache-control", "no-store"],
]);

/** A field is made of bytes, each a character here; an id is text. */
function inUtf8(text: string): string {
  let field = "";
  for (const byte of new TextEncoder().encode(text)) {
    field += String.fromCharCode(byte);
  }
  return field;
}

/**
 * The events of a server, over as many requests as it takes: what `EventSource`
 * is, as a stream (the HTML standard, section 9.2). When a response ends or
 * breaks, it waits as long as the server has asked for, and requests what comes
 * behind the last event, by `Last-Event-ID`. A 204 ends it.
 *
 * What may pass is waited for, longer each time: connections that break, deadlines,
 * and the statuses 408, 429, 500, 502, 503 and 504. Any other response that is no
 * stream of events fails it, and so does an event that is too long.
 *
 * Nothing is requested before the first poll.
 *
 * Cancel safety: loses data: dropped, it drops the response, or the request. Its
 * `next()` is safe.
 *
 * @param client Over which client.
 * @param url An absolute URL of `http:` or `https:`.
 * @param options Where to begin, how to come back, deadlines and more.
 * @returns A stream of events; it fails with an `HttpError`, or with the signal's
 * reason.
 * @throws {RequestError} If the request cannot be sent as it is.
 * @throws {TypeError} If `client` is no `HttpClient`, or an option is of the wrong
 * kind, or unknown.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { eventSource, HttpClient } from "@pollen/futures/http";
 * import { collect } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * // It gives two events a request, and after four wants to be left alone.
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   (request) => {
 *     const last = Number(request.headers.get("last-event-id") ?? 0);
 *     if (last >= 4) return new Response(null, { status: 204 });
 *     const events = [last + 1, last + 2].map((n) => `id: ${n}\ndata: no. ${n}\n\n`);
 *     return new Response(`retry: 1\n${events.join("")}`, {
 *       headers: { "content-type": "text/event-stream" },
 *     });
 *   },
 * );
 * await using client = new HttpClient();
 * const url = `http://127.0.0.1:${server.addr.port}/`;
 * const events = await run(collect(eventSource(client, url)));
 * assertEquals(events.map(({ data }) => data), ["no. 1", "no. 2", "no. 3", "no. 4"]);
 * ```
 */
export function eventSource(
  client: HttpClient,
  url: string | URL,
  options: EventSourceOptions = {},
): Stream<ServerSentEvent> {
  if (typeof client?.request !== "function") {
    throw new TypeError(
      `Cannot make an event source over ${nameOf(client)}: it is no HttpClient`,
    );
  }
  checkObject("options of an event source", options);
  checkNames(options, NAMES);
  return new EventSourceStream(client, url, options);
}
