import type { Completion, Network, RawListener, RawStream } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";

// The one file of `net/` that names the platform.

/** Without the fields that Deno has besides. */
function addrOf({ hostname, port }: Deno.NetAddr): SocketAddr {
  return { hostname, port };
}

class DenoStream implements RawStream {
  readonly localAddr: SocketAddr;
  readonly remoteAddr: SocketAddr;
  readonly #conn: Deno.TcpConn;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.localAddr = addrOf(conn.localAddr);
    this.remoteAddr = addrOf(conn.remoteAddr);
  }

  read(into: Uint8Array, done: Completion<number | null>): void {
    this.#conn.read(into).then(done.resolve, done.reject);
  }

  write(bytes: Uint8Array, done: Completion<number>): void {
    this.#conn.write(bytes).then(done.resolve, done.reject);
  }

  closeWrite(done: Completion<void>): void {
    this.#conn.closeWrite().then(done.resolve, done.reject);
  }

  setNoDelay(on: boolean): void {
    this.#conn.setNoDelay(on);
  }

  close(): void {
    this.#conn.close();
  }
}

class DenoListener implements RawListener {
  readonly addr: SocketAddr;
  readonly #listener: Deno.TcpListener;

  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.addr = addrOf(listener.addr);
  }

  accept(done: Completion<RawStream>): void {
    this.#listener.accept().then(
      (conn) => done.resolve(new DenoStream(conn)),
      done.reject,
    );
  }

  close(): void {
    this.#listener.close();
  }
}

/**
 * A signal that Deno cannot leak a socket over. When the abort and the end of
 * the connect fall due together, Deno makes the connection and then throws the
 * signal's reason, and nobody holds the connection any more. With a signal that
 * does not throw, the connection comes out, and can be closed.
 */
function leakproof(signal: AbortSignal): AbortSignal {
  return Object.defineProperty(signal, "throwIfAborted", { value() {} });
}

/** Deno's own network. */
export const denoNetwork: Network = {
  connect({ hostname, port }, done) {
    const controller = new AbortController();
    const options = {
      hostname,
      port,
      transport: "tcp",
      signal: leakproof(controller.signal),
    } as const;
    Deno.connect(options).then(
      (conn) => done.resolve(new DenoStream(conn)),
      done.reject,
    );
    return () => controller.abort();
  },

  listen({ hostname, port }, { backlog }) {
    const options = { hostname, port, transport: "tcp" } as const;
    return new DenoListener(
      Deno.listen(
        backlog === undefined ? options : { ...options, tcpBacklog: backlog },
      ),
    );
  },

  // `Deno.resolveDns` asks a name server, which takes a grant for the server's
  // address and passes over the hosts file; getaddrinfo does what users expect.
  resolve(hostname, done) {
    // Imported when it is first needed: few programs look names up themselves.
    import("node:dns").then(({ lookup }) => {
      lookup(hostname, { all: true, verbatim: true }, (error, found) => {
        if (error) done.reject(error);
        else done.resolve(found.map((each) => each.address));
      });
    }).catch(done.reject);
  },

  mayDial(addr) {
    const host = formatAddr(addr);
    return Deno.permissions.querySync({ name: "net", host }).state ===
      "granted";
  },
};
