import { DropErrors } from "../future/_drop.ts";
import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { assertFunction } from "../future/_functions.ts";
import { Future, nameOf } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import type { JoinHandle } from "../executor/join_handle.ts";
import { spawn } from "../executor/spawn.ts";
import { AsyncTimer } from "../executor/time/async_timer.ts";
import { Connection } from "./_connection.ts";
import { checkNames, type Names } from "../future/_option_names.ts";
import {
  checkCount,
  checkFunction,
  checkObject,
  checkTime,
} from "./_options.ts";
import { report } from "./_report.ts";
import { NetError } from "./errors.ts";

/** What accepts streams: a `TcpListener`, a `TlsListener`, a `UnixListener`. */
export interface Acceptor<S> {
  /** Waits for a connection; throws if accepting failed. */
  pollAccept(cx: Context): Poll<S>;
  /** Stops listening. */
  close(): void;
}

/** How {@linkcode serve} serves. */
export interface ServeOptions {
  /** How many connections are served at once; no limit by default. */
  maxConnections?: number;
  /** Milliseconds to wait when the system is short of something, as a range. */
  backoff?: {
    /** After the first failure: 5 by default; doubled with each one more. */
    initial?: number;
    /** At most: 1000 by default. */
    max?: number;
  };
  /**
   * Is told what a handler failed with, and what accepting failed with for a
   * time. Without it, a `NetError` is passed over, since peers come and go, and
   * anything else is reported as the failure of a task is that nobody joins. So
   * is what it throws itself; the server goes on.
   */
  onError?: (error: unknown) => void;
}

const NAMES: Names<ServeOptions> = {
  maxConnections: true,
  backoff: true,
  onError: true,
};

const BACKOFF: Names<NonNullable<ServeOptions["backoff"]>> = {
  initial: true,
  max: true,
};

/** What the system may run out of, and have again in a while. */
const SHORTAGES = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

function isShortage(error: unknown): boolean {
  if (!(error instanceof NetError)) return false;
  return SHORTAGES.has(
    (error.cause as { code?: string } | undefined)?.code ?? "",
  );
}

type State =
  | { at: "accepting" }
  | { at: "backingOff"; timer: AsyncTimer }
  | { at: "draining"; grace: AsyncTimer }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

/**
 * Accepts connections and serves each in a task of its own, until it is told to
 * stop. Made by {@linkcode serve}.
 *
 *     accepting <-> backingOff
 *         |             |   stop
 *         +-------------+---------> draining -> ended
 *
 * Its value is the number of connections that were cut off in the end.
 *
 * Cancel safety: loses data: dropped, it closes the listener and drops all
 * handlers. To let them finish, call {@linkcode Server.stop} and wait for it.
 *
 * @typeParam S The streams that are served.
 */
export class Server<S extends Disposable> extends Future<number> {
  readonly #listener: Acceptor<S>;
  readonly #handler: (stream: S) => Future<unknown>;
  readonly #most: number;
  readonly #longest: number;
  readonly #shortest: number;
  readonly #onError: ((error: unknown) => void) | null;
  readonly #open = new Map<Connection, JoinHandle<void>>();
  #backoff: number;
  #state: State = { at: "accepting" };
  #waker: Waker | null = null;

  private constructor(
    listener: Acceptor<S>,
    handler: (stream: S) => Future<unknown>,
    options: ServeOptions,
  ) {
    checkObject("options of a server", options);
    checkNames(options, NAMES);
    const { backoff = {}, maxConnections = Infinity } = options;
    checkNames(backoff, BACKOFF, "backoff.");
    super();
    this.#listener = listener;
    this.#handler = handler;
    this.#most = maxConnections === Infinity
      ? Infinity
      : checkCount("maxConnections", maxConnections);
    this.#shortest = checkTime("backoff.initial", backoff.initial ?? 5);
    this.#longest = checkTime("backoff.max", backoff.max ?? 1000);
    this.#backoff = this.#shortest;
    this.#onError = checkFunction("onError", options.onError);
  }

