import type { SocketAddr } from "../socket_addr.ts";
import type { UnixAddr } from "../unix_addr.ts";
import type { Fields } from "./h1/fields.ts";
import type { Timings } from "./timings.ts";

/** What came back in an exchange. */
export interface ExchangeResponse {
  /** Its status. */
  readonly status: number;
  /** Its reason phrase. */
  readonly statusText: string;
  /** Its header fields, as they came. */
  readonly headers: Fields;
  /** Bytes of its body that were read, before decoding; `null` if none was to be. */
  readonly bodyBytes: number | null;
}

/** What an exchange went over. */
export interface ExchangeConnection {
  /** Its number within the client. */
  readonly id: number;
  /** Whether it had served another request before. */
  readonly reused: boolean;
  /** This end of it. */
  readonly localAddr: SocketAddr | UnixAddr;
  /** The peer's end of it, which is the proxy's if there is one. */
  readonly remoteAddr: SocketAddr | UnixAddr;
}

/**
 * One request as it was sent or was to be, and what came of it. A redirect, and
 * each attempt of a request that is sent again, is an exchange of its own.
 *
 * It holds what was sent: `authorization` and cookies with it.
 */
export interface ExchangeRecord {
  /** The method. */
  readonly method: string;
  /** The URL, without credentials and fragment. */
  readonly url: string;
  /** The header fields as they go over the wire, `Host` with them. */
  readonly requestHeaders: Fields;
  /** Bytes of the head of the request. */
  readonly requestHeadBytes: number;
  /** Bytes of its body; `null` if that was not known when it was sent. */
  readonly requestBodyBytes: number | null;
  /** What came back; `null` if nothing did. */
  readonly response: ExchangeResponse | null;
  /** What it went over; `null` if it came to none. */
  readonly connection: ExchangeConnection | null;
  /** Where its time went; it started when it began to wait for a connection. */
  readonly timings: Timings;
  /**
   * How it ended: with the last byte of the body; or failed; or was dropped by
   * the caller, or by the client for a redirect or another attempt.
   */
  readonly end: "whole" | "failed" | "dropped";
  /** What it failed with; `null` if it did not. */
  readonly error: unknown;
}
