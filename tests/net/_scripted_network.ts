import { assert, assertEquals } from "@std/assert";
import { pollOnce } from "../../executor/sim/mod.ts";
import { Pending } from "../../future/mod.ts";
import {
  type Completion,
  type Network,
  openResources,
  type RawListener,
  type RawSocket,
  type RawStream,
  type RawTlsStream,
  type SocketAddr,
  TcpStream,
  type TlsIdentity,
  type TlsParams,
  type UnixAddr,
} from "../../net/mod.ts";
import { formatAddr } from "../../net/socket_addr.ts";

/** An operation that was started, and that the test completes when it likes. */
export type Call =
  | { op: "resolve"; hostname: string; done: Completion<string[]> }
  | { op: "connect"; addr: SocketAddr; done: Completion<RawStream> }
  | {
    op: "connectTls";
    addr: SocketAddr;
    params: TlsParams & TlsIdentity;
    done: Completion<RawTlsStream>;
  }
  | {
    op: "connectUnix";
    path: string;
    done: Completion<RawSocket<UnixAddr>>;
  }
  | { op: "accept"; on: ScriptedListener; done: Completion<RawStream> }
  | {
    op: "startTls";
    on: ScriptedStream;
    params: TlsParams;
    done: Completion<RawTlsStream>;
  }
  | {
    op: "handshake";
    on: ScriptedTlsStream;
    done: Completion<string | null>;
  }
  | {
    op: "read";
    on: ScriptedSocket;
    into: Uint8Array;
    done: Completion<number | null>;
  }
  | {
    op: "write";
    on: ScriptedSocket;
    bytes: Uint8Array;
    done: Completion<number>;
  }
  | { op: "closeWrite"; on: ScriptedSocket; done: Completion<void> };

export type CallOf<O extends Call["op"]> = Extract<Call, { op: O }>;

/**
 * A network in memory that does nothing by itself: it notes what is asked of
 * it, and each operation stays in flight until the test completes it. It holds
 * callers to the contract of `Network`: one read and one write at a time,
 * nothing on a socket that is closed, no socket closed twice.
 */
export class ScriptedNetwork implements Network {
  /** What was asked, in order. */
  readonly log: string[] = [];
  /** What is in flight, oldest first. */
  readonly pending: Call[] = [];
  /** All sockets that were handed out. */
  readonly sockets: ScriptedEnd[] = [];
  /** What is refused; everything may be dialled by default. */
  denied: (addr: SocketAddr) => boolean = () => false;
  /** Is told of each operation as it starts. */
  onCall: ((call: Call) => void) | null = null;
  /** What listening fails with. */
  listenError: Error | null = null;

  connect(addr: SocketAddr, done: Completion<RawStream>): () => void {
    this.start(`connect ${formatAddr(addr)}`, { op: "connect", addr, done });
    return () => this.log.push(`give up ${formatAddr(addr)}`);
  }

  connectTls(
    addr: SocketAddr,
    params: TlsParams & TlsIdentity,
    done: Completion<RawTlsStream>,
  ): () => void {
    const what = `connectTls ${formatAddr(addr)}`;
    this.start(what, { op: "connectTls", addr, params, done });
    return () => this.log.push(`give up ${formatAddr(addr)}`);
  }

  connectUnix(
    path: string,
    done: Completion<RawSocket<UnixAddr>>,
  ): () => void {
    this.start(`connectUnix ${path}`, { op: "connectUnix", path, done });
    return () => this.log.push(`give up ${path}`);
  }

  listen(addr: SocketAddr, options: { backlog?: number }): RawListener {
    const backlog = options.backlog ?? "default";
    this.log.push(`listen ${formatAddr(addr)}, backlog ${backlog}`);
    if (this.listenError !== null) throw this.listenError;
    return new ScriptedListener(this, addr);
  }

  resolve(hostname: string, done: Completion<string[]>): void {
    this.start(`resolve ${hostname}`, { op: "resolve", hostname, done });
  }

  mayDial(addr: SocketAddr): boolean {
    return !this.denied(addr);
  }

  /** Notes an operation that starts. */
  start(what: string, call: Call): void {
    this.log.push(what);
    this.pending.push(call);
    this.onCall?.(call);
  }

  /** Takes the oldest operation of a kind out, to complete it. */
  take<O extends Call["op"]>(op: O): CallOf<O> {
    const at = this.pending.findIndex((call) => call.op === op);
    assert(at >= 0, `no ${op} is in flight; asked so far: ${this.log}`);
    return this.pending.splice(at, 1)[0] as CallOf<O>;
  }

  has(op: Call["op"]): boolean {
    return this.pending.some((call) => call.op === op);
  }

  /** A socket that nobody has been given yet. */
  socket(): ScriptedStream {
    return new ScriptedStream(this);
  }

  /** Completes the oldest connect; the socket that came of it. */
  connected(): ScriptedStream {
    const socket = this.socket();
    this.take("connect").done.resolve(socket);
    return socket;
  }

  /** Puts TLS on the socket whose `startTls` is in flight. */
  tlsStarted(): ScriptedTlsStream {
    const tls = new ScriptedTlsStream(this);
    this.take("startTls").done.resolve(tls);
    return tls;
  }

  /** Completes the oldest read with bytes, which must fit. */
  arrives(bytes: Uint8Array | string): void {
    const { into, done } = this.take("read");
    const given = typeof bytes === "string"
      ? new TextEncoder().encode(bytes)
      : bytes;
    into.set(given);
    done.resolve(given.byteLength);
  }

