import type { AbortWatch } from "./_abort.ts";
import type { DeadlineTimer } from "./_deadline.ts";
import { decoded } from "./body/_decode.ts";
import type { Exchange } from "./_exchange.ts";
import type { HeadEvent } from "./h1/events.ts";
import { Meter } from "./_meter.ts";
import type { Moment } from "./_moment.ts";
import type { Settings } from "./options.ts";
import type { Plan } from "./_plan.ts";
import type { Recording } from "./_recording.ts";
import { type HttpResponse, responseOf } from "./response.ts";
import { WireBody } from "./body/_response_body.ts";
import type { Timings } from "./timings.ts";

/** What a request leaves to its response. */
interface Legacy {
  readonly plan: Plan;
  readonly settings: Settings;
  readonly timings: Timings;
  readonly moment: Moment;
  readonly deadlines: DeadlineTimer;
  readonly abort: AbortWatch | null;
  readonly attempts: number;
  readonly redirects: number;
  readonly recording: Recording | null;
}

/** Makes the response of the head that has come; its body goes on from here. */
export function respond(
  exchange: Exchange,
  head: HeadEvent,
  legacy: Legacy,
): HttpResponse {
  const { plan, settings, timings, moment, deadlines, abort, attempts } =
    legacy;
  const { connection } = exchange;
  timings.sentAt = exchange.sentAt;
  timings.firstByteAt = exchange.firstByteAt;
  timings.headAt = moment.time;
  connection.heed(head.fields);
  const wire = new WireBody(exchange, {
    deadlines,
    abort,
    readIdle: settings.deadlines.read,
    bodyBytes: settings.limits.bodyBytes,
    method: plan.method,
    origin: plan.target.origin,
    attempt: attempts,
    timings,
    moment,
    meter: Meter.for(settings.onDownload, lengthOf(head)),
    recording: legacy.recording,
  });
  return responseOf({
    status: head.status,
    statusText: head.reason,
    headers: head.fields,
    url: plan.target.href,
    redirected: legacy.redirects > 0,
    timings,
    attempts,
    reused: connection.requests > 1,
    hasBody: head.framing.kind !== "none",
    exchange,
    wire,
    source: settings.decode
      ? decoded(wire, head.fields, settings.limits)
      : wire,
  });
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
