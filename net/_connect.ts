import {
  type Context,
  Future,
  type Inspection,
  Pending,
  type Poll,
  PolledAfterCompletionError,
} from "../future/mod.ts";
import { sleep } from "../executor/time/mod.ts";
import { netErrorFrom } from "./_classify.ts";
import { Operation } from "./_operation.ts";
import { ConnectTimeout } from "./errors.ts";
import type { Network, RawStream } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";

type State =
  | { at: "new" }
  | { at: "connecting"; attempt: Operation<RawStream>; giveUp: () => void }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

/** One attempt to connect, and its deadline. */
export class Connect<S> extends Future<S> {
  readonly #network: Network;
  readonly #addr: SocketAddr;
  readonly #timeout: number;
  readonly #deadline: Future<void>;
  readonly #make: (raw: RawStream) => S;
  #state: State = { at: "new" };

  constructor(
    network: Network,
    addr: SocketAddr,
    timeout: number,
    make: (raw: RawStream) => S,
  ) {
    super();
    this.#network = network;
    this.#addr = addr;
    this.#timeout = timeout;
    this.#deadline = sleep(timeout);
    this.#make = make;
  }

  override poll(cx: Context): Poll<S> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "new":
          this.#begin();
          continue;
        case "connecting": {
          let raw: Poll<RawStream>;
          try {
            raw = state.attempt.poll(cx);
          } catch (cause) {
            this.#end("failed");
            throw netErrorFrom("connect", formatAddr(this.#addr), cause);
          }
          if (raw === Pending) return this.#pollDeadline(cx);
          this.#end("completed");
          return this.#make(raw);
        }
        case "ended":
          throw new PolledAfterCompletionError("Connect", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #begin(): void {
    // A socket that arrives when nobody will take it any more is closed.
    const attempt = new Operation<RawStream>((raw) => raw.close());
    const giveUp = this.#network.connect(this.#addr, attempt.begin());
    this.#state = { at: "connecting", attempt, giveUp };
  }

  #pollDeadline(cx: Context): Poll<never> {
    if (this.#deadline.poll(cx) === Pending) return Pending;
    this.#end("failed");
    const address = formatAddr(this.#addr);
    throw new ConnectTimeout(
      `Cannot connect to ${address}: it took more than ${this.#timeout} ms`,
      { phase: "connect", address },
    );
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how };
    this.#deadline[Symbol.dispose]();
    if (state.at === "new") return;
    state.attempt.abandon();
    if (state.attempt.isInFlight) state.giveUp();
  }

  override inspect(): Inspection {
    return { name: "connect", waits: `to ${formatAddr(this.#addr)}` };
  }

  override [Symbol.dispose](): void {
    this.#end("was dropped");
  }
}
