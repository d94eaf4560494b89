import type { Future } from "../future/future.ts";
import { map } from "../future/map.ts";
import { recover } from "../future/recover.ts";
import { isPermissionError } from "./_classify.ts";
import { denoNetwork } from "./_deno.ts";
import { lookupHost } from "./lookup_host.ts";
import type { Network } from "./network.ts";
import type { SocketAddr } from "./socket_addr.ts";

/**
 * The addresses of a host that may be connected to. Permissions are given for
 * names or for addresses, and one does not cover the other: under a grant for
 * `localhost:80` alone, looking up is refused, and so is 127.0.0.1. Then the
 * answer is the name itself, which the platform resolves when it connects,
 * under the name's own grant.
 */
export function lookupToDial(
  addr: SocketAddr,
  network: Network = denoNetwork,
): Future<SocketAddr[]> {
  const dialable = map(lookupHost(addr, { network }), (found) => {
    const allowed = found.filter((each) => network.mayDial(each));
    return allowed.length > 0 ? allowed : [addr];
  });
  return recover(dialable, (error) => {
    if (isPermissionError((error as Error).cause)) return [addr];
    throw error;
  });
}
