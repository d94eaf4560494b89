/** A log of exchanges in the format HAR 1.2, as `JSON.stringify` writes it. */
export interface Har {
  /** The log. */
  readonly log: HarLog;
}

/** The log of a {@linkcode Har}. */
export interface HarLog {
  /** The version of the format. */
  readonly version: "1.2";
  /** What wrote it. */
  readonly creator: { readonly name: string; readonly version: string };
  /** The exchanges, in the order in which they started. */
  readonly entries: readonly HarEntry[];
}

/** A name and its value. */
export interface HarPair {
  /** The name. */
  readonly name: string;
  /** The value. */
  readonly value: string;
}

/** An exchange. */
export interface HarEntry {
  /** When it started, as ISO 8601. */
  readonly startedDateTime: string;
  /** Milliseconds that it took: the sum of the timings. */
  readonly time: number;
  /** What was sent. */
  readonly request: HarRequest;
  /** What came back; of status 0 if nothing did. */
  readonly response: HarResponse;
  /** There is no cache. */
  readonly cache: Readonly<Record<string, never>>;
  /** Where the time went. */
  readonly timings: HarTimings;
  /** The address of the peer, which is the proxy's if there is one. */
  readonly serverIPAddress?: string;
  /** The number of the connection within the client. */
  readonly connection?: string;
}

/** What was sent. Bodies are not kept. */
export interface HarRequest {
  /** The method. */
  readonly method: string;
  /** The URL without fragment. */
  readonly url: string;
  /** The version of HTTP. */
  readonly httpVersion: string;
  /** The cookies. */
  readonly cookies: readonly HarPair[];
  /** The header fields. */
  readonly headers: readonly HarPair[];
  /** What the query string says. */
  readonly queryString: readonly HarPair[];
  /** Bytes of the head. */
  readonly headersSize: number;
  /** Bytes of the body; -1 if that is not known. */
  readonly bodySize: number;
}

/** What came back. Bodies are not kept. */
export interface HarResponse {
  /** The status; 0 if nothing came back. */
  readonly status: number;
  /** The reason phrase. */
  readonly statusText: string;
  /** The version of HTTP. */
  readonly httpVersion: string;
  /** The cookies. */
  readonly cookies: readonly HarPair[];
  /** The header fields. */
  readonly headers: readonly HarPair[];
  /** The body: its size is -1 if it was coded, or was not read to its end. */
  readonly content: { readonly size: number; readonly mimeType: string };
  /** Where the field `location` leads to; empty if there is none. */
  readonly redirectURL: string;
  /** Bytes of the head: -1, as they are not counted. */
  readonly headersSize: number;
  /** Bytes of the body over the wire; -1 if it was not read to its end. */
  readonly bodySize: number;
  /** What went wrong, if anything did. */
  readonly _error?: string;
}

/** Milliseconds of each phase; -1 where there was none. */
export interface HarTimings {
  /** Waiting for a connection. */
  readonly blocked: number;
  /** Looking the host up. */
  readonly dns: number;
  /** Connecting, TLS included. */
  readonly connect: number;
  /** Sending. */
  readonly send: number;
  /** Waiting for the first byte. */
  readonly wait: number;
  /** From the first byte to the last. */
  readonly receive: number;
  /** Agreeing upon TLS. */
  readonly ssl: number;
}
