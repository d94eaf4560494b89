import type { FieldsInit } from "./h1/fields.ts";
import type { H1Limits } from "./h1/limits.ts";
import type { ExchangeRecord } from "./exchange_record.ts";
import type { PoolEvent } from "./pool/pool_events.ts";
import type { Progress } from "./progress.ts";
import type { AddressPolicy } from "../address_policy.ts";
import type { Routes } from "./_proxy.ts";
import type { RetryPolicy } from "./_retry.ts";
import type { ConnectOptions } from "../connect_options.ts";
import type { Network } from "../network.ts";
import type { Resolver } from "../resolver.ts";
import type { TlsOptions } from "../tls_stream.ts";

/**
 * How many milliseconds each phase may take; `Infinity` sets no limit. What is
 * absolute runs on whatever arrives meanwhile; what is idle starts anew with
 * every byte.
 */
export interface Deadlines {
  /** To wait for a connection of the pool: 30 s. */
  queue?: number;
  /** To look the host up: 10 s. */
  resolve?: number;
  /** To connect, over all addresses of the host: 10 s. */
  connect?: number;
  /** To agree upon TLS: 10 s. */
  tls?: number;
  /** Idle: between two signs that the peer takes what is sent: 30 s. */
  write?: number;
  /** From the end of the request to that of the response's head; absolute: 30 s. */
  head?: number;
  /** Idle: between two reads of the body: 30 s. */
  read?: number;
  /** From the call to the end of the body, redirects included: none. */
  total?: number;
}

/**
 * How much a response may be; what is more fails with a `LimitExceeded`. What a
 * program gathers in memory should have a limit of its own.
 */
export interface Limits {
  /** Bytes of a head: 65,536. */
  headBytes?: number;
  /** Fields of a head, and of the trailers: 100. */
  fields?: number;
  /** Bytes of a line of a head: 8,192. */
  lineBytes?: number;
  /** Interim (1xx) responses before the final one: 8. */
  informational?: number;
  /** Bytes of chunk extensions of a whole body: 16,384. */
  chunkExtensionBytes?: number;
  /** Bytes of the trailers: 16,384. */
  trailerBytes?: number;
  /** Bytes of a body on the wire, before decoding: none. */
  bodyBytes?: number;
  /** Bytes of a body after decoding, coded or not: none. */
  decodedBytes?: number;
  /** How many times larger a body may become by decoding, from 1 MiB on: 1,000. */
  decodedRatio?: number;
  /** Layers of content coding: 5. */
  codings?: number;
  /** Redirects that are followed: 20. */
  redirects?: number;
  /** Bytes of an unread body that are read to keep its connection: 65,536. */
  drainBytes?: number;
}

/**
 * How connections are kept. One over which an `Authorization` of `Negotiate` or
 * `NTLM` was sent is not: those authenticate the connection, and the next request
 * may be somebody else's.
 */
export interface PoolOptions {
  /** Connections to one origin at a time: 6. */
  maxPerOrigin?: number;
  /** Connections of the client at a time: 256. */
  maxTotal?: number;
  /** Requests that may wait for a connection: 1,000. */
  maxQueue?: number;
  /** Milliseconds after which an idle connection is closed: 90 s. */
  idle?: number;
  /** Milliseconds after which a connection takes no further request: none. */
  maxAge?: number;
}

/**
 * How requests are sent again that have failed for a reason that may pass, or
 * were answered with a status that says so. Waits grow, and are drawn from zero
 * to their full length, so that clients that failed together do not come back
 * together.
 *
 * Only what does no harm is sent again: an idempotent method, or a request that
 * the server has not seen; and never a body that cannot be read again.
 */
export interface HttpRetryOptions {
  /** Attempts in all, the first included: 3. */
  attempts?: number;
  /** The first wait, in milliseconds: 100. */
  first?: number;
  /** By how much each wait is longer than the one before: 2. */
  factor?: number;
  /** The longest wait, in milliseconds: 30,000. */
  most?: number;
  /** Statuses that are worth another attempt: 408, 429, 502, 503, 504. */
  statuses?: readonly number[];
  /** The longest `Retry-After` that is waited for, in milliseconds: 60,000. */
  retryAfter?: number;
  /**
   * How many retries there may be for each request of the client, on average:
   * 0.2. Ten are free.
   */
  budget?: number;
}

