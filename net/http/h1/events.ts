import type { Fields } from "./fields.ts";
import type { ResponseFraming } from "./response_framing.ts";

/** An interim response (1xx): a head without a body, before the final one. */
export interface InformationalEvent {
  /** Which event it is. */
  type: "informational";
  /** 100 to 199, but for 101. */
  status: number;
  /** The reason phrase, often empty. */
  reason: string;
  /** The fields: `Link` with 103, for one. */
  fields: Fields;
}

/** The head of the final response. */
export interface HeadEvent {
  /** Which event it is. */
  type: "head";
  /** Of the version HTTP/1.x: 1 for any that is later than 1.0. */
  minor: 0 | 1;
  /** 101, or 200 to 999. */
  status: number;
  /** The reason phrase, often empty. */
  reason: string;
  /** The fields, in order. */
  fields: Fields;
  /** How the end of the body is found. */
  framing: ResponseFraming;
  /** Whether the server leaves the connection open for another exchange. */
  keepAlive: boolean;
  /**
   * Whether the connection speaks another protocol from here on: after 101, and
   * after 2xx to CONNECT. What follows the head is left over.
   */
  upgrade: boolean;
}

/** A part of the body. */
export interface DataEvent {
  /** Which event it is. */
  type: "data";
  /** A view of what was pushed, never empty: copy it to keep it. */
  bytes: Uint8Array;
}

/** The response is complete. */
export interface EndEvent {
  /** Which event it is. */
  type: "end";
  /** What came after the last chunk; `null` if nothing did. */
  trailers: Fields | null;
}

/** What a chunked body is made of: data, then one end. */
export type ChunkEvent = DataEvent | EndEvent;

/** What a response is made of: interim heads, one head, data, one end. */
export type ResponseEvent = InformationalEvent | HeadEvent | ChunkEvent;
