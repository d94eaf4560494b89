import { platformError } from "../_deno.ts";
import type {
  Completion,
  ListenTlsOptions,
  Network,
  RawListener,
  RawSocket,
  RawStream,
  RawTlsStream,
  TlsIdentity,
  TlsParams,
} from "../network.ts";
import { formatAddr, isIp, type SocketAddr } from "../socket_addr.ts";
import type { UnixAddr } from "../unix_addr.ts";
import { Dial, type Route } from "./_dial.ts";
import type { Answer } from "./_dns.ts";
import type { Fabric } from "./_fabric.ts";
import type { Link } from "./_link.ts";
import { type Line, Listening } from "./_listening.ts";
import { TcpEnd } from "./_tcp_end.ts";
import { TlsEnd } from "./_tls_end.ts";
import { UnixEnd } from "./_unix_end.ts";

/** How many connections may wait to be accepted, as on the platform. */
const BACKLOG = 511;
const UNIX_BACKLOG = 1024;
const FIRST_EPHEMERAL_PORT = 49_152;

/** What a host needs of its network. */
export interface Inside {
  readonly fabric: Fabric;
  readonly connectTimeout: number;
  hostAt(address: string): SimMachine | null;
  linkOf(from: string, to: string): Link;
  lookUp(hostname: string, done: (answer: Answer) => void): void;
}

/**
 * A host of a {@linkcode SimNetwork}: a network, as it is seen from there. What
 * runs on the host is given it as `network`.
 *
 * @example Usage
 * ```ts
 * import { SimNetwork, VirtualClock } from "@pollen/futures/testing";
 * import { TcpListener } from "@pollen/futures/net";
 *
 * const net = new SimNetwork({ platform: new VirtualClock() });
 * const server = net.host("a.test");
 * using listener = TcpListener.bind({
 *   hostname: server.address,
 *   port: 80,
 *   network: server,
 * });
 * ```
 */
export class SimMachine implements Network {
  /** What it is called, in look-ups too. */
  readonly name: string;
  /** Its addresses, the preferred one first. */
  readonly addresses: readonly string[];
  readonly #inside: Inside;
  readonly #listeners = new Map<string, Line<TcpEnd>>();
  /** By the paths of their files. */
  readonly #unixListeners = new Map<string, Line<UnixEnd>>();
  #lastPort = FIRST_EPHEMERAL_PORT;

  private constructor(inside: Inside, name: string, addresses: string[]) {
    this.#inside = inside;
    this.name = name;
    this.addresses = addresses;
  }

  /** The address of the host. */
  get address(): string {
    return this.addresses[0]!;
  }

  /** Connects from this host; see {@linkcode Network}. */
  connect(addr: SocketAddr, done: Completion<RawStream>): () => void {
    return this.#connect(addr, done);
  }

