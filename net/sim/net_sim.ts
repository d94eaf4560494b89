import type { Future } from "../../future/future.ts";
import type { Sim } from "../../executor/sim/sim.ts";
import type { HttpClient } from "../http/client.ts";
import type { HttpClientOptions } from "../http/options.ts";
import type { SimMachine } from "./sim_machine.ts";
import type { SimNetwork } from "./sim_network.ts";

/** What runs on a host: it is given the host and the run, and waits with `yield*`. */
export type HostProgram = (
  host: SimMachine,
  sim: NetSim,
) => Generator<Future<unknown>, unknown, unknown>;

/**
 * One run of a simulation with a network: see {@linkcode simTest}.
 *
 * @example Usage
 * ```ts
 * import { type NetSim, simulate } from "@pollen/futures/testing";
 * import { TcpListener, TcpStream } from "@pollen/futures/net";
 *
 * function* echo(sim: NetSim) {
 *   const server = sim.host("a.test", function* (host) {
 *     using listener = TcpListener.bind({
 *       hostname: host.address,
 *       port: 7,
 *       network: host,
 *     });
 *     using stream = yield* listener.accept();
 *     yield* stream.writeAll(new Uint8Array([42]));
 *   });
 *   using stream = yield* TcpStream.connect(`${server.address}:7`, {
 *     network: sim.net,
 *   });
 *   const into = new Uint8Array(1);
 *   yield* stream.read(into);
 *   sim.always("it is the answer", into[0] === 42);
 * }
 * await simulate({ runs: 10 }, echo);
 * ```
 */
export interface NetSim extends Sim {
  /** The network, as it is seen from the host "client". */
  readonly net: SimNetwork;
  /**
   * A host of the network.
   *
   * @param name What it is called, in look-ups too.
   * @param program What runs there, in the background. It runs now until it first
   * waits, so that a server listens when this returns; what it throws until
   * then, this throws. Asked for again, a host may run another one besides.
   * @returns The host.
   */
  host(name: string, program?: HostProgram): SimMachine;
  /**
   * An HTTP client on the host "client"; it is closed when the run ends. It is
   * the one that a program has: where a connection breaks, a request that was the
   * first on it fails, unless `retry` says that it is sent again.
   *
   * @param options As those of `HttpClient`, without the network.
   * @returns The client.
   */
  client(options?: Omit<HttpClientOptions, "network">): HttpClient;
}
