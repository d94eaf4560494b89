import { platformError } from "../_deno.ts";
import type {
  Completion,
  ListenTlsOptions,
  Network,
  RawListener,
  RawStream,
  RawTlsStream,
} from "../network.ts";
import { formatAddr, type SocketAddr } from "../socket_addr.ts";
import { Dial, type Route } from "./_dial.ts";
import type { Answer } from "./_dns.ts";
import type { End } from "./_end.ts";
import type { Fabric } from "./_fabric.ts";
import type { Link } from "./_link.ts";
import { Listening } from "./_listening.ts";
import { TlsEnd } from "./_tls_end.ts";
import { certificateOf } from "./sim_certificate.ts";

/** How many connections may wait to be accepted, as on the platform. */
const BACKLOG = 511;
const FIRST_EPHEMERAL_PORT = 49_152;

/** What a host needs of its network. */
export interface Inside {
  readonly fabric: Fabric;
  readonly connectTimeout: number;
  hostAt(address: string): SimMachine | null;
  linkOf(from: string, to: string): Link;
  lookUp(hostname: string, done: (answer: Answer) => void): void;
}

// Set by the class below: only a network makes hosts.
let make: (inside: Inside, name: string, addresses: string[]) => SimMachine;

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
  readonly #listeners = new Map<string, Listening<unknown>>();
  #lastPort = FIRST_EPHEMERAL_PORT;

  private constructor(inside: Inside, name: string, addresses: string[]) {
    this.#inside = inside;
    this.name = name;
    this.addresses = addresses;
  }

  static {
    make = (inside, name, addresses) => new SimMachine(inside, name, addresses);
  }

  /** The address of the host. */
  get address(): string {
    return this.addresses[0]!;
  }

  /** Connects from this host; see {@linkcode Network}. */
  connect(addr: SocketAddr, done: Completion<RawStream>): () => void {
    const { fabric, connectTimeout } = this.#inside;
    const dialler = {
      lookUp: this.#inside.lookUp,
      route: (to: SocketAddr) => this.#route(to),
    };
    const dial = new Dial(fabric, dialler, addr, connectTimeout, done);
    dial.start();
    return () => dial.giveUp();
  }

  #route(to: SocketAddr): Route | null {
    const isLocal = isLoopback(to.hostname);
    const host = isLocal ? this : this.#inside.hostAt(to.hostname);
    if (host === null) return null;
    return {
      there: this.#inside.linkOf(this.name, host.name),
      back: this.#inside.linkOf(host.name, this.name),
      from: {
        hostname: isLocal ? to.hostname : this.address,
        port: this.#nextPort(),
      },
      listener: () =>
        host.#listeners.get(formatAddr(to)) ??
          host.#listeners.get(formatAddr({ ...to, hostname: "0.0.0.0" })) ??
          null,
    };
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
    const hello = {
      from: "server",
      certificate: certificateOf(options.cert),
      protocols: options.alpnProtocols,
    } as const;
    return this.#listen(
      addr,
      options.backlog,
      (end) => new TlsEnd(end, hello),
    );
  }

  #listen<R>(
    addr: SocketAddr,
    backlog: number | undefined,
    wrap: (end: End) => R,
  ): Listening<R> {
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
    if (this.#listeners.has(key)) {
      throw platformError("AddrInUse", "Address already in use (os error 98)");
    }
    const listening = new Listening<R>(
      this.#inside.fabric,
      bound,
      backlog ?? BACKLOG,
      wrap,
      () => this.#listeners.delete(key),
    );
    this.#listeners.set(key, listening as Listening<unknown>);
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

/** Makes a host. */
export function machineOf(
  inside: Inside,
  name: string,
  addresses: string[],
): SimMachine {
  return make(inside, name, addresses);
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
