/** What was under way when a network operation failed. */
export type NetPhase =
  | "address"
  | "resolve"
  | "policy"
  | "connect"
  | "handshake"
  | "listen"
  | "accept"
  | "read"
  | "write"
  | "shutdown";

/** What a {@linkcode NetError} carries besides its message. */
export interface NetErrorOptions extends ErrorOptions {
  /** What was under way. */
  phase: NetPhase;
  /** The address it concerned, as text. */
  address: string;
}

/**
 * A network operation failed. `phase` says during what, `address` where, and
 * `cause` is the platform's own error. A missing permission names the flag to
 * pass. More special failures are its subclasses.
 *
 * @example Usage
 * ```ts
 * import { NetError, TcpStream } from "@pollen/futures/net";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => TcpStream.connect("localhost"), NetError);
 * assertEquals(error.phase, "address");
 * assertEquals(error.address, "localhost");
 * ```
 */
export class NetError extends Error {
  /** What was under way. */
  readonly phase: NetPhase;
  /** The address it concerned, as text; what was passed, if that is none. */
  readonly address: string;

  /**
   * Makes the error.
   *
   * @param message What could not be done: why.
   * @param options Where and during what, and the error behind it.
   */
  constructor(message: string, options: NetErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "NetError";
    this.phase = options.phase;
    this.address = options.address;
  }
}

/** No address was found for a host name. */
export class DnsResolutionFailed extends NetError {
  /** Makes the error, as {@linkcode NetError} does. */
  constructor(message: string, options: NetErrorOptions) {
    super(message, options);
    this.name = "DnsResolutionFailed";
  }
}

/** No connection came about: refused, unreachable, or not permitted. */
export class ConnectionFailed extends NetError {
  /** Makes the error, as {@linkcode NetError} does. */
  constructor(message: string, options: NetErrorOptions) {
    super(message, options);
    this.name = "ConnectionFailed";
  }
}

/** No connection came about within the time given. */
export class ConnectTimeout extends NetError {
  /** Makes the error, as {@linkcode NetError} does. */
  constructor(message: string, options: NetErrorOptions) {
    super(message, options);
    this.name = "ConnectTimeout";
  }
}

/** The peer was reached, but TLS could not be agreed upon. */
export class TlsHandshakeFailed extends NetError {
  /** Makes the error, as {@linkcode NetError} does. */
  constructor(message: string, options: NetErrorOptions) {
    super(message, options);
    this.name = "TlsHandshakeFailed";
  }
}

/** What a {@linkcode ConnectionLost} carries besides its message. */
export interface ConnectionLostOptions extends NetErrorOptions {
  /** Whether a TLS stream was cut before its end was announced. */
  truncated?: boolean;
}

/** A connection that stood broke: reset, or cut while data was under way. */
export class ConnectionLost extends NetError {
  /**
   * Whether a TLS stream ended without the peer's `close_notify`: somebody on
   * the way may have cut it, so that what was read may not be all.
   */
  readonly truncated: boolean;

  /** Makes the error, as {@linkcode NetError} does. */
  constructor(message: string, options: ConnectionLostOptions) {
    super(message, options);
    this.name = "ConnectionLost";
    this.truncated = options.truncated ?? false;
  }
}
