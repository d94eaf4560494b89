import { checkNames, type Names } from "../../future/_option_names.ts";
import { nameOf } from "../../future/future.ts";
import type { Host } from "../../executor/host.ts";
import { isIp, type SocketAddr } from "../socket_addr.ts";
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
import type { UnixAddr } from "../unix_addr.ts";
import { type Answer, Dns } from "./_dns.ts";
import { assertSpan, Fabric } from "./_fabric.ts";
import { Link } from "./_link.ts";
import type { SimDns } from "./sim_dns.ts";
import { type Inside, machineOf, type SimMachine } from "./sim_machine.ts";
import type { SimLink, Span } from "./sim_link.ts";

/** What a simulated network is like where nothing else is said. */
export interface SimNetworkOptions {
  /** How long a message takes, in milliseconds: 0 by default. */
  latency?: Span;
  /** How many bytes a second fit through a link: without limit by default. */
  bandwidth?: number;
  /** How many bytes a read or write takes at most: without limit by default. */
  chunk?: Span;
  /** How many bytes may be written that the peer has not read: 65,536. */
  sendBuffer?: number;
  /** When connecting times out without an answer: 127,000 ms, as on Linux. */
  connectTimeout?: number;
  /** What its randomness follows from: a number of the platform's by default. */
  seed?: number;
}

const NAMES: Names<SimNetworkOptions> = {
  latency: true,
  bandwidth: true,
  chunk: true,
  sendBuffer: true,
  connectTimeout: true,
  seed: true,
};

/** What a simulated network needs: time, and perhaps somebody to tell. */
export interface SimWorld {
  /** Where time, turns and randomness come from. */
  readonly platform: Host;
  /** Takes note of what happens. */
  note?(what: () => string): void;
}

/** What is open in a {@linkcode SimNetwork}. */
export interface SimOpen {
  /** Streams and listeners that nobody has closed. */
  readonly sockets: number;
  /** Operations that have not completed. */
  readonly operations: number;
}

/**
 * A network that is simulated: hosts, names, connections, and all that goes
 * wrong with them. It is a {@linkcode Network}, as it is seen from the host
 * "client", and each host of it is one. Mirrors `turmoil`.
 *
 * It has no clock of its own: time comes from the platform, so that a message
 * which takes 50 ms arrives when a simulation has jumped there. Everything
 * follows from the seed.
 *
 * @example A server, a client, and 20 ms between them
 * ```ts
 * import { explore, SimNetwork } from "@pollen/futures/testing";
 * import { TcpListener, TcpStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * explore({ runs: 10 }, function* (sim) {
 *   const net = new SimNetwork(sim, { latency: 20, chunk: [1, 3] });
 *   const server = net.host("a.test");
 *   const hostname = server.address;
 *   sim.spawn(function* () {
 *     using listener = TcpListener.bind({ hostname, port: 7, network: server });
 *     using stream = yield* listener.accept();
 *     yield* stream.writeAll(new TextEncoder().encode("hello"));
 *     yield* stream.shutdown();
 *   });
 *   yield* sim.sleep(1);
 *   using stream = yield* TcpStream.connect("a.test:7", { network: net });
 *   let text = "";
 *   const into = new Uint8Array(8);
 *   for (let n; (n = yield* stream.read(into)) !== null;) {
 *     text += new TextDecoder().decode(into.subarray(0, n));
 *   }
 *   assertEquals(text, "hello");
 * });
 * ```
 */
export class SimNetwork implements Network {
  readonly #fabric: Fabric;
  readonly #options: Required<Omit<SimNetworkOptions, "seed">>;
  readonly #hosts = new Map<string, SimMachine>();
  readonly #byAddress = new Map<string, SimMachine>();
  readonly #links = new Map<string, Link>();
  readonly #names = new Map<string, Dns>();
  readonly #inside: Inside;
  readonly #client: SimMachine;

