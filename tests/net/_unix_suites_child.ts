/**
 * Run by `deno test` in a process of its own, which may do no more than use the
 * Unix socket at the path that is its argument: the suites that all connections
 * of bytes and all listeners pass.
 */
import { co, join, map } from "../../future/mod.ts";
import { writeAll } from "../../net/io/mod.ts";
import { openResources, UnixListener, UnixStream } from "../../net/mod.ts";
import { ioConformance } from "../conformance/io.ts";
import { listenerConformance } from "../conformance/listener.ts";
import { eventually } from "./_sockets.ts";

const path = Deno.args[0]!;

const after = () =>
  eventually("nothing is left of the sockets", () => {
    const { streams, listeners, operations } = openResources();
    return streams === 0 && listeners === 0 && operations === 0;
  });

const pair = () =>
  co(function* () {
    using listener = UnixListener.bind({ path });
    // One may be there when the other is given up: a join forgets it then.
    using open = new DisposableStack();
    const keep = (stream: UnixStream) => open.use(stream);
    const ends = yield* join([
      map(UnixStream.connect(path), keep),
      map(listener.accept(), keep),
    ]);
    open.move();
    return ends;
  });

ioConformance("unix", pair, {
  after,
  // Such a socket has no reset of its own. Linux makes one of a close with bytes
  // that were not read; elsewhere such a close is an end like any other.
  ...Deno.build.os === "linux"
    ? {
      makeResettable: () =>
        co(function* () {
          const [end, peer] = yield* pair();
          yield* writeAll(end, new Uint8Array(1));
          return {
            end,
            send: (bytes: Uint8Array) => peer.writeAll(bytes),
            shutdown: () => peer.shutdown(),
            reset: () => peer.close(),
            [Symbol.dispose]: () => peer.close(),
          };
        }),
    }
    : {},
});

listenerConformance("unix", () => {
  const listener = UnixListener.bind({ path });
  return {
    connect: () => UnixStream.connect(path),
    accept: () => listener.accept(),
    [Symbol.dispose]: () => listener.close(),
  };
}, { after });
