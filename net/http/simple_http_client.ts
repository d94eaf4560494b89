import { checkNames, type Names } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import { PolledAfterCompletionError } from "../../future/errors.ts";
import { Future } from "../../future/future.ts";
import type { Inspection } from "../../future/inspection.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { DropErrors } from "../../future/_drop.ts";
import { lookupToDial } from "../_lookup_to_dial.ts";
import { Accumulator } from "../io/_accumulator.ts";
import type { Network } from "../network.ts";
import { parseAddr, type SocketAddr } from "../socket_addr.ts";
import { TcpStream } from "../tcp_stream.ts";

/** Where a {@linkcode SimpleHttpClient} is on its way. */
export type SimpleHttpState =
  | "Initial"
  | "Resolving"
  | "Connecting"
  | "Writing"
  | "Reading"
  | "Closed";

/** What a {@linkcode SimpleHttpClient} may be given besides. */
export interface SimpleHttpOptions {
  /** Is told each step; see {@linkcode SimpleHttpClient.onTransition}. */
  onTransition?: (from: SimpleHttpState, to: SimpleHttpState) => void;
  /** Where the socket comes from: the platform by default. */
  network?: Network;
}

const NAMES: Names<SimpleHttpOptions> = { onTransition: true, network: true };

/** Each state holds what is needed in it, and nothing else. */
type State =
  | { at: "Initial" }
  | { at: "Resolving"; lookup: Future<SocketAddr[]> }
  | { at: "Connecting"; attempt: Future<TcpStream>; untried: SocketAddr[] }
  | { at: "Writing"; stream: TcpStream; unsent: Uint8Array }
  | { at: "Reading"; stream: TcpStream; response: Accumulator }
  | { at: "Joining"; parts: Generator<void, Uint8Array, void> }
  | { at: "Closed"; how: "completed" | "failed" | "was dropped" };

/**
 * The smallest HTTP client there is: a future that connects, sends the bytes of
 * a request, and completes with all bytes that come back until the server
 * closes. It is the machine to learn this library from; what a response means
 * is left to the reader.
 *
 *     Initial -> Resolving -> Connecting -> Writing -> Reading -> Closed
 *        |           |            |            |          |          ^
 *        +-----------+------------+------------+----------+----------+
 *                        failure, or drop: the socket closes
 *
 * It mirrors the `SimpleHttpClient` that one writes by hand in Rust to see what
 * `async` compiles to. One loop walks through the states: when one is done it
 * goes straight on to the next, and back to the executor only when a child is
 * pending. It has no deadline of its own: put it into a `timeout`.
 *
 * Cancel safety: loses data: dropped in any state it closes the socket, and
 * what was received is gone. The server may have seen the request.
 *
 * @example Usage
 * ```ts
 * import { run, spawn } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { SimpleHttpClient } from "@pollen/futures/http";
 * import { TcpListener } from "@pollen/futures/net";
 * import { assertStringIncludes } from "@std/assert";
 *
 * using listener = TcpListener.bind({ port: 0 });
 * using _server = spawn(co(function* () {
 *   using stream = yield* listener.accept();
 *   yield* stream.read(new Uint8Array(1024));
 *   yield* stream.writeAll(new TextEncoder().encode("HTTP/1.1 204 No Content\r\n\r\n"));
 * }));
 *
 * const request = new TextEncoder().encode(
 *   "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
 * );
 * const client = new SimpleHttpClient(`127.0.0.1:${listener.addr.port}`, request);
 * client.onTransition = (from, to) => console.log(`${from} -> ${to}`);
 * const response = new TextDecoder().decode(await run(client));
 * assertStringIncludes(response, "204 No Content");
 * ```
 */
export class SimpleHttpClient extends Future<Uint8Array> {
  /**
   * Is called at each step, when the new state has been entered. An exception
   * it throws fails the client.
   */
  onTransition: ((from: SimpleHttpState, to: SimpleHttpState) => void) | null;
  readonly #addr: SocketAddr;
  readonly #request: Uint8Array;
  readonly #network: Network | undefined;
  #state: State = { at: "Initial" };

