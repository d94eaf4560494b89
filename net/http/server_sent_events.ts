import { checkNames, type Names } from "../../future/_option_names.ts";
import { nameOf } from "../../future/future.ts";
import type { Stream } from "../../future/stream/stream.ts";
import { EventParser } from "./_event_parser.ts";
import {
  checkEventLength,
  EventStream,
  isEventStream,
  noEvents,
} from "./_event_stream.ts";
import type { HttpResponse } from "./response.ts";

/** An event of a server. */
export interface ServerSentEvent {
  /** What kind of event it is: `"message"` unless the server says otherwise. */
  readonly type: string;
  /** What it says: its lines, with line feeds between them. */
  readonly data: string;
  /**
   * What to send as `Last-Event-ID` to go on behind it after a new request;
   * empty if the server has not given any.
   */
  readonly lastEventId: string;
  /**
   * How many milliseconds the server wants to be left alone before a new
   * request, by what it has said last; `null` if it has not said any.
   */
  readonly retry: number | null;
}

/** How much events may be. */
export interface ServerSentEventOptions {
  /** UTF-16 code units of an event, the line that has begun included: 1 Mi. */
  eventLength?: number;
}

const NAMES: Names<ServerSentEventOptions> = { eventLength: true };

/**
 * The events of a response of the type `text/event-stream`, as they come: what
 * `EventSource` gives, as a stream (the HTML standard, section 9.2). It makes no
 * new request when the response ends: {@linkcode eventSource} does.
 *
 * As a stream of events has no end, and may be silent for long, give its request
 * the deadlines that fit: `{ deadlines: { read: Infinity } }`.
 *
 * Cancel safety: loses data: dropped, it drops the body. Its `next()` is safe.
 *
 * @param response The response, whose body it takes.
 * @param options How long an event may be.
 * @returns A stream of events; it fails with an `HttpError`: a `LimitExceeded` if
 * an event is too long.
 * @throws {ProtocolError} If the response is no stream of events.
 * @throws {RequestError} If the body was asked for before.
 * @throws {TypeError} If `response` is no `HttpResponse`, or an option is of the
 * wrong kind, or unknown.
 * @throws {RangeError} If the limit is no positive number.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { HttpClient, serverSentEvents } from "@pollen/futures/http";
 * import { collect } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   () =>
 *     new Response("id: 7\ndata: hello\ndata: world\n\nevent: bye\ndata: now\n\n", {
 *       headers: { "content-type": "text/event-stream" },
 *     }),
 * );
 * await using client = new HttpClient();
 * await run(co(function* () {
 *   using response = yield* client.get(`http://127.0.0.1:${server.addr.port}/`);
 *   const events = yield* collect(serverSentEvents(response));
 *   assertEquals(events, [
 *     { type: "message", data: "hello\nworld", lastEventId: "7", retry: null },
 *     { type: "bye", data: "now", lastEventId: "7", retry: null },
 *   ]);
 * }));
 * ```
 */
export function serverSentEvents(
  response: HttpResponse,
  options: ServerSentEventOptions = {},
): Stream<ServerSentEvent> {
  if (typeof response?.stream !== "function") {
    throw new TypeError(
      `Cannot read events of ${nameOf(response)}: it is no HttpResponse`,
    );
  }
  checkNames(options, NAMES);
  const { eventLength = 1024 * 1024 } = options;
  checkEventLength(eventLength);
  if (!isEventStream(response)) throw noEvents(response);
  return new EventStream(response.stream(), new EventParser(eventLength));
}
