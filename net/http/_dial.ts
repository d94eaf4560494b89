import { type Context, Future, Pending, type Poll } from "../../future/mod.ts";
import { RequestError } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { Target } from "./_target.ts";
import type { Transport } from "./_transport.ts";
import { TcpStream } from "../tcp_stream.ts";

export type DialPhase =
  | "resolving"
  | "connecting"
  | "handshaking"
  | "connected";

/** A connection to where a request goes, in the making. */
export class Dial extends Future<Transport> {
  readonly #connecting: Future<Transport>;
  #phase: DialPhase = "resolving";

  constructor(
    target: Target,
    settings: Settings,
    onPhase: (phase: DialPhase) => void,
  ) {
    super();
    const { hostname, port } = target;
    const report = (phase: DialPhase) => {
      this.#phase = phase;
      onPhase(phase);
    };
    report("resolving");
    if (target.secure) {
      throw new RequestError("Cannot connect: TLS is not there yet", {
        phase: "tls",
      });
    }
    report("connecting");
    this.#connecting = TcpStream.connect(
      { hostname, port },
      settings.network === undefined ? {} : { network: settings.network },
    ) as unknown as Future<Transport>;
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

  override poll(cx: Context): Poll<Transport> {
    const transport = this.#connecting.poll(cx);
    if (transport === Pending) return Pending;
    return transport;
  }

  override [Symbol.dispose](): void {
    this.#connecting[Symbol.dispose]();
  }
}
