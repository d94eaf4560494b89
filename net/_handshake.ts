import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { netErrorFrom, unsupported } from "./_classify.ts";
import { Operation } from "./_operation.ts";
import type { RawStream, RawTlsStream, TlsParams } from "./network.ts";

type State =
  | { at: "tcp"; raw: RawStream; params: TlsParams }
  | { at: "starting"; start: Operation<RawTlsStream> }
  | { at: "tls"; raw: RawTlsStream }
  | {
    at: "handshaking";
    raw: RawTlsStream;
    handshake: Operation<string | null>;
  }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

/**
 * Agrees on TLS over a socket, and makes a stream of it. The socket is its own
 * from the beginning: dropped, it closes it.
 *
 *     tcp -> starting -> tls -> handshaking -> ended
 *
 * A server, and a client with a certificate, begin at `tls`.
 */
export class Handshake<S> extends Future<S> {
  readonly #address: string;
  readonly #make: (raw: RawTlsStream, alpnProtocol: string | null) => S;
  #state: State;

  constructor(
    from: (State & { at: "tcp" }) | (State & { at: "tls" }),
    address: string,
    make: (raw: RawTlsStream, alpnProtocol: string | null) => S,
  ) {
    super();
    this.#state = from;
    this.#address = address;
    this.#make = make;
  }

  override poll(cx: Context): Poll<S> {
    try {
      return this.#walk(cx);
    } catch (cause) {
      if (this.#state.at === "ended") throw cause;
      this.#end("failed");
      throw netErrorFrom("handshake", this.#address, cause);
    }
  }

  #walk(cx: Context): Poll<S> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "tcp": {
          const { raw, params } = state;
          if (raw.startTls === undefined) {
            throw unsupported("TLS");
          }
          // A TLS socket that comes when nobody waits any more is closed.
          const start = new Operation<RawTlsStream>((late) => late.close());
          const done = start.begin();
          this.#state = { at: "starting", start };
          try {
            raw.startTls(params, done);
          } catch (error) {
            done.reject(error);
          }
          continue;
        }
        case "starting": {
          const raw = state.start.poll(cx);
          if (raw === Pending) return Pending;
          this.#state = { at: "tls", raw };
          continue;
        }
        case "tls": {
          const { raw } = state;
          const handshake = new Operation<string | null>();
          const done = handshake.begin();
          this.#state = { at: "handshaking", raw, handshake };
          try {
            raw.handshake(done);
          } catch (error) {
            done.reject(error);
          }
          continue;
        }
        case "handshaking": {
          const alpnProtocol = state.handshake.poll(cx);
          if (alpnProtocol === Pending) return Pending;
          this.#state = { at: "ended", how: "completed" };
          return this.#make(state.raw, alpnProtocol);
        }
        case "ended":
          throw new PolledAfterCompletionError("Handshake", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #end(how: "failed" | "was dropped"): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how };
    switch (state.at) {
      case "tcp":
      case "tls":
        state.raw.close();
        break;
      case "starting":
        state.start.abandon();
        break;
      case "handshaking":
        state.raw.close();
        state.handshake.abandon();
    }
  }

  override inspect(): Inspection {
    return { name: "TLS handshake", waits: this.#address };
  }

  override [Symbol.dispose](): void {
    this.#end("was dropped");
  }
}
