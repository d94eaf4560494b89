import { nameOf } from "../future/future.ts";
import { NetError } from "./errors.ts";
import type { UnixAddr } from "./unix_addr.ts";

/**
 * An end of a connection. Mirrors `std::net::SocketAddr`, except that a host
 * name may stand for the address.
 *
 * @example Usage
 * ```ts
 * import type { SocketAddr } from "@pollen/futures/net";
 *
 * const addr: SocketAddr = { hostname: "127.0.0.1", port: 80 };
 * ```
 */
export interface SocketAddr {
  /** An IP address, IPv6 without brackets, or a host name. */
  readonly hostname: string;
  /** A port, 0 to 65535. */
  readonly port: number;
}

/** `host:port`, with IPv6 in brackets, or the path of a Unix socket. */
export function formatAddr(addr: SocketAddr | UnixAddr): string {
  return "path" in addr
    ? addr.path ?? "a Unix socket without a path"
    : `${formatHost(addr.hostname)}:${addr.port}`;
}

/** A host as it stands in an address or a permission flag. */
export function formatHost(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

const FOUR_NUMBERS = /^\d+\.\d+\.\d+\.\d+$/;

/** Whether a host that has been checked is an IP address rather than a name. */
export function isIp(hostname: string): boolean {
  return hostname.includes(":") || FOUR_NUMBERS.test(hostname);
}

/** Whether anything at all is the text of an IP address. */
export function isIpLiteral(value: unknown): value is string {
  if (typeof value !== "string") return false;
  return FOUR_NUMBERS.test(value) ? isIpv4(value) : isIpv6(value);
}

/** Digits from 0 to 255; a leading zero would mean octal to some. */
function isIpv4(host: string): boolean {
  return host.split(".").every((each) =>
    Number(each) <= 255 && (each === "0" || !each.startsWith("0"))
  );
}

function isIpv6(host: string): boolean {
  // The URL parser knows the grammar, but passes over line breaks and would
  // take what follows a bracket for a path.
  return /^[\da-f.]*:[\da-f.:]*$/i.test(host) &&
    URL.canParse(`http://[${host}]/`);
}

/**
 * Checks an address to connect to, as text or in parts.
 *
 * @throws {NetError} With phase `address` and what is wrong with it.
 * @throws {TypeError} If it is neither text nor an object.
 */
export function parseAddr(address: string | SocketAddr): SocketAddr {
  if (typeof address === "string") return parseText(address);
  if (typeof address !== "object" || address === null) {
    throw new TypeError(
      `Cannot use an address: pass "host:port" or { hostname, port }, got ${
        nameOf(address)
      }`,
    );
  }
  const { hostname, port } = address;
  const shown = `${String(hostname)}:${String(port)}`;
  return {
    hostname: checkHost(hostname, shown),
    port: checkPort(port, shown),
  };
}

/** Checks a host to look up, with or without a port (then 0). */
export function parseHost(address: string | SocketAddr): SocketAddr {
  if (typeof address !== "string") return parseAddr(address);
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  if (isIpv6(bare)) return { hostname: bare, port: 0 };
  return address.includes(":")
    ? parseText(address)
    : { hostname: checkHost(address, address), port: 0 };
}

/** Checks an address to listen on; port 0 is allowed. */
export function parseListenAddr(
  options: { hostname?: string; port: number },
): SocketAddr {
  const { hostname = "127.0.0.1", port } = options;
  const shown = `${String(hostname)}:${String(port)}`;
  return {
    hostname: checkHost(hostname, shown),
    port: checkPort(port, shown, 0),
  };
}

function parseText(text: string): SocketAddr {
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, Math.max(colon, 0));
  const port = text.slice(colon + 1);
  if (/[\s\p{Cc}]/u.test(text)) {
    throw bad(text, "it contains white space or control characters");
  }
  if (text.includes("/") || text.includes("@")) {
    throw bad(
      text,
      'it must be "host:port" alone, without scheme, user or path',
    );
  }
  if (colon < 0 || text.endsWith("]")) {
    throw bad(text, 'it has no port; write "host:port"');
  }
  if (host.startsWith("[") && host.endsWith("]")) {
    const hostname = host.slice(1, -1);
    if (!hostname.includes(":")) {
      throw bad(text, "only an IPv6 address stands in brackets");
    }
    return {
      hostname: checkHost(hostname, text),
      port: checkPort(digits(port), text),
    };
  }
  if (host.includes(":")) {
    throw bad(text, "an IPv6 address needs brackets, as in [::1]:80");
  }
  return {
    hostname: checkHost(host, text),
    port: checkPort(digits(port), text),
  };
}

/** Only digits are a port: no sign, no hexadecimal, no exponent. */
function digits(port: string): number {
  return /^\d{1,5}$/.test(port) ? Number(port) : NaN;
}

function checkPort(port: unknown, shown: string, lowest: 0 | 1 = 1): number {
  if (
    typeof port !== "number" || !Number.isInteger(port) || port < lowest ||
    port > 65535
  ) {
    throw bad(shown, `the port must be a whole number from ${lowest} to 65535`);
  }
  return port;
}

function checkHost(host: unknown, shown: string): string {
  if (typeof host !== "string") {
    throw bad(shown, `the host must be text, got ${nameOf(host)}`);
  }
  if (host === "") throw bad(shown, "the host is empty");
  if (host.includes(":")) {
    if (!isIpv6(host)) throw bad(shown, "the IPv6 address is malformed");
    return host;
  }
  if (!/^[\w.-]+$/.test(host)) {
    throw bad(
      shown,
      "the host may contain letters, digits, dots, hyphens and underscores only (write an international name in its xn-- form)",
    );
  }
  if (host.length > 253) {
    throw bad(shown, "the host is longer than 253 characters");
  }
  if (FOUR_NUMBERS.test(host) && !isIpv4(host)) {
    throw bad(shown, "the IPv4 address is malformed");
  }
  if (/^\.|\.\./.test(host)) {
    throw bad(shown, "the host has an empty part between its dots");
  }
  return host;
}

function bad(shown: string, why: string): NetError {
  const text = shown.length > 300 ? `${shown.slice(0, 300)}…` : shown;
  return new NetError(`Cannot use the address ${quote(text)}: ${why}`, {
    phase: "address",
    address: text,
  });
}

/** Quoted so that nothing that steers a terminal reaches a log as it is. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (each) => `\\u{${each.codePointAt(0)!.toString(16)}}`,
  );
}
