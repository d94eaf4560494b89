import type { ResponseEvent } from "./events.ts";

/** Where the parser of a response is. */
export type ResponseState =
  | "head"
  | "empty" // a head whose response has no body
  | "length"
  | "chunked"
  | "close"
  | "ended"
  | "failed";

interface Legal {
  events: readonly ResponseEvent["type"][];
  eof: "error" | "end" | "nothing";
}

/**
 * Which event can come in which state, and whether the end of the connection may.
 * The state after a head is that of its framing.
 */
export const RESPONSE_TABLE: Readonly<Record<ResponseState, Legal>> = {
  "head": { events: ["informational", "head"], eof: "error" },
  "empty": { events: ["end"], eof: "end" },
  "length": { events: ["data", "end"], eof: "error" },
  "chunked": { events: ["data", "end"], eof: "error" },
  "close": { events: ["data", "end"], eof: "end" },
  "ended": { events: [], eof: "nothing" },
  "failed": { events: [], eof: "error" },
};
