import type { Future } from "../future/future.ts";
import { Connect } from "./_connect.ts";
import type { Settings } from "./_options.ts";
import { targetsOf } from "./_targets.ts";
import { refusalOf } from "./address_policy.ts";
import type { RawSocket, RawStream } from "./network.ts";
import { formatAddr, isIp, type SocketAddr } from "./socket_addr.ts";

/**
 * Connects over TCP.
 *
 * @param finish Makes the stream of the socket, which is its own from then on.
 */
export function connectTcp<S extends Disposable>(
  addr: SocketAddr,
  settings: Settings,
  finish: (raw: RawStream) => S | Future<S>,
): Future<S> {
  const { network, noDelay, keepAlive } = settings;
  let byName = false;
  return new Connect<SocketAddr, RawStream, S>({
    address: formatAddr(addr),
    targets: () => targetsOf(addr, settings),
    start(target, done) {
      byName = !isIp(target.hostname);
      return network.connect(target, done);
    },
    finish(raw) {
      if (byName) checkPeer(raw, addr, settings);
      setOptions(raw, noDelay, keepAlive);
      return finish(raw);
    },
  }, settings);
}

/** The policy's say, where only the platform knew the address. */
export function checkPeer(
  raw: RawSocket,
  host: SocketAddr,
  { policy }: Settings,
): void {
  if (policy === null) return;
  const refusal = refusalOf(policy, raw.remoteAddr, host);
  if (refusal === null) return;
  raw.close();
  throw refusal;
}

/** Sets what a socket was asked to do, before anything is sent. */
export function setOptions(
  raw: RawStream,
  noDelay: boolean,
  keepAlive: boolean,
): void {
  try {
    raw.setNoDelay(noDelay);
    if (keepAlive) raw.setKeepAlive?.(true);
  } catch {
    // Some systems refuse when the peer has reset the connection already;
    // the first read or write will say so.
  }
}