  /** How many connections are being served. */
  get connections(): number {
    return this.#open.size;
  }

  /**
   * Accepts, for as long as it is not told to stop, then waits for the handlers.
   *
   * @returns How many connections were cut off.
   * @throws {NetError} If the listener cannot accept any more; then all
   * handlers are dropped.
   */
  override poll(cx: Context): Poll<number> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "accepting": {
          if (this.#open.size >= this.#most) return this.#wait(cx);
          const stream = this.#pollAccept(cx);
          if (stream === Pending) return this.#wait(cx);
          if (stream !== null) this.#serve(stream);
          continue;
        }
        case "backingOff":
          if (state.timer.poll(cx) === Pending) return this.#wait(cx);
          this.#state = { at: "accepting" };
          continue;
        case "draining": {
          const cut = this.#open.size;
          if (cut > 0 && state.grace.poll(cx) === Pending) {
            return this.#wait(cx);
          }
          this.#end("completed");
          return cut;
        }
        case "ended":
          throw new PolledAfterCompletionError("Server", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  /** Who waits for the end of a connection, or to be told to stop. */
  #wait(cx: Context): typeof Pending {
    this.#waker = cx.waker;
    return Pending;
  }

  /** A stream; or `null` if it failed for now. */
  #pollAccept(cx: Context): Poll<S | null> {
    try {
      const stream = this.#listener.pollAccept(cx);
      if (stream !== Pending) this.#backoff = this.#shortest;
      return stream;
    } catch (error) {
      if (!isShortage(error)) {
        const errors = new DropErrors({ error });
        errors.collect(() => this.#end("failed"));
        errors.rethrow();
      }
      this.#state = { at: "backingOff", timer: new AsyncTimer(this.#backoff) };
      this.#backoff = Math.min(2 * this.#backoff, this.#longest);
      if (this.#onError !== null) report(this.#onError, error);
      return null;
    }
  }

  #serve(stream: S): void {
    const connection = new Connection(
      stream,
      () => this.#handler(stream),
      (connection) => this.#closed(connection),
      (error) => this.#failed(error),
    );
    this.#open.set(connection, spawn(connection, { name: "connection" }));
  }

  /** A connection has ended, whichever way. */
  #closed(connection: Connection): void {
    this.#open.delete(connection);
    this.#wake();
  }

  #failed(error: unknown): void {
    if (this.#onError !== null) this.#onError(error);
    else if (!(error instanceof NetError)) throw error;
  }

