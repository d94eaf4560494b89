import {
  ConnectionFailed,
  ConnectionLost,
  DnsResolutionFailed,
  NetError,
  type NetErrorOptions,
  type NetPhase,
} from "./errors.ts";

/** What was being done, for the message. */
const DOING: Record<NetPhase, string> = {
  address: "use",
  resolve: "resolve",
  connect: "connect to",
  handshake: "agree on TLS with",
  listen: "listen on",
  accept: "accept on",
  read: "read from",
  write: "write to",
  shutdown: "shut down the stream to",
};

/**
 * Deno's errors are told apart by class name, node:dns's by code, and a lookup
 * that is part of a connect by the words of the C library alone.
 */
const REASONS = new Map(Object.entries({
  ConnectionRefused: "the connection was refused",
  ConnectionReset: "the peer reset the connection",
  ConnectionAborted: "the connection was aborted",
  BrokenPipe: "the peer has closed the connection",
  NotConnected: "the socket is not connected",
  TimedOut: "the operating system gave up waiting",
  AddrInUse: "the address is in use",
  AddrNotAvailable: "the address is not one of this machine's",
  NetworkUnreachable: "the network is unreachable",
  HostUnreachable: "the host is unreachable",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name server could not answer for now",
  PermissionDenied: "the operating system does not permit it",
  "Name or service not known": "there is no such host",
  "nodename nor servname provided, or not known": "there is no such host",
  "Temporary failure in name resolution":
    "the name server could not answer for now",
}));

/** Whether the runtime refused because a permission was not granted. */
export function isPermissionError(error: unknown): boolean {
  const { name, code } = detailsOf(error);
  // node:dns has the code alone; with this name, it is the system's own no.
  return name === "NotCapable" ||
    (code === "EPERM" && name !== "PermissionDenied");
}

/** What the platform says when a connect failed at its host name. */
const LOOKUP_FAILURE = /^failed to lookup address information: /;

/** Anything may be thrown, `undefined` too. */
function detailsOf(error: unknown): { name?: unknown; code?: unknown } {
  return Object(error);
}

function wordsOf(error: unknown): string {
  return error instanceof Error && error.message !== ""
    ? error.message
    : String(error);
}

function messageFor(phase: NetPhase, address: string, why: string): string {
  return `Cannot ${DOING[phase]} ${address}: ${why}`;
}

/** A failure that is not the platform's: a second reader, a closed stream. */
export function netError(
  phase: NetPhase,
  address: string,
  why: string,
): NetError {
  return new NetError(messageFor(phase, address, why), { phase, address });
}

/** Wraps an error of the platform: its class by phase, its message by kind. */
export function netErrorFrom(
  phase: NetPhase,
  address: string,
  cause: unknown,
): NetError {
  if (cause instanceof NetError) return cause;
  const why = reasonFor(phase, address, cause);
  const message = messageFor(phase, address, why);
  const options: NetErrorOptions = { phase, address, cause };
  switch (phase) {
    case "resolve":
      return new DnsResolutionFailed(message, options);
    case "connect":
      return LOOKUP_FAILURE.test(wordsOf(cause))
        ? new DnsResolutionFailed(messageFor("resolve", address, why), {
          ...options,
          phase: "resolve",
        })
        : new ConnectionFailed(message, options);
    case "read":
    case "write":
    case "shutdown":
      return new ConnectionLost(message, options);
    default:
      return new NetError(message, options);
  }
}

function reasonFor(phase: NetPhase, address: string, cause: unknown): string {
  if (isPermissionError(cause)) {
    return phase === "resolve"
      ? `it is not permitted; run again with --allow-net=${address} (a grant for one port does not cover looking a name up)`
      : `it is not permitted; run again with --allow-net=${address}`;
  }
  const { name, code } = detailsOf(cause);
  const words = wordsOf(cause).replace(LOOKUP_FAILURE, "");
  return REASONS.get(String(name)) ?? REASONS.get(String(code)) ??
    REASONS.get(words) ?? words;
}
