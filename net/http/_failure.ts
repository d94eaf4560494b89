import { ConnectionLost, NetError } from "../errors.ts";
import {
  DeadlineExceeded,
  HttpError,
  type HttpErrorOptions,
  type HttpPhase,
  IncompleteBody,
  LimitExceeded,
  ProtocolError,
  RequestError,
  TransportError,
} from "./errors.ts";
import type { Passed } from "./_deadline.ts";
import {
  H1Error,
  H1Incomplete,
  H1LimitExceeded,
  H1RequestError,
} from "./h1/errors.ts";
import type { Limits } from "./options.ts";

/** Which option of the client's each limit of the protocol's is. */
const LIMIT_OF: Record<H1LimitExceeded["code"], keyof Limits> = {
  "head-too-large": "headBytes",
  "line-too-long": "lineBytes",
  "too-many-fields": "fields",
  "too-many-informational": "informational",
  "informational-too-large": "headBytes",
  "chunk-extensions-too-large": "chunkExtensionBytes",
  "trailers-too-large": "trailerBytes",
};

/** How far an attempt had come when it failed. */
export interface Progress {
  readonly method: string;
  readonly origin: string;
  readonly phase: HttpPhase;
  readonly attempt: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly requestMayHaveBeenProcessed: boolean;
}

/** The error that the caller gets, whatever was thrown below. */
export function failureOf(error: unknown, progress: Progress): unknown {
  if (error instanceof H1Error && progress.phase === "write") {
    // It was read, whether or not all had been sent by then.
    return failureOf(error, { ...progress, phase: "head" });
  }
  const doing = `Cannot complete ${progress.method} ${progress.origin}`;
  const options = { ...progress, cause: error };
  if (error instanceof HttpError) return withProgress(error, progress);
  if (error instanceof H1RequestError) {
    return new RequestError(`${doing}: ${error.message}`, {
      ...options,
      phase: "request",
    });
  }
  if (error instanceof H1LimitExceeded) {
    const limit = `limits.${LIMIT_OF[error.code]}`;
    return new LimitExceeded(`${doing}: ${error.message}`, {
      ...options,
      limit,
    });
  }
  if (error instanceof H1Incomplete) {
    return error.code === "no-response" || error.code === "incomplete-head"
      ? new TransportError(`${doing}: ${error.message}`, {
        ...options,
        cause: endedEarly(error, progress),
      })
      : new IncompleteBody(`${doing}: ${error.message}`, options);
  }
  if (error instanceof H1Error) {
    return new ProtocolError(`${doing}: ${error.message}`, options);
  }
  if (
    progress.phase === "body" && error instanceof ConnectionLost &&
    error.truncated
  ) return new IncompleteBody(`${doing}: ${error.message}`, options);
  if (error instanceof NetError) {
    return new TransportError(`${doing}: ${error.message}`, options);
  }
  return error;
}

/** What the protocol tells of an end too early, as the failure of the network it is. */
function endedEarly(cause: H1Incomplete, { origin }: Progress): ConnectionLost {
  const address = origin.slice(origin.indexOf("//") + 2);
  return new ConnectionLost(
    `Cannot read from ${address}: the peer closed the connection`,
    { phase: "read", address, cause },
  );
}

/** Fills in what whoever threw it did not know. */
function withProgress(error: HttpError, progress: Progress): HttpError {
  if (error.attempt !== 0) return error;
  return Object.assign(error, {
    attempt: progress.attempt,
    bytesSent: progress.bytesSent,
    bytesReceived: progress.bytesReceived,
    // Before the first attempt of a hop, those of the hops before count.
    requestMayHaveBeenProcessed: error.requestMayHaveBeenProcessed ||
      progress.requestMayHaveBeenProcessed,
  });
}

/** What a deadline that has passed fails with. */
export function deadlinePassed(
  { deadline, ms }: Passed,
  progress: Progress,
): DeadlineExceeded {
  const options: HttpErrorOptions = progress;
  const hint = deadline === "queue"
    ? "; a response holds a connection until its body is read or dropped"
    : "";
  return new DeadlineExceeded(
    `Cannot complete ${progress.method} ${progress.origin}: deadlines.${deadline} of ${ms} ms has passed${hint}`,
    { ...options, deadline: `deadlines.${deadline}` },
  );
}