  /** Completes the oldest read with the end of the stream. */
  ends(): void {
    this.take("read").done.resolve(null);
  }

  /** Completes the oldest write: `n` bytes of it, by default all, were sent. */
  sends(n?: number): string {
    const { bytes, done } = this.take("write");
    const sent = bytes.subarray(0, n);
    const text = new TextDecoder().decode(sent);
    done.resolve(sent.byteLength);
    return text;
  }

  /**
   * Fails what is in flight on closed sockets, and all connects and lookups,
   * as the platform does some time after it was told that nobody wants them.
   */
  interrupt(): void {
    for (const call of this.pending.splice(0)) {
      if (("on" in call) && !call.on.isClosed) this.pending.push(call);
      else call.done.reject(new Deno.errors.Interrupted("operation canceled"));
    }
  }
}

abstract class ScriptedEnd {
  isClosed = false;

  constructor(readonly network: ScriptedNetwork, readonly name: string) {
    network.sockets.push(this);
  }

  close(): void {
    assert(!this.isClosed, `the ${this.name} was closed twice`);
    this.isClosed = true;
    this.network.log.push(`close ${this.name}`);
  }

  protected start(
    what: string,
    call: Extract<Call, { on: unknown }>,
  ): void {
    assert(!this.isClosed, `${what} on a ${this.name} that was closed`);
    const busy = this.network.pending.some((other) =>
      other.op === call.op && other.on === call.on
    );
    assert(!busy, `two operations at once: ${call.op}`);
    this.network.start(what, call);
  }
}

/** What all sockets can do, whatever is on top. */
export abstract class ScriptedSocket extends ScriptedEnd {
  /** Whether a read that waits holds the process. */
  holds = true;

  read(into: Uint8Array, done: Completion<number | null>): void {
    this.start("read", { op: "read", on: this, into, done });
  }

  write(bytes: Uint8Array, done: Completion<number>): void {
    const what = `write ${bytes.byteLength}`;
    this.start(what, { op: "write", on: this, bytes, done });
  }

  closeWrite(done: Completion<void>): void {
    this.start("closeWrite", { op: "closeWrite", on: this, done });
  }

  ref(): void {
    this.holds = true;
  }

  unref(): void {
    this.holds = false;
  }
}

export class ScriptedStream extends ScriptedSocket implements RawStream {
  readonly localAddr: SocketAddr = { hostname: "10.0.0.9", port: 50_000 };
  readonly remoteAddr: SocketAddr;
  /** What the socket was told last, if it was. */
  noDelay: boolean | null = null;
  keepAlive: boolean | null = null;
  /** What setting an option fails with. */
  optionError: Error | null = null;

  constructor(
    network: ScriptedNetwork,
    remoteAddr: SocketAddr = { hostname: "10.0.0.1", port: 80 },
  ) {
    super(network, "socket");
    this.remoteAddr = remoteAddr;
  }

  startTls(params: TlsParams, done: Completion<RawTlsStream>): void {
    this.start("startTls", { op: "startTls", on: this, params, done });
    this.isClosed = true; // to us: the TLS socket has it now
  }

  setKeepAlive(on: boolean): void {
    this.keepAlive = on;
  }

  setNoDelay(on: boolean): void {
    if (this.optionError !== null) throw this.optionError;
    this.noDelay = on;
  }
}

export class ScriptedTlsStream extends ScriptedSocket implements RawTlsStream {
  readonly localAddr: SocketAddr = { hostname: "10.0.0.9", port: 50_000 };
  readonly remoteAddr: SocketAddr = { hostname: "10.0.0.1", port: 80 };

  constructor(network: ScriptedNetwork) {
    super(network, "TLS socket");
  }

  handshake(done: Completion<string | null>): void {
    this.start("handshake", { op: "handshake", on: this, done });
  }
}

export class ScriptedUnixStream extends ScriptedSocket
  implements RawSocket<UnixAddr> {
  readonly localAddr: UnixAddr = { path: null };
  readonly remoteAddr: UnixAddr = { path: "/run/x.sock" };

  constructor(network: ScriptedNetwork) {
    super(network, "Unix socket");
  }
}

export class ScriptedListener extends ScriptedEnd implements RawListener {
  constructor(network: ScriptedNetwork, readonly addr: SocketAddr) {
    super(network, "listener");
  }

  accept(done: Completion<RawStream>): void {
    this.start("accept", { op: "accept", on: this, done });
  }
}

/** A stream that is connected, and the socket below it. */
export function openStream(
  network: ScriptedNetwork,
): { stream: TcpStream; socket: ScriptedStream } {
  const connect = TcpStream.connect("10.0.0.1:80", { network });
  assertEquals(pollOnce(connect), Pending);
  const socket = network.connected();
  const stream = pollOnce(connect);
  assert(stream !== Pending);
  network.log.length = 0;
  return { stream, socket };
}

/**
 * A test over a scripted network. When it is over, and the platform has given
 * up what nobody wants any more, nothing may be open or in flight.
 */
export function scriptedTest(
  name: string,
  body: (network: ScriptedNetwork) => void,
): void {
  Deno.test(name, () => {
    const before = openResources();
    const network = new ScriptedNetwork();
    body(network);
    network.interrupt();
    assertEquals(network.pending, []);
    for (const { isClosed, name } of network.sockets) {
      assert(isClosed, `a ${name} was left open`);
    }
    assertEquals(openResources(), before);
  });
}
