import type { Future } from "../future/future.ts";
import { map } from "../future/map.ts";
import { mapError } from "../future/map_error.ts";
import { allFailed, netErrorFrom } from "./_classify.ts";
import { interleave, type Targets } from "./_dial.ts";
import { lookupToDial } from "./_lookup_to_dial.ts";
import type { Settings } from "./_options.ts";
import { type AddressPolicy, refusalOf } from "./address_policy.ts";
import { DnsResolutionFailed, type NetError } from "./errors.ts";
import { lookUpWith, type Resolver } from "./resolver.ts";
import {
  formatAddr,
  formatHost,
  isIp,
  isIpLiteral,
  type SocketAddr,
} from "./socket_addr.ts";

/** The address itself, be it a name, if the policy allows it. */
export function literalTargets(
  addr: SocketAddr,
  { policy }: Settings,
): Targets<SocketAddr> {
  return screen([addr], addr, policy);
}

/** Where to connect to for an address: at once, or after looking up. */
export function targetsOf(
  addr: SocketAddr,
  settings: Settings,
): Targets<SocketAddr> | Future<Targets<SocketAddr>> {
  const { resolver, policy, network } = settings;
  if (isIp(addr.hostname)) return literalTargets(addr, settings);
  const found = resolver === null
    ? lookupToDial(addr, network)
    : resolveWith(resolver, addr);
  return map(found, (addrs) => screen(interleave(addrs), addr, policy));
}

function resolveWith(
  resolver: Resolver,
  { hostname, port }: SocketAddr,
): Future<SocketAddr[]> {
  const found = mapError(
    lookUpWith(resolver, hostname),
    (error) => netErrorFrom("resolve", formatHost(hostname), error),
  );
  return map(found, (addresses) => {
    if (!Array.isArray(addresses) || !addresses.every(isIpLiteral)) {
      throw unusable(
        hostname,
        "the resolver's answer is no array of addresses",
      );
    }
    if (addresses.length === 0) throw unusable(hostname, "it has no addresses");
    return [...new Set(addresses)].map((each) => ({ hostname: each, port }));
  });
}

function unusable(hostname: string, why: string): DnsResolutionFailed {
  return new DnsResolutionFailed(`Cannot resolve ${hostname}: ${why}`, {
    phase: "resolve",
    address: hostname,
  });
}

/**
 * Lets through what the policy allows. A name is seen to when it is connected:
 * it stands here where only the platform may look it up.
 */
function screen(
  addrs: readonly SocketAddr[],
  host: SocketAddr,
  policy: AddressPolicy | null,
): Targets<SocketAddr> {
  if (policy === null) return { addrs, refused: [] };
  const allowed: SocketAddr[] = [];
  const refused: NetError[] = [];
  for (const addr of addrs) {
    const refusal = isIp(addr.hostname) ? refusalOf(policy, addr, host) : null;
    if (refusal === null) allowed.push(addr);
    else refused.push(refusal);
  }
  if (allowed.length === 0) throw allFailed(formatAddr(host), refused);
  return { addrs: allowed, refused };
}