/** A proxy, and what is reached without it. */
export interface ProxyOptions {
  /** Where it is: a URL of `http:`, with user and password if it wants them. */
  url: string | URL;
  /** What is reached without it, written as in `NO_PROXY`. */
  except?: string;
}

/** What is asked of a server that speaks TLS, and shown to it. */
export interface HttpTlsOptions {
  /** Certificates to trust besides the platform's own, as PEM. */
  caCerts?: readonly string[];
  /** Whom the certificate must name: the host of the URL by default. */
  serverName?: string;
  /** A certificate of the client's own, as PEM; with `key`. */
  cert?: string;
  /** The private key of `cert`, as PEM. */
  key?: string;
}

/** How an `HttpClient` behaves. All of it may be left out. */
export interface HttpClientOptions {
  /** Fields that each request has, unless it says otherwise. */
  headers?: FieldsInit;
  /** How connections are kept. */
  pool?: PoolOptions;
  /** How long each phase may take. */
  deadlines?: Deadlines;
  /** How much a response may be. */
  limits?: Limits;
  /** What is done with a redirect: `"follow"` by default. */
  redirect?: RedirectMode;
  /** How requests are sent again: not at all by default. */
  retry?: HttpRetryOptions;
  /**
   * Whether to ask for coded bodies (gzip, deflate, br, zstd) and decode them:
   * true by default. Header fields stay as they came.
   */
  decode?: boolean;
  /** What is asked of servers that speak TLS, and shown to them. */
  tls?: HttpTlsOptions;
  /** Who looks host names up: the operating system by default. */
  resolver?: Resolver;
  /**
   * What may be connected to: anything by default. It sees each address that is
   * dialled, for each redirect anew.
   */
  policy?: AddressPolicy;
  /**
   * The proxy: that of the environment by default, as far as it may be read
   * (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`; this machine is never
   * reached by way of it); `"off"` for none; or a URL of `http:`, with user and
   * password if it wants them. A proxy is given `http:` URLs as they are, and
   * asked for a tunnel to `https:` ones, through which a `Proxy-Authorization` of
   * the caller's would go to the server: that is refused. An address policy sees
   * the proxy's address then, and not the server's.
   */
  proxy?: "environment" | "off" | string | URL | ProxyOptions;
  /**
   * A Unix socket to connect to, whatever the URL says: of `http:` URLs, whose
   * host is only sent then.
   */
  unixSocket?: string;
  /** Where sockets come from: the platform by default. */
  network?: Network;
  /** Is told what happens to connections. */
  onConnection?: (event: PoolEvent) => void;
  /**
   * Is told of each exchange when it is over: of each redirect and each attempt
   * too. `HarRecorder` of `./http/har` has what to put here.
   */
  onExchange?: (exchange: ExchangeRecord) => void;
}

/** What is done with a redirect: follow it, hand it out as it is, or fail. */
export type RedirectMode = "follow" | "manual" | "error";

/** The options with nothing left out. */
export interface Settings {
  readonly tls: TlsOptions;
  readonly unixSocket: string | undefined;
  /** Network, resolver and policy, as connecting takes them. */
  readonly connect: ConnectOptions;
  /** The limits that concern the protocol alone. */
  readonly h1Limits: H1Limits;
  readonly deadlines: Required<Deadlines>;
  readonly limits: Required<Limits>;
  readonly pool: Required<PoolOptions>;
  readonly redirect: RedirectMode;
  readonly decode: boolean;
  readonly retry: RetryPolicy | null;
  readonly routes: Routes;
  readonly onExchange: ((exchange: ExchangeRecord) => void) | null;
  readonly onUpload: ((progress: Progress) => void) | null;
  readonly onDownload: ((progress: Progress) => void) | null;
}
