import type { AnyEnd, End } from "./_end.ts";
import type { Fabric } from "./_fabric.ts";
import type { SocketAddr } from "../socket_addr.ts";
import type { UnixAddr } from "../unix_addr.ts";
import type { Link } from "./_link.ts";
import { Pipe, type Target } from "./_pipe.ts";

/** Puts pipes between the two ends of a connection. */
export function connect<A extends SocketAddr | UnixAddr>(
  fabric: Fabric,
  near: End<A>,
  far: End<A>,
  there: Link,
  back: Link,
): void {
  const name = `#${fabric.nextConnection()}`;
  const reset = () => {
    near.out.sendReset();
    far.out.sendReset();
  };
  const outward = new Pipe(
    fabric,
    there,
    `${name} ${there.name}`,
    targetOf(near, far),
    reset,
  );
  const inward = new Pipe(
    fabric,
    back,
    `${name} ${back.name}`,
    targetOf(far, near),
    reset,
  );
  outward.sibling = inward;
  inward.sibling = outward;
  near.out = outward;
  near.in = inward;
  near.peer = far;
  far.out = inward;
  far.in = outward;
  far.peer = near;
}

function targetOf(sender: AnyEnd, receiver: AnyEnd): Target {
  return {
    receive: receiver.receive.bind(receiver),
    lost: sender.lost.bind(sender),
  };
}
