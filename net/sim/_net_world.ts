import { co } from "../../future/co.ts";
import { Pending } from "../../future/poll.ts";
import { noopWaker } from "../../future/waker.ts";
import type { Natives } from "../../executor/sim/_natives.ts";
import { type Sometimes, World } from "../../executor/sim/_world.ts";
import type { Settings } from "../../executor/sim/options.ts";
import type { SimHost } from "../../executor/sim/sim_host.ts";
import { HttpClient } from "../http/client.ts";
import type { HttpClientOptions } from "../http/options.ts";
import { openResources } from "../open_resources.ts";
import type { HostProgram, NetSim } from "./net_sim.ts";
import type { SimMachine } from "./sim_machine.ts";
import { SimNetwork, type SimNetworkOptions } from "./sim_network.ts";

/** A run with a network; it is made when it is first asked for. */
export class NetWorld extends World implements NetSim {
  readonly #options: SimNetworkOptions;
  #net: SimNetwork | null = null;

  constructor(
    host: SimHost,
    seed: number,
    settings: Settings,
    sometimes: Sometimes,
    natives: Natives,
    options: SimNetworkOptions,
  ) {
    super(host, seed, settings, sometimes, natives);
    this.#options = options;
    const before = openResources();
    for (const what of ["streams", "listeners", "operations"] as const) {
      this.ledger(`open ${what}`, () => openResources()[what] - before[what]);
    }
  }

  get net(): SimNetwork {
    if (this.#net === null) {
      const net = new SimNetwork(this, { seed: this.seed, ...this.#options });
      this.#net = net;
      this.ledger("simulated sockets", () => net.open.sockets);
      this.ledger("simulated operations", () => net.open.operations);
    }
    return this.#net;
  }

  host(name: string, program?: HostProgram): SimMachine {
    const machine = this.net.host(name);
    if (program === undefined) return machine;
    const running = co(() => program(machine, this));
    // Its task asks again, with a waker that wakes.
    if (running.poll({ waker: noopWaker }) === Pending) {
      this.spawn(running, { name, background: true });
    }
    return machine;
  }

  client(options: Omit<HttpClientOptions, "network"> = {}): HttpClient {
    const client = new HttpClient({ ...options, network: this.net });
    this.onEnd(() => client.close());
    this.ledger("connections of a client", () => {
      const { connections, dialling, waiting } = client.snapshot();
      return connections.length + dialling + waiting;
    });
    return client;
  }
}