  /**
   * Makes a network without hosts, but for the client.
   *
   * @param world Where its time comes from: a `Sim`, or a host under this name.
   * @param options What its links are like.
   * @throws {TypeError} If `world` is none, or an option is unknown.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(world: SimWorld, options: SimNetworkOptions = {}) {
    if (typeof world?.platform?.random !== "function") {
      throw new TypeError(
        `Cannot make a network in ${nameOf(world)}: it is no simulation`,
      );
    }
    checkNames(options, NAMES);
    const {
      latency = 0,
      bandwidth = Infinity,
      chunk = Infinity,
      sendBuffer = 65_536,
      connectTimeout = 127_000,
      seed = Math.floor(world.platform.random() * 2 ** 32),
    } = options;
    assertSpan("latency", latency, 0);
    assertSpan("bandwidth", bandwidth, Number.MIN_VALUE);
    assertSpan("chunk", chunk, 1);
    assertSpan("sendBuffer", sendBuffer, 1);
    assertSpan("connectTimeout", connectTimeout, 0);
    this.#options = { latency, bandwidth, chunk, sendBuffer, connectTimeout };
    this.#fabric = new Fabric(
      world.platform,
      seed,
      world.note === undefined ? null : (what) => world.note!(what),
    );
    this.#inside = {
      fabric: this.#fabric,
      connectTimeout,
      hostAt: (address) => this.#byAddress.get(address) ?? null,
      linkOf: (from, to) => this.#link(from, to),
      lookUp: (hostname, done) => this.#lookUp(hostname, done),
    };
    this.#client = this.host("client");
  }

  /** What is open now, on all hosts together. */
  get open(): SimOpen {
    return { sockets: this.#fabric.open, operations: this.#fabric.operations };
  }

  /** How many messages have arrived and faults have struck so far. */
  get steps(): number {
    return this.#fabric.steps;
  }

  /**
   * The host of a name; it is made when it is first asked for.
   *
   * @param name What it is called, in look-ups too.
   * @param addresses Its IP addresses: one of 10.0.0.0/8 by default.
   * @returns The host: a network as it is seen from there.
   * @throws {TypeError} If it has addresses already, or another host has them.
   */
  host(name: string, addresses?: readonly string[]): SimMachine {
    const there = this.#hosts.get(name);
    if (there !== undefined) {
      if (addresses === undefined) return there;
      throw new TypeError(
        `Cannot make the host ${name}: it is there, at ${there.addresses}`,
      );
    }
    const n = this.#hosts.size + 1;
    const own = addresses ?? [`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`];
    for (const address of own) {
      if (!isIp(address) || this.#byAddress.has(address)) {
        throw new TypeError(
          `Cannot make the host ${name}: ${address} is ${
            isIp(address) ? "another host's" : "no IP address"
          }`,
        );
      }
    }
    const host = machineOf(this.#inside, name, [...own]);
    this.#hosts.set(name, host);
    for (const address of own) this.#byAddress.set(address, host);
    return host;
  }

  /**
   * The link from one host to another, one direction.
   *
   * @param from The name of the host that sends.
   * @param to The name of the host that receives.
   * @returns The link.
   */
  link(from: string, to: string): SimLink {
    return this.#link(from, to);
  }

  #link(from: string, to: string): Link {
    const name = `${from} -> ${to}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      link = new Link(this.#fabric, name, this.#options);
      this.#links.set(name, link);
    }
    return link;
  }

  /**
   * What look-ups of a name answer.
   *
   * @param name The name.
   * @returns Its records.
   */
  dns(name: string): SimDns {
    return this.#dns(name);
  }

  #dns(name: string): Dns {
    let dns = this.#names.get(name);
    if (dns === undefined) {
      dns = new Dns(this.#fabric);
      this.#names.set(name, dns);
    }
    return dns;
  }

  #lookUp(hostname: string, done: (answer: Answer) => void): void {
    const dns = this.#dns(hostname);
    this.#fabric.after(dns.drawLatency(), () => {
      const own = hostname === "localhost"
        ? ["127.0.0.1"]
        : this.#hosts.get(hostname)?.addresses ?? null;
      done(dns.answer(own));
    });
  }

  /** Takes all faults back, on all links and names: what was held goes on. */
  heal(): void {
    for (const link of this.#links.values()) link.heal();
    for (const dns of this.#names.values()) dns.heal();
  }

  /** Connects from the client; see {@linkcode Network}. */
  connect(addr: SocketAddr, done: Completion<RawStream>): () => void {
    return this.#client.connect(addr, done);
  }

  /** Listens on the client; see {@linkcode Network}. */
  listen(addr: SocketAddr, options: { backlog?: number }): RawListener {
    return this.#client.listen(addr, options);
  }

  /** Listens on the client with TLS, as a stand-in; see {@linkcode Network}. */
  listenTls(
    addr: SocketAddr,
    options: ListenTlsOptions,
  ): RawListener<RawTlsStream> {
    return this.#client.listenTls(addr, options);
  }

  /** Connects with a certificate of the client's own; see {@linkcode Network}. */
  connectTls(
    addr: SocketAddr,
    params: TlsParams & TlsIdentity,
    done: Completion<RawTlsStream>,
  ): () => void {
    return this.#client.connectTls(addr, params, done);
  }

  /** Connects to a Unix socket of the client; see {@linkcode Network}. */
  connectUnix(
    path: string,
    done: Completion<RawSocket<UnixAddr>>,
  ): () => void {
    return this.#client.connectUnix(path, done);
  }

  /** Listens on a Unix socket of the client; see {@linkcode Network}. */
  listenUnix(path: string): RawListener<RawSocket<UnixAddr>, UnixAddr> {
    return this.#client.listenUnix(path);
  }

  /** Looks a name up; see {@linkcode Network}. */
  resolve(hostname: string, done: Completion<string[]>): void {
    this.#client.resolve(hostname, done);
  }

  /** Everything may be dialled. */
  mayDial(): boolean {
    return true;
  }
}
