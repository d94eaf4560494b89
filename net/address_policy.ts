import { nameOf } from "../future/future.ts";
import { refused } from "./_classify.ts";
import type { NetError } from "./errors.ts";
import { parseIp, type Prefix, prefixesOf, startsWith } from "./_ip.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";

/**
 * Says what may be connected to. It is asked for each address before it is
 * dialled, so that a name which resolves to something else the second time
 * does not get past it.
 *
 * Only where the platform must look up by itself, under a grant for the name
 * alone, it is asked for the peer's address after connecting: before anything
 * is sent, or, with a client certificate, before anything but the first message
 * of the TLS handshake is.
 *
 * @param addr The address: its `hostname` is an IP address.
 * @param host What was asked for: the address, or the name it was found for.
 * @returns Why it may not be connected to, for the error; `undefined` or `null`
 * if it may. What it throws is a refusal too.
 */
export type AddressPolicy = (
  addr: SocketAddr,
  host: SocketAddr,
) => string | undefined | null;

/** Asks the policy; anything but a clear yes is a no. */
export function refusalOf(
  policy: AddressPolicy,
  addr: SocketAddr,
  host: SocketAddr,
): NetError | null {
  let why: unknown;
  try {
    why = policy(addr, host);
  } catch (cause) {
    return refused(formatAddr(addr), wordsOf(cause), cause);
  }
  if (why === undefined || why === null) return null;
  return refused(
    formatAddr(addr),
    typeof why === "string"
      ? why
      : `it answered with ${nameOf(why)} instead of a text or undefined`,
  );
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * What is not the public Internet: IANA's special-purpose registries, and the
 * IPv6 forms that carry an IPv4 address to somebody who may unpack it.
 */
const NOT_PUBLIC: readonly Prefix[] = /* @__PURE__ */ prefixesOf({
  "0.0.0.0/8": "this machine or network",
  "10.0.0.0/8": "a private address",
  "100.64.0.0/10": "an address behind a carrier's NAT",
  "127.0.0.0/8": "a loopback address",
  "169.254.0.0/16": "a link-local address",
  "172.16.0.0/12": "a private address",
  "192.0.0.0/24": "an address for protocols",
  "192.0.2.0/24": "an address for documentation",
  "192.88.99.0/24": "a relay of 6to4",
  "192.168.0.0/16": "a private address",
  "198.18.0.0/15": "an address for benchmarks",
  "198.51.100.0/24": "an address for documentation",
  "203.0.113.0/24": "an address for documentation",
  "224.0.0.0/4": "a multicast address",
  "240.0.0.0/4": "a reserved address",
  "::1/128": "a loopback address",
  "fc00::/7": "a private address",
  "fe80::/10": "a link-local address",
  "ff00::/8": "a multicast address",
  "2001::/23": "an address for protocols",
  "2001:db8::/32": "an address for documentation",
  "2002::/16": "a 6to4 address",
  "3fff::/20": "an address for documentation",
});

/** IPv6 addresses that stand for an IPv4 one: mapped, and NAT64. */
const EMBEDDING: readonly Prefix[] = /* @__PURE__ */ prefixesOf({
  "::ffff:0:0/96": "",
  "64:ff9b::/96": "",
});

const GLOBAL: readonly Prefix[] = /* @__PURE__ */ prefixesOf({
  "2000::/3": "",
});

/**
 * Allows the public Internet only: no loopback, private, link-local, carrier,
 * multicast, documentation or reserved address, be it IPv4, IPv6, or IPv4 in
 * IPv6. For programs that connect to where a stranger tells them to (SSRF).
 *
 * @param addr The address.
 * @returns What kind of address it is, if it is not public.
 * @throws {TypeError} If `addr` is no address.
 *
 * @example Usage
 * ```ts
 * import { ConnectionFailed, publicOnly, TcpStream } from "@pollen/futures/net";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(
 *   () => run(TcpStream.connect("127.0.0.1:80", { policy: publicOnly })),
 *   ConnectionFailed,
 *   "Cannot connect to 127.0.0.1:80: the policy refuses it: a loopback address",
 * );
 * assertEquals(error.phase, "policy");
 * ```
 */
export function publicOnly(addr: SocketAddr): string | undefined {
  if (typeof addr?.hostname !== "string") {
    throw new TypeError(
      `Cannot judge ${nameOf(addr)}: it must have a hostname and a port`,
    );
  }
  const bytes = parseIp(addr.hostname);
  if (bytes === null) return "no IP address";
  const v4 = EMBEDDING.some((prefix) => startsWith(bytes, prefix))
    ? bytes.subarray(12)
    : bytes;
  const kind = NOT_PUBLIC.find((prefix) => startsWith(v4, prefix));
  if (kind !== undefined) return kind.name;
  if (v4.byteLength === 16 && !startsWith(v4, GLOBAL[0]!)) {
    return "a reserved address";
  }
  return undefined;
}
