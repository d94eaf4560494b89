import type { Context } from "../../future/context.ts";
import { Future } from "../../future/future.ts";
import type { Inspection } from "../../future/inspection.ts";
import type { Poll } from "../../future/poll.ts";
import type { ByteStream } from "../byte_stream.ts";
import type { ConnectOptions, ConnectPhase } from "../connect_options.ts";
import { TcpStream } from "../tcp_stream.ts";
import { TlsStream } from "../tls_stream.ts";
import { UnixStream } from "../unix_stream.ts";
import { RequestError } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { Proxy, Route } from "./_proxy.ts";
import type { Target } from "./_target.ts";
import { Tunnel } from "./_tunnel.ts";

/** Where a connection in the making is: as a connect is, or before a proxy. */
export type DialPhase = ConnectPhase | "tunnelling";

/** A connection to where a request goes, in the making. */
export class Dial extends Future<ByteStream> {
  readonly #connecting: Future<ByteStream>;
  #phase: DialPhase = "connecting";

  /** @param onPhase Is told each phase as it begins. */
  constructor(
    target: Target,
    route: Route,
    settings: Settings,
    onPhase: (phase: DialPhase) => void,
  ) {
    super();
    this.#connecting = connecting(target, route, settings, (phase) => {
      this.#phase = phase;
      onPhase(phase);
    });
  }

  /** What is under way, as it stands in an error. */
  get phase(): "resolve" | "connect" | "proxy" | "tls" {
    switch (this.#phase) {
      case "resolving":
        return "resolve";
      case "tunnelling":
        return "proxy";
      case "handshaking":
        return "tls";
      default:
        return "connect";
    }
  }

  override inspect(): Inspection {
    return { waits: this.phase, children: [this.#connecting] };
  }

  override poll(cx: Context): Poll<ByteStream> {
    return this.#connecting.poll(cx);
  }

  override [Symbol.dispose](): void {
    this.#connecting[Symbol.dispose]();
  }
}

function connecting(
  target: Target,
  route: Route,
  settings: Settings,
  onPhase: (phase: DialPhase) => void,
): Future<ByteStream> {
  const { tls, unixSocket, connect } = settings;
  if (unixSocket !== undefined) {
    onPhase("connecting");
    const { network } = connect;
    return UnixStream.connect(
      unixSocket,
      network === undefined ? {} : { network },
    );
  }
  const { hostname, port, secure } = target;
  const options: ConnectOptions = { ...connect, onPhase };
  switch (route.via) {
    case "none":
      return secure
        ? TlsStream.connect({ hostname, port }, { ...options, tls })
        : TcpStream.connect({ hostname, port }, options);
    case "proxy":
      return TcpStream.connect(route.proxy, options);
    case "tunnel":
      return tunnel(target, route.proxy, settings, onPhase);
  }
}

function tunnel(
  target: Target,
  proxy: Proxy,
  { tls, connect }: Settings,
  onPhase: (phase: DialPhase) => void,
): Future<ByteStream> {
  const { cert, key, ...rest } = tls;
  if (cert !== undefined || key !== undefined) {
    throw new RequestError(
      "Cannot use a client certificate through a proxy: the platform shows one only where it connects itself",
      { phase: "proxy" },
    );
  }
  // To the proxy it is connected before it is connected to the server.
  const toProxy = (phase: ConnectPhase) => {
    if (phase !== "connected") onPhase(phase);
  };
  return new Tunnel(
    TcpStream.connect(proxy, { ...connect, onPhase: toProxy }),
    target,
    proxy,
    { ...rest, serverName: tls.serverName ?? target.hostname },
    onPhase,
  );
}
