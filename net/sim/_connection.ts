import type { SocketAddr } from "../socket_addr.ts";
import { End } from "./_end.ts";
import type { Fabric } from "./_fabric.ts";
import type { Link } from "./_link.ts";
import { Pipe, type Target } from "./_pipe.ts";

/** Makes both ends of a connection, and the pipes between them. */
export function connection(
  fabric: Fabric,
  from: SocketAddr,
  to: SocketAddr,
  there: Link,
  back: Link,
): { near: End; far: End } {
  const near = new End(fabric, from, to);
  const far = new End(fabric, to, from);
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
  return { near, far };
}

function targetOf(sender: End, receiver: End): Target {
  return {
    receive: receiver.receive.bind(receiver),
    lost: sender.lost.bind(sender),
  };
}