  #connect(addr: SocketAddr, done: Completion<TcpEnd>): () => void {
    const { fabric, connectTimeout } = this.#inside;
    const { hostname, port } = addr;
    const dial = new Dial<SocketAddr, TcpEnd>(
      fabric,
      {
        name: formatAddr(addr),
        find: (found, failed) => {
          if (isIp(hostname)) return found([addr]);
          this.#inside.lookUp(hostname, (answer) => {
            if (!("failure" in answer) && answer.addresses.length > 0) {
              return found(
                answer.addresses.map((hostname) => ({ hostname, port })),
              );
            }
            const why = "failure" in answer && answer.failure === "EAI_AGAIN"
              ? "Temporary failure in name resolution"
              : "Name or service not known";
            failed(new Error(`failed to lookup address information: ${why}`));
          });
        },
        route: (to) => this.#route(to),
      },
      connectTimeout,
      done,
    );
    dial.start();
    return () => dial.giveUp();
  }

  #route(to: SocketAddr): Route<TcpEnd> | null {
    const isLocal = isLoopback(to.hostname);
    const host = isLocal ? this : this.#inside.hostAt(to.hostname);
    if (host === null) return null;
    const { fabric } = this.#inside;
    const from = {
      hostname: isLocal ? to.hostname : this.address,
      port: this.#nextPort(),
    };
    return {
      there: this.#inside.linkOf(this.name, host.name),
      back: this.#inside.linkOf(host.name, this.name),
      ends: () => ({
        near: new TcpEnd(fabric, from, to),
        far: new TcpEnd(fabric, to, from),
      }),
      listener: () =>
        host.#listeners.get(formatAddr(to)) ??
          host.#listeners.get(formatAddr({ ...to, hostname: "0.0.0.0" })) ??
          null,
    };
  }

  /**
   * Connects with TLS and a certificate of the client's own, as a stand-in; see
   * {@linkcode simCertificate}.
   */
  connectTls(
    addr: SocketAddr,
    params: TlsParams & TlsIdentity,
    done: Completion<RawTlsStream>,
  ): () => void {
    return this.#connect(addr, {
      resolve: (end) => done.resolve(TlsEnd.client(end, params)),
      reject: done.reject,
    });
  }

  /**
   * Connects to a Unix socket of this host, over the link from the host to
   * itself; see {@linkcode Network}.
   */
  connectUnix(
    path: string,
    done: Completion<RawSocket<UnixAddr>>,
  ): () => void {
    const { fabric, connectTimeout } = this.#inside;
    const link = this.#inside.linkOf(this.name, this.name);
    const listener = () => this.#unixListeners.get(path) ?? null;
    const dial = new Dial<UnixAddr, UnixEnd>(
      fabric,
      {
        name: path,
        find: (found, failed) =>
          fabric.soon(() => {
            if (listener() !== null) return found([{ path }]);
            failed(
              platformError(
                "NotFound",
                "No such file or directory (os error 2)",
              ),
            );
          }),
        route: () => ({
          there: link,
          back: link,
          ends: () => ({
            near: new UnixEnd(fabric, { path: null }, { path }),
            far: new UnixEnd(fabric, { path }, { path: null }),
          }),
          listener,
        }),
        onFull: () =>
          platformError(
            "WouldBlock",
            "Resource temporarily unavailable (os error 11)",
          ),
      },
      connectTimeout,
      done,
    );
    dial.start();
    return () => dial.giveUp();
  }

  /** Listens on this host; see {@linkcode Network}. */
  listen(addr: SocketAddr, options: { backlog?: number }): RawListener {
    return this.#listen(addr, options.backlog, (end) => end);
  }

  /** Listens with TLS, as a stand-in; see {@linkcode simCertificate}. */
  listenTls(
    addr: SocketAddr,
    options: ListenTlsOptions,
  ): RawListener<RawTlsStream> {
    return this.#listen(
      addr,
      options.backlog,
      (end) => TlsEnd.server(end, options),
    );
  }

  #listen<R>(
    addr: SocketAddr,
    backlog: number | undefined,
    wrap: (end: TcpEnd) => R,
  ): Listening<TcpEnd, R> {
    const { hostname } = addr;
    const isOwn = hostname === "0.0.0.0" || isLoopback(hostname) ||
      this.addresses.includes(hostname);
    if (!isOwn) {
      throw platformError(
        "AddrNotAvailable",
        "Cannot assign requested address (os error 99)",
      );
    }
    const port = addr.port === 0 ? this.#nextPort() : addr.port;
    const bound = { hostname, port };
    const key = formatAddr(bound);
    if (this.#listeners.has(key)) throw inUse();
    const listening = new Listening<TcpEnd, R>(
      this.#inside.fabric,
      bound,
      backlog ?? BACKLOG,
      wrap,
      () => this.#listeners.delete(key),
    );
    this.#listeners.set(key, listening);
    return listening;
  }

  /** Listens on a Unix socket of this host; see {@linkcode Network}. */
  listenUnix(path: string): RawListener<RawSocket<UnixAddr>, UnixAddr> {
    if (this.#unixListeners.has(path)) throw inUse();
    const listening = new Listening<UnixEnd, RawSocket<UnixAddr>>(
      this.#inside.fabric,
      { path },
      UNIX_BACKLOG,
      (end) => end,
      () => this.#unixListeners.delete(path), // and its file is gone
    );
    this.#unixListeners.set(path, listening);
    return listening;
  }

  #nextPort(): number {
    this.#lastPort++;
    if (this.#lastPort > 65_535) this.#lastPort = FIRST_EPHEMERAL_PORT;
    return this.#lastPort;
  }

  /** Looks a name up; see {@linkcode Network}. */
  resolve(hostname: string, done: Completion<string[]>): void {
    const { fabric } = this.#inside;
    fabric.operations++;
    this.#inside.lookUp(hostname, (answer) => {
      fabric.operations--;
      if (!("failure" in answer)) return done.resolve(answer.addresses);
      const { failure } = answer;
      done.reject(
        Object.assign(new Error(`getaddrinfo ${failure} ${hostname}`), {
          code: failure,
        }),
      );
    });
  }

  /** Everything may be dialled. */
  mayDial(): boolean {
    return true;
  }
}

// Only a network makes hosts, whose constructor is private.
const Machine = SimMachine as unknown as new (
  inside: Inside,
  name: string,
  addresses: string[],
) => SimMachine;

/** Makes a host. */
export function machineOf(
  inside: Inside,
  name: string,
  addresses: string[],
): SimMachine {
  return new Machine(inside, name, addresses);
}

function inUse(): Error {
  return platformError("AddrInUse", "Address already in use (os error 98)");
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
