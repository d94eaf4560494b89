import type { Context } from "../future/context.ts";
import type { Future } from "../future/future.ts";
import type { Poll } from "../future/poll.ts";
import { Claim } from "./_claim.ts";
import { netError, netErrorFrom } from "./_classify.ts";
import { ledger } from "./_ledger.ts";
import { Operation } from "./_operation.ts";
import { Accept } from "./_slot_futures.ts";
import type { RawListener } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

/** A peer that is gone before it was accepted is no fault of the listener's. */
const GONE = new Set(["NotConnected", "ConnectionReset", "ConnectionAborted"]);

/**
 * What all sockets that listen have in common. Hold one with `using`, so that
 * it is closed whatever happens.
 *
 * @typeParam S The streams that it accepts.
 * @typeParam R The sockets that the platform gives for them.
 * @typeParam A What its address is.
 */
export abstract class SocketListener<
  S,
  R extends { close(): void } = { close(): void },
  A extends SocketAddr | UnixAddr = SocketAddr | UnixAddr,
> implements Disposable {
  readonly #raw: RawListener<R, A>;
  readonly #accepting = new Operation<R>((raw) => raw.close());
  readonly #claim: Claim;
  #state: "open" | "closed" = "open";

  /** Makes a listener of a socket that listens; its subclasses do. */
  protected constructor(raw: RawListener<R, A>) {
    this.#raw = raw;
    this.#claim = new Claim(
      "accept",
      () => formatAddr(raw.addr),
      (waker) => this.#accepting.forget(waker),
    );
    ledger.listeners++;
  }

  /** The address that it listens on, with the port that was found for port 0. */
  get addr(): A {
    return this.#raw.addr;
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /**
   * Waits for a connection. Peers that were gone before they were accepted are
   * passed over.
   *
   * @param cx Whose waker is called when a connection arrives.
   * @returns The connection.
   * @throws {NetError} If accepting failed, or the listener is closed.
   */
  abstract pollAccept(cx: Context): Poll<S>;

  /** Waits for a connection, as the platform gives it. */
  protected pollRaw(cx: Context): Poll<R> {
    for (;;) {
      if (this.#state === "closed") {
        const address = formatAddr(this.addr);
        throw netError("accept", address, "the listener was closed");
      }
      if (this.#accepting.isIdle) this.#begin();
      try {
        return this.#accepting.poll(cx);
      } catch (cause) {
        if (GONE.has((cause as Error).name)) continue;
        throw netErrorFrom("accept", formatAddr(this.addr), cause);
      }
    }
  }

  #begin(): void {
    const done = this.#accepting.begin();
    try {
      this.#raw.accept(done);
    } catch (error) {
      done.reject(error);
    }
  }

  /**
   * Accepts one connection.
   *
   * Cancel safety: safe: a connection that arrives after the drop goes to the
   * next accept; closing the listener closes it.
   *
   * @returns A future of the stream. It fails with a `NetError` if accepting
   * failed, another accept is waiting, or the listener is closed.
   */
  accept(): Future<S> {
    return new Accept(this, this.#claim);
  }

  /** From now on an accept that waits keeps the process alive: the default. */
  ref(): void {
    if (this.#state === "open") this.#raw.ref?.();
  }

  /** From now on an accept that waits does not keep the process alive. */
  unref(): void {
    if (this.#state === "open") this.#raw.unref?.();
  }

  /**
   * Stops listening. Whoever waits for it is woken, and fails. Idempotent. If an
   * accept was waiting, the port is free again a few turns of the host later.
   */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    ledger.listeners--;
    this.#raw.close();
    this.#accepting.close();
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.close();
  }
}
