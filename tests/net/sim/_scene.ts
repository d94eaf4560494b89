import { co, type Future, join } from "../../../future/mod.ts";
import { TcpListener, TcpStream } from "../../../net/mod.ts";
import {
  explore,
  type ExploreOptions,
  fifo,
  type Sim,
  SimNetwork,
  type SimNetworkOptions,
  type SimProgram,
} from "../../../net/sim/mod.ts";

export interface Scene {
  sim: Sim;
  net: SimNetwork;
  /** A connection from the client to "server", and its other end. */
  pair(): Future<{ near: TcpStream; far: TcpStream }>;
  listen(name?: string, port?: number): TcpListener;
  log: string[];
}

export const text = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes);
export const bytes = (text: string): Uint8Array =>
  new TextEncoder().encode(text);

/** What a future comes to, in a word. */
export function* outcome(
  future: Future<unknown>,
): Generator<Future<unknown>, string, unknown> {
  try {
    return String(yield* future);
  } catch (error) {
    const cause = (error as Error).cause as Error | undefined;
    return `${(error as Error).name}: ${
      cause?.name ?? (error as Error).message
    }`;
  }
}

/** Reads to the end; what came. */
export function* readAll(
  stream: TcpStream,
  room = 64,
): Generator<Future<unknown>, string, unknown> {
  const into = new Uint8Array(room);
  const decoder = new TextDecoder(); // a character may come in two pieces
  let all = "";
  for (let n; (n = yield* stream.read(into)) !== null;) {
    all += decoder.decode(into.subarray(0, n), { stream: true });
  }
  return all;
}

/** Explores a scene over a simulated network; its logs, run by run. */
export function scene(
  net: SimNetworkOptions,
  body: (scene: Scene) => SimProgram,
  options: ExploreOptions = { schedule: fifo(), runs: 1 },
): string[][] {
  const logs: string[][] = [];
  explore(options, (sim) => {
    const network = new SimNetwork(sim, net);
    sim.ledger("sockets", () => network.open.sockets);
    sim.ledger("operations", () => network.open.operations);
    const log: string[] = [];
    logs.push(log);
    const listen = (name = "server", port = 0) => {
      const host = network.host(name);
      return TcpListener.bind({ hostname: host.address, port, network: host });
    };
    return body({
      sim,
      net: network,
      log,
      listen,
      pair: () => pairOver(network, listen),
    });
  });
  return logs;
}

function pairOver(network: SimNetwork, listen: () => TcpListener) {
  return co(function* () {
    using listener = listen();
    const [near, far] = yield* join([
      TcpStream.connect(listener.addr, { network }),
      listener.accept(),
    ]);
    return { near: near!, far: far! };
  });
}

/** The log of a scene that has one order alone. */
export function only(logs: string[][]): string[] {
  return logs[0]!;
}
