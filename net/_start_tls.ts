import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { AsyncTimer } from "../executor/time/async_timer.ts";
import { sleep } from "../executor/time/sleep.ts";
import { tookTooLong } from "./_classify.ts";
import { Handshake } from "./_handshake.ts";
import type { RawStream, TlsParams } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import { type SocketStream, takeFrom } from "./socket_stream.ts";
import { type TlsStream, tlsStreamOf } from "./tls_stream.ts";

type State =
  | { at: "new" }
  | { at: "handshaking"; handshake: Future<TlsStream> }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

/** Takes the socket out of a stream, and puts TLS on top. */
export class StartTls extends Future<TlsStream> {
  readonly #stream: SocketStream<SocketAddr>;
  readonly #raw: RawStream;
  readonly #params: TlsParams;
  readonly #limit: number;
  readonly #timer: AsyncTimer;
  #state: State = { at: "new" };

  constructor(
    stream: SocketStream<SocketAddr>,
    raw: RawStream,
    params: TlsParams,
    limit: number,
  ) {
    super();
    this.#stream = stream;
    this.#raw = raw;
    this.#params = params;
    this.#limit = limit;
    this.#timer = sleep(limit);
  }

  override poll(cx: Context): Poll<TlsStream> {
    try {
      return this.#walk(cx);
    } catch (error) {
      this.#end("failed");
      throw error;
    }
  }

  #walk(cx: Context): Poll<TlsStream> {
    const address = formatAddr(this.#raw.remoteAddr);
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "new": {
          takeFrom(this.#stream);
          const handshake = new Handshake(
            { at: "tcp", raw: this.#raw, params: this.#params },
            address,
            tlsStreamOf,
          );
          this.#state = { at: "handshaking", handshake };
          continue;
        }
        case "handshaking": {
          const stream = state.handshake.poll(cx);
          if (stream !== Pending) {
            this.#end("completed");
            return stream;
          }
          if (this.#timer.poll(cx) === Pending) return Pending;
          throw tookTooLong("handshake", address, this.#limit);
        }
        case "ended":
          throw new PolledAfterCompletionError("StartTls", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how };
    this.#timer[Symbol.dispose]();
    if (state.at === "handshaking") state.handshake[Symbol.dispose]();
  }

  override inspect(): Inspection {
    return { name: "startTls", waits: formatAddr(this.#raw.remoteAddr) };
  }

  override [Symbol.dispose](): void {
    this.#end("was dropped");
  }
}
