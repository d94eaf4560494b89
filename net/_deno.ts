import type {
  Completion,
  Network,
  RawListener,
  RawSocket,
  RawStream,
  RawTlsStream,
  TlsParams,
} from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

// The one file of `net/` that names the platform.

/** The time of day, which may jump: for what people read, not for measuring. */
export function wallClock(): Date {
  return new Date();
}

/** Without the fields that Deno has besides. */
function addrOf({ hostname, port }: Deno.NetAddr): SocketAddr {
  return { hostname, port };
}

function unixAddrOf({ path }: Deno.UnixAddr): UnixAddr {
  return { path };
}

/** What Deno's connections have in common. */
class DenoSocket<C extends Deno.Conn, A extends SocketAddr | UnixAddr> {
  protected readonly conn: C;

  constructor(conn: C, readonly localAddr: A, readonly remoteAddr: A) {
    this.conn = conn;
  }

  read(into: Uint8Array, done: Completion<number | null>): void {
    this.conn.read(into).then(done.resolve, done.reject);
  }

  write(bytes: Uint8Array, done: Completion<number>): void {
    this.conn.write(bytes).then(done.resolve, done.reject);
  }

  closeWrite(done: Completion<void>): void {
    this.conn.closeWrite().then(done.resolve, done.reject);
  }

  ref(): void {
    this.conn.ref();
  }

  unref(): void {
    this.conn.unref();
  }

  close(): void {
    this.conn.close();
  }
}

class DenoStream extends DenoSocket<Deno.TcpConn, SocketAddr>
  implements RawStream {
  constructor(conn: Deno.TcpConn) {
    super(conn, addrOf(conn.localAddr), addrOf(conn.remoteAddr));
  }

  setNoDelay(on: boolean): void {
    this.conn.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    this.conn.setKeepAlive(on);
  }

  startTls(params: TlsParams, done: Completion<RawTlsStream>): void {
    Deno.startTls(this.conn, {
      hostname: params.serverName,
      caCerts: [...params.caCerts],
      alpnProtocols: [...params.alpnProtocols],
    }).then(
      (conn) => done.resolve(new DenoTlsStream(conn)),
      (error) => {
        this.#closeIfOpen();
        done.reject(error);
      },
    );
  }

  /** Some failures to start TLS have closed the connection, some have not. */
  #closeIfOpen(): void {
    try {
      this.conn.close();
    } catch {
      // It was closed.
    }
  }
}

class DenoTlsStream extends DenoSocket<Deno.TlsConn, SocketAddr>
  implements RawTlsStream {
  constructor(conn: Deno.TlsConn) {
    super(conn, addrOf(conn.localAddr), addrOf(conn.remoteAddr));
  }

  handshake(done: Completion<string | null>): void {
    this.conn.handshake().then(
      ({ alpnProtocol }) => done.resolve(alpnProtocol),
      done.reject,
    );
  }
}

function unixSocket(conn: Deno.UnixConn): RawSocket<UnixAddr> {
  return new DenoSocket(
    conn,
    unixAddrOf(conn.localAddr),
    unixAddrOf(conn.remoteAddr),
  );
}

class DenoListener<C extends Deno.Conn, R, A extends SocketAddr | UnixAddr>
  implements RawListener<R, A> {
  readonly #listener: Deno.Listener<C>;
  readonly #wrap: (conn: C) => R;

  constructor(
    listener: Deno.Listener<C>,
    readonly addr: A,
    wrap: (conn: C) => R,
  ) {
    this.#listener = listener;
    this.#wrap = wrap;
  }

  accept(done: Completion<R>): void {
    this.#listener.accept().then(
      (conn) => done.resolve(this.#wrap(conn)),
      done.reject,
    );
  }

  ref(): void {
    this.#listener.ref();
  }

  unref(): void {
    this.#listener.unref();
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
    const listener = Deno.listen({
      hostname,
      port,
      transport: "tcp",
      ...(backlog === undefined ? {} : { tcpBacklog: backlog }),
    });
    return new DenoListener(
      listener,
      addrOf(listener.addr),
      (conn) => new DenoStream(conn),
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

  // Deno cannot be told that nobody waits for these two any more: what comes
  // then is closed.
  connectTls({ hostname, port }, params, done) {
    Deno.connectTls({
      hostname,
      port,
      caCerts: [...params.caCerts],
      alpnProtocols: [...params.alpnProtocols],
      cert: params.cert,
      key: params.key,
    }).then((conn) => done.resolve(new DenoTlsStream(conn)), done.reject);
    return () => {};
  },

  connectUnix(path, done) {
    Deno.connect({ transport: "unix", path }).then(
      (conn) => done.resolve(unixSocket(conn)),
      done.reject,
    );
    return () => {};
  },

  listenTls({ hostname, port }, { cert, key, alpnProtocols, backlog }) {
    const listener = Deno.listenTls({
      hostname,
      port,
      cert,
      key,
      alpnProtocols: [...alpnProtocols],
      ...(backlog === undefined ? {} : { tcpBacklog: backlog }),
    });
    return new DenoListener(
      listener,
      addrOf(listener.addr as Deno.NetAddr),
      (conn) => new DenoTlsStream(conn),
    );
  },

  listenUnix(path) {
    const listener = Deno.listen({ transport: "unix", path });
    return new DenoListener(listener, { path }, unixSocket);
  },
};

/** The platform's compression, which most programs start without. */
export type Zlib = typeof import("node:zlib");

/** Loads it, there and then. */
export function loadZlib(): Zlib {
  return process.getBuiltinModule("node:zlib");
}

/** Deno has it as Node has; named here, so that nobody need import it. */
declare const process: {
  getBuiltinModule(name: "node:zlib"): Zlib;
};

/** A variable of the environment, if it is set and may be read; nobody is asked. */
export function environment(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) || undefined : undefined;
}

/**
 * An error as the platform throws it, for a network that stands in for it; where
 * the platform has no such class, an error of that name.
 */
export function platformError(name: string, message: string): Error {
  const errors = (globalThis as { Deno?: { errors?: object } }).Deno?.errors;
  const found = (errors as
    | Record<string, new (message: string) => Error>
    | undefined)?.[name];
  if (found !== undefined) return new found(message);
  return Object.assign(new Error(message), { name });
}

/** What a ref of git's stands for: it has a file, or a line among the packed. */
function commitOf(ref: string): string | null {
  try {
    return Deno.readTextFileSync(`.git/${ref}`).trim();
  } catch {
    const packed = Deno.readTextFileSync(".git/packed-refs").split("\n");
    return packed.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0] ??
      null;
  }
}

/** The test runner, and what there is to say of this run of it. */
export const testRunner = {
  register(name: string, fn: () => Promise<void>): void {
    Deno.test(name, fn);
  },

  /** What stood behind `--` on the command line. */
  get args(): readonly string[] {
    return Deno.args;
  },

  /** The commit that is checked out, if that can be read. */
  get commit(): string | null {
    try {
      const { state } = Deno.permissions.querySync({
        name: "read",
        path: ".git",
      });
      if (state !== "granted") return null;
      const head = Deno.readTextFileSync(".git/HEAD").trim();
      return head.startsWith("ref: ") ? commitOf(head.slice(5)) : head;
    } catch {
      return null; // no repository
    }
  },
};
