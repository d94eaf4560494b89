/** What an HTTP request was at when it failed. */
export type HttpPhase =
  /** The request itself was refused; nothing was done. */
  | "request"
  /** Waiting for a connection to come free. */
  | "queue"
  /** Looking the host up. */
  | "resolve"
  /** Connecting. */
  | "connect"
  /** Asking a proxy for a tunnel. */
  | "proxy"
  /** Agreeing upon TLS. */
  | "tls"
  /** Sending the request. */
  | "write"
  /** Awaiting and reading the head of the response. */
  | "head"
  /** Reading the body of the response. */
  | "body"
  /** Following a redirect. */
  | "redirect";

/** What an {@linkcode HttpError} carries besides its message. */
export interface HttpErrorOptions extends ErrorOptions {
  /** What the request was at. */
  phase: HttpPhase;
  /** Which attempt it was, from 1; 0 before the first. */
  attempt?: number;
  /** Bytes of this attempt that the system took for sending. */
  bytesSent?: number;
  /** Bytes that came back in this attempt. */
  bytesReceived?: number;
  /** Whether the server may have acted upon the request. */
  requestMayHaveBeenProcessed?: boolean;
}

/**
 * An HTTP request failed. `phase` says during what, and
 * `requestMayHaveBeenProcessed` whether it may be sent again without the server
 * acting twice. Its subclasses name who is to blame.
 *
 * The text names the method and the origin alone: no path, no query, no
 * credentials, no field of the request.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { HttpClient, HttpError } from "@pollen/futures/http";
 * import { assert, assertEquals, assertRejects } from "@std/assert";
 *
 * await using client = new HttpClient();
 * const error = await assertRejects(
 *   () => run(client.get("http://127.0.0.1:1/")), // nobody listens there
 *   HttpError,
 * );
 * assertEquals(error.phase, "connect");
 * assert(!error.requestMayHaveBeenProcessed);
 * ```
 */
export class HttpError extends Error {
  /** What the request was at. */
  readonly phase: HttpPhase;
  /** Which attempt it was, from 1; 0 before the first. */
  readonly attempt: number;
  /** Bytes of this attempt that the system took for sending. */
  readonly bytesSent: number;
  /** Bytes that came back in this attempt. */
  readonly bytesReceived: number;
  /**
   * Whether the server may have acted upon the request. When it is false, the
   * request can be sent again whatever its method.
   */
  readonly requestMayHaveBeenProcessed: boolean;

  /**
   * Makes the error.
   *
   * @param message What could not be done: why.
   * @param options During what, how far it had come, and the error behind it.
   */
  constructor(message: string, options: HttpErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "HttpError";
    this.phase = options.phase;
    this.attempt = options.attempt ?? 0;
    this.bytesSent = options.bytesSent ?? 0;
    this.bytesReceived = options.bytesReceived ?? 0;
    this.requestMayHaveBeenProcessed = options.requestMayHaveBeenProcessed ??
      false;
  }
}

/** The caller's fault: the request or an option is not what it must be. */
export class RequestError extends HttpError {
  /** Makes the error, as {@linkcode HttpError} does. */
  constructor(message: string, options: HttpErrorOptions) {
    super(message, options);
    this.name = "RequestError";
  }
}

/** The peer's fault: what it answered is not HTTP/1.1, or breaks its rules. */
export class ProtocolError extends HttpError {
  /** Makes the error, as {@linkcode HttpError} does. */
  constructor(message: string, options: HttpErrorOptions) {
    super(message, options);
    this.name = "ProtocolError";
  }
}

/** The network's fault: `cause` is the `NetError`. */
export class TransportError extends HttpError {
  /** Makes the error, as {@linkcode HttpError} does. */
  constructor(message: string, options: HttpErrorOptions) {
    super(message, options);
    this.name = "TransportError";
  }
}

/** What a {@linkcode LimitExceeded} carries. */
export interface LimitExceededOptions extends HttpErrorOptions {
  /** The name of the limit, as it stands in the options. */
  limit: string;
}

/** A limit was reached; which one can be changed in the options by its name. */
export class LimitExceeded extends HttpError {
  /** The name of the limit, as it stands in the options. */
  readonly limit: string;

  /** Makes the error, as {@linkcode HttpError} does. */
  constructor(message: string, options: LimitExceededOptions) {
    super(message, options);
    this.name = "LimitExceeded";
    this.limit = options.limit;
  }
}

/** What a {@linkcode DeadlineExceeded} carries. */
export interface DeadlineExceededOptions extends HttpErrorOptions {
  /** The name of the deadline, as it stands in the options. */
  deadline: string;
}

/** A deadline passed; which one can be changed in the options by its name. */
export class DeadlineExceeded extends HttpError {
  /** The name of the deadline, as it stands in the options. */
  readonly deadline: string;

  /** Makes the error, as {@linkcode HttpError} does. */
  constructor(message: string, options: DeadlineExceededOptions) {
    super(message, options);
    this.name = "DeadlineExceeded";
    this.deadline = options.deadline;
  }
}

/** The response ended before it was whole. */
export class IncompleteBody extends HttpError {
  /** Makes the error, as {@linkcode HttpError} does. */
  constructor(message: string, options: HttpErrorOptions) {
    super(message, options);
    this.name = "IncompleteBody";
  }
}

/** There was one redirect more than allowed. */
export class TooManyRedirects extends HttpError {
  /** Makes the error, as {@linkcode HttpError} does. */
  constructor(message: string, options: HttpErrorOptions) {
    super(message, options);
    this.name = "TooManyRedirects";
  }
}
