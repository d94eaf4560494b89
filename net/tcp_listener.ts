import {
  type Context,
  type Future,
  Pending,
  type Poll,
} from "../future/mod.ts";
import { Claim } from "./_claim.ts";
import { netError, netErrorFrom } from "./_classify.ts";
import { denoNetwork } from "./_deno.ts";
import { ledger } from "./_ledger.ts";
import { Operation } from "./_operation.ts";
import { Accept } from "./_slot_futures.ts";
import type { Network, RawListener, RawStream } from "./network.ts";
import { formatAddr, parseListenAddr, type SocketAddr } from "./socket_addr.ts";
import { streamOf, type TcpStream } from "./tcp_stream.ts";

/** Where {@linkcode TcpListener.bind} listens. */
export interface BindOptions {
  /** The address: `127.0.0.1` by default, which only this machine reaches. */
  hostname?: string;
  /** The port; 0 finds a free one. */
  port: number;
  /** How many connections may wait to be accepted; the platform's default. */
  backlog?: number;
  /** Where the socket comes from: the platform by default. */
  network?: Network;
}

/** A peer that is gone before it was accepted is no fault of the listener's. */
const GONE = new Set(["NotConnected", "ConnectionReset", "ConnectionAborted"]);

/**
 * A TCP socket that listens. Mirrors `tokio::net::TcpListener`.
 *
 * Hold it with `using`, so that it is closed whatever happens.
 *
 * @example An echo server for one connection
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { TcpListener, TcpStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   using listener = TcpListener.bind({ port: 0 });
 *   using _server = spawn(co(function* () {
 *     using stream = yield* listener.accept();
 *     const buffer = new Uint8Array(1024);
 *     for (;;) {
 *       const n = yield* stream.read(buffer);
 *       if (n === null) return;
 *       yield* stream.writeAll(buffer.subarray(0, n));
 *     }
 *   }));
 *   using client = yield* TcpStream.connect(listener.addr);
 *   yield* client.writeAll(new Uint8Array([1, 2, 3]));
 *   assertEquals(yield* client.read(new Uint8Array(8)), 3);
 * }));
 * ```
 */
export class TcpListener implements Disposable {
  readonly #raw: RawListener;
  readonly #accepting = new Operation<RawStream>((raw) => raw.close());
  readonly #claim = new Claim("accept", () => formatAddr(this.addr));
  #state: "open" | "closed" = "open";

  private constructor(raw: RawListener) {
    this.#raw = raw;
    ledger.listeners++;
  }

  /**
   * Listens. It is done when this returns, as the platform does it too.
   *
   * @param options Where.
   * @returns The listener.
   * @throws {NetError} With phase `address` if the address is malformed, with
   * phase `listen` if it is in use, not this machine's, or not permitted.
   */
  static bind(options: BindOptions): TcpListener {
    const addr = parseListenAddr(options);
    const network = options.network ?? denoNetwork;
    const { backlog } = options;
    try {
      return new TcpListener(
        network.listen(addr, backlog === undefined ? {} : { backlog }),
      );
    } catch (cause) {
      throw netErrorFrom("listen", formatAddr(addr), cause);
    }
  }

  /** The address that it listens on, with the port that was found for port 0. */
  get addr(): SocketAddr {
    return this.#raw.addr;
  }

  /**
   * Waits for a connection. Peers that were gone before they were accepted are
   * passed over.
   *
   * @param cx Whose waker is called when a connection arrives.
   * @returns The connection.
   * @throws {NetError} If accepting failed, or the listener is closed.
   */
  pollAccept(cx: Context): Poll<TcpStream> {
    for (;;) {
      if (this.#state === "closed") {
        const address = formatAddr(this.addr);
        throw netError("accept", address, "the listener was closed");
      }
      if (this.#accepting.isIdle) this.#raw.accept(this.#accepting.begin());
      let raw: Poll<RawStream>;
      try {
        raw = this.#accepting.poll(cx);
      } catch (cause) {
        if (GONE.has((cause as Error).name)) continue;
        throw netErrorFrom("accept", formatAddr(this.addr), cause);
      }
      if (raw === Pending) return Pending;
      return streamOf(raw);
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
  accept(): Future<TcpStream> {
    return new Accept(this, this.#claim);
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