  /**
   * Makes a client. Nothing is done before the first poll.
   *
   * @param address `"host:port"`, IPv6 in brackets.
   * @param requestBytes The request as it goes over the wire. The bytes are not
   * copied: leave them alone until the client is done.
   * @param options A listener for the steps, another network.
   * @throws {NetError} If the address is malformed, with phase `address`.
   * @throws {TypeError} If `requestBytes` is no `Uint8Array`.
   */
  constructor(
    address: string,
    requestBytes: Uint8Array,
    options: SimpleHttpOptions = {},
  ) {
    super();
    if (!(requestBytes instanceof Uint8Array)) {
      throw new TypeError(
        "Cannot make a SimpleHttpClient: the request must be a Uint8Array",
      );
    }
    checkNames(options, NAMES);
    this.#addr = parseAddr(address);
    this.#request = requestBytes;
    this.#network = options.network;
    this.onTransition = options.onTransition ?? null;
  }

  /** Where the client is on its way. */
  get state(): SimpleHttpState {
    return nameOf(this.#state);
  }

  /**
   * Walks as far as it can go now.
   *
   * @returns All bytes of the response, once the server has closed.
   * @throws {DnsResolutionFailed} If the host has no address.
   * @throws {ConnectionFailed} If no address of the host could be connected to:
   * the error of the last one tried.
   * @throws {ConnectionLost} If the connection broke.
   */
  override poll(cx: Context): Poll<Uint8Array> {
    try {
      return this.#walk(cx);
    } catch (error) {
      const errors = new DropErrors({ error });
      errors.collect(() => this.#close("failed"));
      errors.rethrow();
      throw error;
    }
  }

  #walk(cx: Context): Poll<Uint8Array> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "Initial":
          this.#enter({
            at: "Resolving",
            lookup: lookupToDial(this.#addr, this.#network),
          });
          continue;

        case "Resolving": {
          const addresses = state.lookup.poll(cx);
          if (addresses === Pending) return Pending;
          const [first, ...untried] = addresses;
          const attempt = this.#connect(first!); // a lookup finds at least one
          this.#enter({ at: "Connecting", attempt, untried });
          continue;
        }

        case "Connecting": {
          let stream: Poll<TcpStream>;
          try {
            stream = state.attempt.poll(cx);
          } catch (error) {
            const next = state.untried.shift();
            if (next === undefined) throw error;
            state.attempt = this.#connect(next);
            continue;
          }
          if (stream === Pending) return Pending;
          this.#enter({ at: "Writing", stream, unsent: this.#request });
          continue;
        }

        case "Writing": {
          const { stream, unsent } = state;
          if (unsent.byteLength === 0) {
            const response = new Accumulator();
            this.#enter({ at: "Reading", stream, response });
            continue;
          }
          const n = stream.pollWrite(cx, unsent);
          if (n === Pending) return Pending;
          state.unsent = unsent.subarray(n);
          continue;
        }

        case "Reading": {
          const { stream, response } = state;
          // Each read takes a unit of the task's budget: however much is there
          // to be read, the others get their turn.
          const n = stream.pollRead(cx, response.room());
          if (n === Pending) return Pending;
          if (n !== null) {
            response.filled(n);
            continue;
          }
          stream.close();
          this.#enter({ at: "Joining", parts: response.join() });
          continue;
        }

        case "Joining": {
          const part = state.parts.next();
          if (part.done) {
            this.#close("completed");
            return part.value;
          }
          cx.waker.wake(); // a large response is joined a part at a time
          return Pending;
        }

        case "Closed":
          throw new PolledAfterCompletionError("SimpleHttpClient", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  /** Says which state it is in. */
  override inspect(): Inspection {
    return { waits: this.state };
  }

  #connect(addr: SocketAddr): Future<TcpStream> {
    const network = this.#network;
    return TcpStream.connect(addr, network === undefined ? {} : { network });
  }

  #enter(next: State): void {
    const from = this.state;
    this.#state = next;
    const to = this.state;
    if (from !== to) this.onTransition?.(from, to);
  }

  /** Lets go of what the state holds: the one way out of all of them. */
  #close(how: "completed" | "failed" | "was dropped"): void {
    const state = this.#state;
    if (state.at === "Closed") return;
    switch (state.at) {
      case "Resolving":
        state.lookup[Symbol.dispose]();
        break;
      case "Connecting":
        state.attempt[Symbol.dispose]();
        break;
      case "Writing":
      case "Reading":
        state.stream.close();
    }
    this.#enter({ at: "Closed", how });
  }

  /** Closes the socket, whatever the client was doing. */
  override [Symbol.dispose](): void {
    this.#close("was dropped");
  }
}

/** Joining the bytes that were read is no step that the protocol knows of. */
function nameOf(state: State): SimpleHttpState {
  return state.at === "Joining" ? "Reading" : state.at;
}
