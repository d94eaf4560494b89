import type { DropErrors } from "../../future/_drop.ts";
import type { Context } from "../../future/context.ts";
import type { Future } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { LivingFuture } from "../../future/_living.ts";
import type { ByteStream } from "../byte_stream.ts";
import { formatHost } from "../socket_addr.ts";
import type { TcpStream } from "../tcp_stream.ts";
import type { StartTlsOptions, TlsStream } from "../tls_stream.ts";
import { ProtocolError, TransportError } from "./errors.ts";
import { encodeRequest } from "./h1/encode_request.ts";
import { ResponseParser } from "./h1/response_parser.ts";
import type { Proxy } from "./_proxy.ts";
import type { Target } from "./_target.ts";

type State =
  | { at: "connecting"; attempt: Future<TcpStream> }
  | { at: "asking"; stream: TcpStream; unsent: Uint8Array }
  | { at: "listening"; stream: TcpStream; parser: ResponseParser }
  | { at: "securing"; handshake: Future<TlsStream> }
  | { at: "over" };

/**
 * A way through a proxy to a server that speaks TLS (RFC 9110 section 9.3.6): the
 * proxy connects, and from then on passes bytes that it cannot read.
 *
 *     connecting --> asking --> listening --> securing --> over
 */
export class Tunnel extends LivingFuture<ByteStream> {
  readonly #target: Target;
  readonly #proxy: Proxy;
  readonly #tls: StartTlsOptions;
  readonly #onPhase: (
    phase: "tunnelling" | "handshaking" | "connected",
  ) => void;
  #state: State;

  constructor(
    connecting: Future<TcpStream>,
    target: Target,
    proxy: Proxy,
    tls: StartTlsOptions,
    onPhase: (phase: "tunnelling" | "handshaking" | "connected") => void,
  ) {
    super();
    this.#state = { at: "connecting", attempt: connecting };
    this.#target = target;
    this.#proxy = proxy;
    this.#tls = tls;
    this.#onPhase = onPhase;
  }

  protected override advance(cx: Context): Poll<ByteStream> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "connecting": {
          const stream = state.attempt.poll(cx);
          if (stream === Pending) return Pending;
          this.#onPhase("tunnelling");
          this.#state = { at: "asking", stream, unsent: this.#question() };
          continue;
        }
        case "asking": {
          const { stream, unsent } = state;
          if (unsent.byteLength > 0) {
            const n = stream.pollWrite(cx, unsent);
            if (n === Pending) return Pending;
            state.unsent = unsent.subarray(n);
            continue;
          }
          const parser = new ResponseParser({ method: "CONNECT" });
          this.#state = { at: "listening", stream, parser };
          continue;
        }
        case "listening":
          if (this.#listen(cx, state.stream, state.parser) === Pending) {
            return Pending;
          }
          this.#onPhase("handshaking");
          this.#state = {
            at: "securing",
            handshake: state.stream.startTls(this.#tls),
          };
          continue;
        case "securing": {
          const stream = state.handshake.poll(cx);
          if (stream === Pending) return Pending;
          this.#state = { at: "over" };
          this.#onPhase("connected");
          return stream;
        }
        case "over":
          throw new Error("Cannot go on with a tunnel that is over");
        default:
          return state satisfies never;
      }
    }
  }

  #question(): Uint8Array {
    const { hostname, port } = this.#target;
    const target = `${formatHost(hostname)}:${port}`;
    const { authorization } = this.#proxy;
    return encodeRequest({
      method: "CONNECT",
      target,
      host: target,
      fields: authorization === null
        ? []
        : [["Proxy-Authorization", authorization]],
    });
  }

  /** Reads the proxy's answer; interim ones are passed over. */
  #listen(cx: Context, stream: TcpStream, parser: ResponseParser): Poll<void> {
    for (;;) {
      const bytes = stream.pollFillBuf(cx);
      if (bytes === Pending) return Pending;
      if (bytes === null) parser.end();
      else parser.push(bytes);
      for (let event; (event = parser.nextEvent()) !== null;) {
        if (event.type !== "head") continue;
        stream.consume(bytes!.byteLength);
        return this.#accept(event.status, parser);
      }
      stream.consume(bytes!.byteLength); // an end has thrown
    }
  }

  #accept(status: number, parser: ResponseParser): void {
    if (status < 200 || status > 299) {
      throw new TransportError(
        `Cannot go through the proxy ${this.#proxy.origin}: it answered with ${status}`,
        { phase: "proxy" },
      );
    }
    parser.nextEvent(); // the end of the answer
    if (parser.leftover > 0) {
      throw new ProtocolError(
        `Cannot go through the proxy ${this.#proxy.origin}: it sent more than its answer`,
        { phase: "proxy" },
      );
    }
  }

  protected override free(errors: DropErrors): void {
    const state = this.#state;
    this.#state = { at: "over" };
    switch (state.at) {
      case "connecting":
        errors.collect(() => state.attempt[Symbol.dispose]());
        break;
      case "asking":
      case "listening":
        state.stream.close();
        break;
      case "securing":
        errors.collect(() => state.handshake[Symbol.dispose]());
    }
  }
}
