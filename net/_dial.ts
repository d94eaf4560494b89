import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { AsyncTimer } from "../executor/time/async_timer.ts";
import { allFailed, netErrorFrom } from "./_classify.ts";
import { Operation } from "./_operation.ts";
import type { NetError } from "./errors.ts";
import type { Completion } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

/** Where to connect to, and what was ruled out before. */
export interface Targets<A> {
  readonly addrs: readonly A[];
  readonly refused: readonly NetError[];
}

/** Starts an attempt; what it returns hastens its end. */
export type Start<A, R> = (addr: A, done: Completion<R>) => () => void;

interface Attempt<A, R> {
  readonly addr: A;
  readonly operation: Operation<R>;
  readonly giveUp: () => void;
}

/**
 * Connects to one of several addresses, as RFC 8305 has it: the next one is
 * tried when the last has failed, and beside it when that takes long. The first
 * connection that is there is taken.
 */
export class Dial<A extends SocketAddr | UnixAddr, R extends { close(): void }>
  extends Future<R> {
  readonly #address: string;
  readonly #untried: A[];
  readonly #errors: NetError[];
  readonly #start: Start<A, R>;
  readonly #delay: number;
  readonly #stagger: AsyncTimer;
  readonly #live: Attempt<A, R>[] = [];
  #at: "new" | "dialling" | "completed" | "failed" | "was dropped" = "new";

  /** @param address What all of them together are called. */
  constructor(
    address: string,
    targets: Targets<A>,
    start: Start<A, R>,
    delay: number,
  ) {
    super();
    this.#address = address;
    this.#untried = [...targets.addrs];
    this.#errors = [...targets.refused];
    this.#start = start;
    this.#delay = delay;
    this.#stagger = new AsyncTimer(delay);
  }

  override poll(cx: Context): Poll<R> {
    if (this.#at === "new") {
      this.#at = "dialling";
      this.#next();
    } else if (this.#at !== "dialling") {
      throw new PolledAfterCompletionError("Connect", this.#at);
    }
    for (;;) {
      const failures = this.#errors.length;
      const raw = this.#pollAttempts(cx);
      if (raw !== Pending) {
        this.#end("completed");
        return raw;
      }
      if (this.#untried.length === 0) {
        if (this.#live.length > 0) return Pending;
        this.#end("failed");
        throw allFailed(this.#address, this.#errors);
      }
      const isDue = this.#errors.length > failures ||
        this.#stagger.poll(cx) !== Pending;
      if (!isDue) return Pending;
      this.#next();
    }
  }

  #next(): void {
    const addr = this.#untried.shift()!;
    // A socket that arrives when nobody will take it any more is closed.
    const operation = new Operation<R>((raw) => raw.close());
    const done = operation.begin();
    let giveUp = () => {};
    try {
      giveUp = this.#start(addr, done);
    } catch (error) {
      done.reject(error);
    }
    this.#live.push({ addr, operation, giveUp });
    if (this.#untried.length > 0) this.#stagger.reset(this.#delay);
  }

  #pollAttempts(cx: Context): Poll<R> {
    for (let i = 0; i < this.#live.length;) {
      const { addr, operation } = this.#live[i]!;
      let raw: Poll<R>;
      try {
        raw = operation.poll(cx);
      } catch (cause) {
        this.#live.splice(i, 1);
        this.#errors.push(netErrorFrom("connect", formatAddr(addr), cause));
        continue;
      }
      if (raw !== Pending) return raw;
      i++;
    }
    return Pending;
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    if (this.#at !== "new" && this.#at !== "dialling") return;
    this.#at = how;
    this.#stagger[Symbol.dispose]();
    for (const { operation, giveUp } of this.#live.splice(0)) {
      operation.abandon();
      if (operation.isInFlight) giveUp();
    }
  }

  override [Symbol.dispose](): void {
    this.#end("was dropped");
  }
}

/** The families by turns, starting with the first one's: RFC 8305, section 4. */
export function interleave(addrs: readonly SocketAddr[]): SocketAddr[] {
  const isV6 = ({ hostname }: SocketAddr) => hostname.includes(":");
  const first = addrs.length > 0 && isV6(addrs[0]!);
  const ones = addrs.filter((addr) => isV6(addr) === first);
  const others = addrs.filter((addr) => isV6(addr) !== first);
  const mixed: SocketAddr[] = [];
  for (let i = 0; i < Math.max(ones.length, others.length); i++) {
    if (i < ones.length) mixed.push(ones[i]!);
    if (i < others.length) mixed.push(others[i]!);
  }
  return mixed;
}
