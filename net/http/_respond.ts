import type { Call } from "./_call.ts";
import { decoded } from "./body/_decode.ts";
import type { Exchange } from "./_exchange.ts";
import type { HeadEvent } from "./h1/events.ts";
import { type HttpResponse, responseOf } from "./response.ts";
import { WireBody } from "./body/_response_body.ts";

/** Makes the response of the head that has come; its body goes on from here. */
export function respond(
  call: Call,
  exchange: Exchange,
  head: HeadEvent,
): HttpResponse {
  const { timings, moment, settings } = call;
  timings.sentAt = exchange.sentAt;
  timings.firstByteAt = exchange.firstByteAt;
  timings.headAt = moment.time;
  exchange.connection.heed(head.fields);
  const wire = new WireBody(call, exchange, head);
  const source = settings.decode
    ? decoded(wire, head.fields, settings.limits)
    : wire;
  return responseOf(call, head, wire, source);
}
