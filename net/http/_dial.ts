import {
  type Context,
  Future,
  type Inspection,
  type Poll,
} from "../../future/mod.ts";
import type { ByteStream } from "../byte_stream.ts";
import type { ConnectOptions, ConnectPhase } from "../connect_options.ts";
import { TcpStream } from "../tcp_stream.ts";
import { TlsStream } from "../tls_stream.ts";
import { UnixStream } from "../unix_stream.ts";
import type { Settings } from "./options.ts";
import type { Target } from "./_target.ts";

/** A connection to where a request goes, in the making. */
export class Dial extends Future<ByteStream> {
  readonly #connecting: Future<ByteStream>;
  #phase: ConnectPhase = "connecting";

  /** @param onPhase Is told each phase as it begins. */
  constructor(
    target: Target,
    settings: Settings,
    onPhase: (phase: ConnectPhase) => void,
  ) {
    super();
    this.#connecting = connecting(target, settings, (phase) => {
      this.#phase = phase;
      onPhase(phase);
    });
  }

  /** What is under way, as it stands in an error. */
  get phase(): "resolve" | "connect" | "tls" {
    switch (this.#phase) {
      case "resolving":
        return "resolve";
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
  { hostname, port, secure }: Target,
  { tls, unixSocket, connect }: Settings,
  onPhase: (phase: ConnectPhase) => void,
): Future<ByteStream> {
  if (unixSocket !== undefined) {
    const { network } = connect;
    onPhase("connecting");
    return UnixStream.connect(
      unixSocket,
      network === undefined ? {} : { network },
    );
  }
  const address = { hostname, port };
  const options: ConnectOptions = { ...connect, onPhase };
  return secure
    ? TlsStream.connect(address, { ...options, tls })
    : TcpStream.connect(address, options);
}
