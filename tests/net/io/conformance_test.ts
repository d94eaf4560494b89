import { connect, type Socket } from "node:net";
import { co, fromPromise, join, ready } from "../../../future/mod.ts";
import { duplex } from "../../../net/io/mod.ts";
import { openResources, TcpListener, TcpStream } from "../../../net/mod.ts";
import { ioConformance } from "../../conformance/io.ts";
import { listenerConformance } from "../../conformance/listener.ts";
import { eventually } from "../_sockets.ts";
import { socketsAt } from "../_tcp_table.ts";

/** Megabytes past the checksum: `deno test … -- --megabytes=100`. */
const asked = Deno.args.find((arg) => arg.startsWith("--megabytes="));
const megabytes = Number(asked?.split("=")[1] ?? 100);

for (const capacity of [7, 1 << 16]) {
  ioConformance(
    `duplex(${capacity})`,
    () => ready(duplex(capacity)),
    {
      turn: () => Promise.resolve(),
      // A few bytes at a time, it would take minutes.
      ...capacity < 64
        ? { megabytes: 0.05, largest: 200 }
        : { megabytes: megabytes / 10 },
      makeResettable: () => {
        const [end, peer] = duplex(capacity);
        return ready({
          end,
          send: (bytes: Uint8Array) => peer.writeAll(bytes),
          shutdown: () => peer.shutdown(),
          reset: () => peer.reset(),
          [Symbol.dispose]: () => peer.close(),
        });
      },
    },
  );
}

const before = openResources();

const after = () =>
  eventually("nothing is left of the sockets", () => {
    const { streams, listeners, operations } = openResources();
    return streams === before.streams && listeners === before.listeners &&
      operations === before.operations;
  });

ioConformance("tcp", () =>
  co(function* () {
    using listener = TcpListener.bind({ port: 0 });
    return yield* join([TcpStream.connect(listener.addr), listener.accept()]);
  }), {
  megabytes,
  makeResettable: () =>
    co(function* () {
      using listener = TcpListener.bind({ port: 0 });
      const { port } = listener.addr;
      const peer = connect({ port, host: "127.0.0.1" });
      peer.on("error", () => {}); // what becomes of the peer is not the subject
      const end = yield* listener.accept();
      yield* once(peer, "connect");
      return {
        end,
        send: (bytes: Uint8Array) =>
          fromPromise(() =>
            new Promise<void>((resolve) => peer.write(bytes, () => resolve()))
          ),
        shutdown: () =>
          fromPromise(() =>
            new Promise<void>((resolve) => peer.end(() => resolve()))
          ),
        reset: () => void peer.resetAndDestroy(),
        [Symbol.dispose]: () => void peer.destroy(),
      };
    }),
  after,
});

listenerConformance("tcp", () => {
  const listener = TcpListener.bind({ port: 0 });
  const { addr } = listener;
  return {
    connect: () => TcpStream.connect(addr),
    accept: () => listener.accept(),
    left: () => socketsAt(addr.port),
    [Symbol.dispose]: () => listener.close(),
  };
}, { after });

function once(peer: Socket, event: string) {
  return fromPromise(() =>
    new Promise<void>((resolve) => {
      if (!peer.connecting) resolve();
      else peer.once(event, () => resolve());
    })
  );
}
