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

/** Deno's errors are told apart by class name; node:dns has codes instead. */
const REASONS: Record<string, string> = {
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
};

/** Whether the runtime refused because a permission was not granted. */
export function isPermissionError(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === "NotCapable" || code === "EPERM";
}

/** Whether a connect failed at its host name, which the platform says in words. */
function isLookupFailure(error: unknown): boolean {
  return error instanceof Error &&
    error.message.startsWith("failed to lookup address information");
}

/** Wraps an error of the platform: its class by phase, its message by kind. */
export function netErrorFrom(
  phase: NetPhase,
  address: string,
  cause: unknown,
): NetError {
  if (cause instanceof NetError) return cause;
  const message = `Cannot ${DOING[phase]} ${address}: ${
    reasonFor(phase, address, cause)
  }`;
  const options: NetErrorOptions = { phase, address, cause };
  switch (phase) {
    case "resolve":
      return new DnsResolutionFailed(message, options);
    case "connect":
      return isLookupFailure(cause)
        ? new DnsResolutionFailed(
          `Cannot resolve ${address}: there is no such host`,
          { ...options, phase: "resolve" },
        )
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
  const { name, code, message } = cause as {
    name?: string;
    code?: string;
    message?: string;
  };
  return REASONS[name ?? ""] ?? REASONS[code ?? ""] ?? message ?? String(cause);
}