  #wake(): void {
    const waker = this.#waker;
    this.#waker = null;
    waker?.wake();
  }

  /**
   * Stops accepting, at once, and lets the connections finish. The server ends
   * when they have, or when their time is over, and cuts off those that are
   * left. Called again, it sets the time anew; after the end it does nothing.
   *
   * @param options How many milliseconds they have from now on: `grace`, no
   * limit by default.
   * @throws {TypeError} If `grace` is no number, or an option is unknown.
   * @throws {RangeError} If `grace` is negative or NaN.
   */
  stop(options: { grace?: number } = {}): void {
    checkObject("options of stop", options);
    checkNames(options, { grace: true });
    const grace = checkTime("grace", options.grace);
    this.#release();
    if (this.#state.at === "ended") return;
    this.#state = { at: "draining", grace: new AsyncTimer(grace) };
    this.#listener.close();
    this.#wake();
  }

  /** Says what it is at, and how many connections it serves. */
  override inspect(): Inspection {
    const { at } = this.#state;
    return { name: "serve", waits: `${at}, ${this.#open.size} connections` };
  }

  /** Lets go of the timer of the state. */
  #release(): void {
    const state = this.#state;
    if (state.at === "backingOff") state.timer[Symbol.dispose]();
    if (state.at === "draining") state.grace[Symbol.dispose]();
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    if (this.#state.at === "ended") return;
    this.#release();
    this.#state = { at: "ended", how };
    this.#waker = null;
    const handles = [...this.#open.values()];
    this.#open.clear();
    const errors = new DropErrors();
    errors.collect(() => this.#listener.close());
    for (const handle of handles) {
      errors.collect(() => handle[Symbol.dispose]());
    }
    errors.rethrow();
  }

  /** Closes the listener and drops all handlers. */
  override [Symbol.dispose](): void {
    this.#end("was dropped");
  }
}

// Only `serve` makes servers, whose constructor is private.
const Serving = Server as unknown as new <S extends Disposable>(
  listener: Acceptor<S>,
  handler: (stream: S) => Future<unknown>,
  options: ServeOptions,
) => Server<S>;

/**
 * Serves whoever connects: accepts for ever, and runs a handler for each
 * connection in a task of its own. The stream is closed when its handler ends.
 *
 * A peer that is gone before it was accepted is passed over. When the system is
 * short of something, of open files for example, it waits and tries again, a
 * little longer each time. While as many connections as are allowed are open,
 * the next ones wait in the system's backlog.
 *
 * Cancel safety: loses data: dropped, it closes the listener and drops all
 * handlers; `stop` lets them finish.
 *
 * @param listener What accepts; the server owns it, and closes it when it ends.
 * @param handler Makes the future that serves a stream. It need not close it.
 * @param options Limits, and who hears of errors.
 * @returns The server, a future: spawn it, or run it. It fails if the listener
 * cannot accept any more.
 * @throws {TypeError} If an option is of the wrong type.
 * @throws {RangeError} If a number is out of range.
 *
 * @example Echo
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { serve, TcpListener, TcpStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   const listener = TcpListener.bind({ port: 0 });
 *   const server = serve(listener, (stream) =>
 *     co(function* () {
 *       const buffer = new Uint8Array(1024);
 *       for (let n; (n = yield* stream.read(buffer)) !== null;) {
 *         yield* stream.writeAll(buffer.subarray(0, n));
 *       }
 *     }), { maxConnections: 100 });
 *   using task = spawn(server);
 *
 *   using client = yield* TcpStream.connect(listener.addr);
 *   yield* client.writeAll(new Uint8Array([1, 2, 3]));
 *   assertEquals(yield* client.read(new Uint8Array(8)), 3);
 *   client.close();
 *
 *   server.stop({ grace: 1000 });
 *   assertEquals(yield* task, 0); // none was cut off
 * }));
 * ```
 *
 * @example A proxy that keeps half-closes
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { copyBidirectional } from "@pollen/futures/io";
 * import { serve, TcpListener, TcpStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   const upstream = TcpListener.bind({ port: 0 });
 *   using _upstream = spawn(serve(upstream, (stream) =>
 *     co(function* () {
 *       while ((yield* stream.read(new Uint8Array(64))) !== null);
 *       yield* stream.writeAll(new Uint8Array(42)); // when it has all
 *     })));
 *
 *   const front = TcpListener.bind({ port: 0 });
 *   using _proxy = spawn(serve(front, (client) =>
 *     co(function* () {
 *       using server = yield* TcpStream.connect(upstream.addr, { timeout: 5000 });
 *       yield* copyBidirectional(client, server);
 *     })));
 *
 *   using client = yield* TcpStream.connect(front.addr);
 *   yield* client.writeAll(new Uint8Array(1000));
 *   yield* client.shutdown();
 *   assertEquals(yield* client.read(new Uint8Array(64)), 42);
 * }));
 * ```
 */
export function serve<S extends Disposable>(
  listener: Acceptor<S>,
  handler: (stream: S) => Future<unknown>,
  options: ServeOptions = {},
): Server<S> {
  if (typeof listener?.pollAccept !== "function") {
    throw new TypeError(
      `Cannot serve ${
        nameOf(listener)
      }: it is no listener, it has no pollAccept`,
    );
  }
  assertFunction("serve", handler);
  return new Serving(listener, handler, options);
}
