import {
  ConnectionFailed,
  ConnectionLost,
  ConnectTimeout,
  DnsResolutionFailed,
  NetError,
  type NetErrorOptions,
  type NetPhase,
  TlsHandshakeFailed,
} from "./errors.ts";

/** What was being done, for the message. */
const DOING: Record<NetPhase, string> = {
  address: "use",
  resolve: "resolve",
  policy: "connect to",
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
const REASONS = new Map([
  ["ConnectionRefused", "the connection was refused"],
  ["ConnectionReset", "the peer reset the connection"],
  ["ConnectionAborted", "the connection was aborted"],
  ["BrokenPipe", "the peer has closed the connection"],
  ["NotConnected", "the socket is not connected"],
  ["TimedOut", "the operating system gave up waiting"],
  ["AddrInUse", "the address is in use"],
  ["AddrNotAvailable", "the address is not one of this machine's"],
  ["NetworkUnreachable", "the network is unreachable"],
  ["HostUnreachable", "the host is unreachable"],
  ["ENOTFOUND", "there is no such host"],
  ["EAI_AGAIN", "the name server could not answer for now"],
  ["EMFILE", "the process has as many files open as it may"],
  ["ENFILE", "the system has as many files open as it can"],
  ["PermissionDenied", "the operating system does not permit it"],
  ["NotFound", "there is no such socket"],
  ["UnexpectedEof", "the connection was cut before its end was announced"],
  // Deno's word for a socket whose sending half is busy.
  [
    "Unable to get resources",
    "a write is under way; flush() waits for its end",
  ],
  ["Name or service not known", "there is no such host"],
  ["nodename nor servname provided, or not known", "there is no such host"],
  [
    "Temporary failure in name resolution",
    "the name server could not answer for now",
  ],
]);

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
    case "handshake":
      return new TlsHandshakeFailed(message, options);
    case "read":
    case "write":
    case "shutdown": {
      const truncated = detailsOf(cause).name === "UnexpectedEof";
      return new ConnectionLost(message, { ...options, truncated });
    }
    default:
      return new NetError(message, options);
  }
}

/** An option of a socket could not be set. */
export function optionRefused(
  option: string,
  address: string,
  cause: unknown,
): NetError {
  const why = reasonFor("write", address, cause);
  return new NetError(`Cannot set ${option} of ${address}: ${why}`, {
    phase: "write",
    address,
    cause,
  });
}

function reasonFor(phase: NetPhase, address: string, cause: unknown): string {
  if (isPermissionError(cause)) return flagsFor(phase, address, cause);
  const { name, code } = detailsOf(cause);
  const words = wordsOf(cause).replace(LOOKUP_FAILURE, "");
  if (phase === "handshake") {
    const why = HANDSHAKE_REASONS.find(([sign]) => sign.test(words))?.[1];
    if (why !== undefined) return why;
  }
  return REASONS.get(String(name)) ?? REASONS.get(String(code)) ??
    REASONS.get(words) ?? words;
}

/** What the TLS library says, in our words; the error itself is the cause. */
const HANDSHAKE_REASONS: readonly [sign: RegExp, why: string][] = [
  [
    /UnknownIssuer/,
    "its certificate was issued by nobody that is trusted here",
  ],
  [/not valid for name|NotValidForName/, "its certificate is for another host"],
  [/certificate expired/, "its certificate has expired"],
  [/not valid yet/, "its certificate is not valid yet"],
  [/InvalidContentType|corrupt message/, "it does not speak TLS"],
  [/NoApplicationProtocol|any known protocol/, "no ALPN protocol is common"],
  [/unexpected end of file/, "it closed the connection"],
];

/** The flags to pass for what was not permitted; they are all needed. */
function flagsFor(phase: NetPhase, address: string, cause: unknown): string {
  // A Unix socket takes three grants; the platform names one after the other.
  const isUnix = /Requires (read|write) access|"unix:/.test(wordsOf(cause));
  const flags = isUnix
    ? `--allow-read=${address} --allow-write=${address} --allow-net=unix:${address}`
    : `--allow-net=${address}`;
  const why = `it is not permitted; run again with ${flags}`;
  return phase === "resolve"
    ? `${why} (a grant for one port does not cover looking a name up)`
    : why;
}

/** The policy does not let an address be connected to. */
export function refused(
  address: string,
  why: string,
  ...cause: [unknown?]
): ConnectionFailed {
  const message = `the policy refuses it: ${why}`;
  return new ConnectionFailed(messageFor("policy", address, message), {
    phase: "policy",
    address,
    ...(cause.length > 0 ? { cause: cause[0] } : {}),
  });
}

/** A deadline has passed. */
export function tookTooLong(
  phase: NetPhase,
  address: string,
  limit: number,
): ConnectTimeout {
  const why = `it took more than ${limit} ms`;
  return new ConnectTimeout(messageFor(phase, address, why), {
    phase,
    address,
  });
}

/** What came of all addresses: the error itself, if there is but one. */
export function allFailed(address: string, errors: NetError[]): NetError {
  if (errors.length === 1) return errors[0]!;
  const each = errors.map(({ message }) =>
    message.replace(/^Cannot \w+ to /, "")
  );
  const why = `none of its ${errors.length} addresses works: ${
    each.join("; ")
  }`;
  return new ConnectionFailed(messageFor("connect", address, why), {
    phase: errors.every(({ phase }) => phase === "policy")
      ? "policy"
      : "connect",
    address,
    cause: new AggregateError(errors, why),
  });
}

/** The network in use has no such thing. */
export function unsupported(what: string): Error {
  return new Error(`this network has no ${what}`);
}
