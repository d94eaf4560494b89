import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { AsyncTimer } from "../executor/time/async_timer.ts";
import { sleep } from "../executor/time/sleep.ts";
import { tookTooLong } from "./_classify.ts";
import { Dial, type Targets } from "./_dial.ts";
import type { Pace } from "./_options.ts";
import type { Completion } from "./network.ts";
import type { SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

/** What is different from one kind of connection to another. */
export interface Route<A, R, S> {
  /** What is connected to, for the errors. */
  readonly address: string;
  /** Where to dial: a future of it, if that has to be looked up. */
  targets(): Targets<A> | Future<Targets<A>>;
  /** Starts an attempt; what it returns hastens its end. */
  start(addr: A, done: Completion<R>): () => void;
  /**
   * Makes the stream: a future of it, if there is a handshake yet. The socket
   * is its own from here on, also when it throws.
   */
  finish(raw: R): S | Future<S>;
}

type Limit = "resolve" | "connect" | "handshake";

type State<A, R, S> =
  | { at: "new" }
  | { at: "resolving"; child: Future<Targets<A>> }
  | { at: "connecting"; child: Future<R> }
  | { at: "handshaking"; child: Future<S> }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

/**
 * One connect, phase by phase, each with its deadline and all with another.
 *
 *     new -> resolving -> connecting -> handshaking -> ended
 *      +---------------------^  +--------------------^
 *        nothing to look up       no handshake
 */
export class Connect<
  A extends SocketAddr | UnixAddr,
  R extends { close(): void },
  S extends Disposable,
> extends Future<S> {
  readonly #route: Route<A, R, S>;
  readonly #pace: Pace;
  readonly #total: AsyncTimer | null;
  #phase: AsyncTimer | null = null;
  #state: State<A, R, S> = { at: "new" };

  constructor(route: Route<A, R, S>, pace: Pace) {
    super();
    this.#route = route;
    this.#pace = pace;
    this.#total = timerOf(pace.timeout);
  }

  override poll(cx: Context): Poll<S> {
    try {
      return this.#walk(cx);
    } catch (error) {
      this.#end("failed");
      throw error;
    }
  }

  #walk(cx: Context): Poll<S> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "new": {
          const targets = this.#route.targets();
          if (targets instanceof Future) {
            this.#enter({ at: "resolving", child: targets }, "resolve");
          } else this.#dial(targets);
          continue;
        }
        case "resolving": {
          const targets = state.child.poll(cx);
          if (targets === Pending) return this.#pollDeadlines(cx, "resolve");
          this.#dial(targets);
          continue;
        }
        case "connecting": {
          const raw = state.child.poll(cx);
          if (raw === Pending) return this.#pollDeadlines(cx, "connect");
          const stream = this.#route.finish(raw);
          if (!(stream instanceof Future)) return this.#complete(stream);
          this.#enter({ at: "handshaking", child: stream }, "handshake");
          continue;
        }
        case "handshaking": {
          const stream = state.child.poll(cx);
          if (stream === Pending) return this.#pollDeadlines(cx, "handshake");
          return this.#complete(stream);
        }
        case "ended":
          throw new PolledAfterCompletionError("Connect", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #dial(targets: Targets<A>): void {
    const route = this.#route;
    const child = new Dial<A, R>(
      route.address,
      targets,
      (addr, done) => route.start(addr, done),
      this.#pace.attemptDelay,
    );
    this.#enter({ at: "connecting", child }, "connect");
  }

  #enter(
    next: Exclude<State<A, R, S>, { at: "new" | "ended" }>,
    limit: Limit,
  ): void {
    this.#state = next;
    this.#phase?.[Symbol.dispose]();
    this.#phase = timerOf(this.#pace.deadlines[limit]);
    this.#pace.onPhase(next.at);
  }

  #complete(stream: S): S {
    this.#end("completed");
    try {
      this.#pace.onPhase("connected");
    } catch (error) {
      using _unwanted = stream;
      throw error;
    }
    return stream;
  }

  #pollDeadlines(cx: Context, limit: Limit): Poll<never> {
    const { timeout, deadlines } = this.#pace;
    if (this.#total !== null && this.#total.poll(cx) !== Pending) {
      throw tookTooLong(limit, this.#route.address, timeout);
    }
    if (this.#phase !== null && this.#phase.poll(cx) !== Pending) {
      throw tookTooLong(limit, this.#route.address, deadlines[limit]);
    }
    return Pending;
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how };
    this.#total?.[Symbol.dispose]();
    this.#phase?.[Symbol.dispose]();
    if (state.at !== "new") state.child[Symbol.dispose]();
  }

  override inspect(): Inspection {
    const { at } = this.#state;
    const { address } = this.#route;
    switch (at) {
      case "resolving":
        return { name: "connect", waits: `for the addresses of ${address}` };
      case "handshaking":
        return { name: "connect", waits: `for TLS with ${address}` };
      default:
        return { name: "connect", waits: `to ${address}` };
    }
  }

  override [Symbol.dispose](): void {
    this.#end("was dropped");
  }
}

function timerOf(limit: number): AsyncTimer | null {
  return limit === Infinity ? null : sleep(limit);
}
