// The suites that all connections of bytes and all listeners pass, over TLS.
import { connect, createServer, type Socket } from "node:net";
import { co, fromPromise, join } from "../../future/mod.ts";
import { openResources, type TlsListener, TlsStream } from "../../net/mod.ts";
import { ioConformance } from "../conformance/io.ts";
import { listenerConformance } from "../conformance/listener.ts";
import { eventually } from "./_sockets.ts";
import { socketsAt } from "./_tcp_table.ts";
import { connectedTls, listenTls, trusting } from "./_tls.ts";

const before = openResources();

const after = () =>
  eventually("nothing is left of the sockets", () => {
    const { streams, listeners, operations } = openResources();
    return streams === before.streams && listeners === before.listeners &&
      operations === before.operations;
  });

/** Somebody on the way, who passes everything on, and can reset the client. */
class Relay implements Disposable {
  readonly #sockets: Socket[] = [];
  readonly #server = createServer((front) => {
    const back = connect({ port: this.#port, host: "127.0.0.1" });
    for (const socket of [front, back]) {
      socket.on("error", () => {}); // what becomes of it is not the subject
      this.#sockets.push(socket);
    }
    front.pipe(back).pipe(front);
  });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Listens; its own port. */
  listen(): Promise<number> {
    return new Promise((resolve) =>
      this.#server.listen(0, "127.0.0.1", () => {
        resolve((this.#server.address() as { port: number }).port);
      })
    );
  }

  reset(): void {
    this.#sockets[0]!.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

ioConformance("tls", () => connectedTls(), {
  after,
  makeResettable: () =>
    co(function* () {
      using listener: TlsListener = listenTls();
      using open = new DisposableStack();
      const relay = open.use(new Relay(listener.addr.port));
      const port = yield* fromPromise(() => relay.listen());
      const [end, peer] = yield* join([
        TlsStream.connect({ hostname: "127.0.0.1", port }, { tls: trusting }),
        listener.accept(),
      ]);
      open.use(peer);
      const all = open.move();
      return {
        end,
        send: (bytes: Uint8Array) => peer.writeAll(bytes),
        shutdown: () => peer.shutdown(),
        reset: () => relay.reset(),
        [Symbol.dispose]: () => all[Symbol.dispose](),
      };
    }),
});

listenerConformance("tls", () => {
  const listener = listenTls({ onHandshakeError() {} });
  const { addr } = listener;
  return {
    connect: () => TlsStream.connect(addr, { tls: trusting }),
    accept: () => listener.accept(),
    left: () => socketsAt(addr.port),
    [Symbol.dispose]: () => listener.close(),
  };
}, { after });
