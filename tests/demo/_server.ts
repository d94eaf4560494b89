import {
  co,
  type Future,
  type JoinHandle,
  type SocketAddr,
  spawn,
  TcpListener,
  type TcpStream,
} from "../../mod.ts";

/** A server on loopback for one part of the demo; dropping it stops it. */
export class Server implements Disposable {
  readonly #listener = TcpListener.bind({ port: 0 });
  readonly #connections = new Set<JoinHandle<void>>();
  readonly #accepting: JoinHandle<void>;

  /** @param serve Talks to one client; the stream is closed after it. */
  constructor(serve: (stream: TcpStream) => Future<void>) {
    const listener = this.#listener;
    const connections = this.#connections;
    this.#accepting = spawn(co(function* () {
      for (;;) {
        const stream = yield* listener.accept();
        connections.add(spawn(co(function* () {
          using _ = stream;
          yield* serve(stream);
        })));
      }
    }));
  }

  get addr(): SocketAddr {
    return this.#listener.addr;
  }

  [Symbol.dispose](): void {
    this.#accepting[Symbol.dispose]();
    for (const connection of this.#connections) connection[Symbol.dispose]();
    this.#listener.close();
  }
}

/** Reads until the client has sent `length` bytes, or is gone. */
export function drain(stream: TcpStream, length: number): Future<number> {
  return co(function* () {
    const buffer = new Uint8Array(256 * 1024);
    let read = 0;
    while (read < length) {
      const n = yield* stream.read(buffer);
      if (n === null) break;
      read += n;
    }
    return read;
  });
}
