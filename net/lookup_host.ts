import { proceed } from "../future/budget.ts";
import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { netErrorFrom } from "./_classify.ts";
import { checkNames } from "../future/_option_names.ts";
import { Operation } from "./_operation.ts";
import { checkNetwork, checkObject } from "./_options.ts";
import { DnsResolutionFailed } from "./errors.ts";
import type { Network } from "./network.ts";
import { formatHost, isIp, parseHost, type SocketAddr } from "./socket_addr.ts";

/** How {@linkcode lookupHost} looks up. */
export interface LookupOptions {
  /** Who answers: the platform by default. */
  network?: Network;
}

type State =
  | { at: "new" }
  | { at: "resolving"; lookup: Operation<string[]> }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

class LookupHost extends Future<SocketAddr[]> {
  readonly #network: Network;
  readonly #host: SocketAddr;
  #state: State = { at: "new" };

  constructor(network: Network, host: SocketAddr) {
    super();
    this.#network = network;
    this.#host = host;
  }

  override poll(cx: Context): Poll<SocketAddr[]> {
    const { hostname } = this.#host;
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "new": {
          if (isIp(hostname)) {
            if (!proceed(cx)) return Pending;
            this.#state = { at: "ended", how: "completed" };
            return [this.#host];
          }
          const lookup = new Operation<string[]>();
          const done = lookup.begin();
          this.#state = { at: "resolving", lookup };
          try {
            this.#network.resolve(hostname, done);
          } catch (error) {
            done.reject(error);
          }
          continue;
        }
        case "resolving": {
          let found: Poll<string[]>;
          try {
            found = state.lookup.poll(cx);
          } catch (cause) {
            this.#state = { at: "ended", how: "failed" };
            throw netErrorFrom("resolve", formatHost(hostname), cause);
          }
          if (found === Pending) return Pending;
          return this.#found(found);
        }
        case "ended":
          throw new PolledAfterCompletionError("LookupHost", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #found(addresses: string[]): SocketAddr[] {
    const { hostname, port } = this.#host;
    if (addresses.length === 0) {
      this.#state = { at: "ended", how: "failed" };
      throw new DnsResolutionFailed(
        `Cannot resolve ${hostname}: it has no addresses`,
        { phase: "resolve", address: hostname },
      );
    }
    this.#state = { at: "ended", how: "completed" };
    return [...new Set(addresses)].map((each) => ({ hostname: each, port }));
  }

  override inspect(): Inspection {
    return { name: "lookupHost", waits: this.#host.hostname };
  }

  override [Symbol.dispose](): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how: "was dropped" };
    if (state.at === "resolving") state.lookup.abandon();
  }
}

/**
 * Looks a host name up as the operating system does (`getaddrinfo`): the hosts
 * file first, then the name servers. Mirrors `tokio::net::lookup_host`. An IP
 * address is its own answer, without a look-up.
 *
 * It takes a grant for the host without a port, `--allow-net=example.com`; one
 * with a port lets you connect to it, but not look it up.
 *
 * Cancel safety: safe: dropped, the answer is ignored. The operating system
 * cannot be told to stop looking, so `openResources` counts it until it has.
 *
 * @param address A host, or `host:port`. An IPv6 address with a port stands in
 * brackets; without one it need not.
 * @param options Who answers.
 * @returns A future of at least one address, the system's preferred one first,
 * each with the port given, else 0. It fails with `DnsResolutionFailed`.
 * @throws {NetError} If the address is malformed, with phase `address`.
 *
 * @example Usage
 * ```ts
 * import { lookupHost } from "@pollen/futures/net";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(lookupHost("[::1]:80")), [{ hostname: "::1", port: 80 }]);
 * ```
 */
export function lookupHost(
  address: string | SocketAddr,
  options: LookupOptions = {},
): Future<SocketAddr[]> {
  checkObject("options of a lookup", options);
  checkNames(options, { network: true });
  return new LookupHost(checkNetwork(options.network), parseHost(address));
}
