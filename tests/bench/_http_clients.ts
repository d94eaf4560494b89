import { type Peer, peers, server } from "./_http_peers.ts";
import type { Process } from "./_process.ts";
import { print } from "./_report.ts";

/** Milliseconds that a round of one client is to last. */
const ROUND = 120;
const ROUNDS = 5;
/**
 * Milliseconds of the processor for which each warms up before it does a thing for
 * the first time.
 */
const WARM = 1500;
/** The same for a large body, of which a few are many reads. */
const WARM_LARGE = 700;
/** The same when it has done that before: of another size, or over as many more. */
const WARM_AGAIN = 300;

interface Measured {
  wall: number;
  cpu: number;
}

interface Client {
  name: string;
  process: Process;
  /** What it has done before. */
  did: Set<string>;
}

/** All of one client: nanoseconds for each of the things, by round. */
export interface Series {
  name: string;
  wall: number[];
  cpu: number[];
  /** What the server took for each, and what part of the time that was. */
  serverCpu: number[];
  busy: number[];
  /** The most bytes that it held, and how many more than before. */
  peak: number | null;
  grown: number | null;
}

export type Command = { do: string; path: string; connections?: number };

/** The server and the clients, each a process of its own, which do as they are told. */
export class Clients {
  #server!: Process;
  #origin = "";
  readonly #clients = new Map<string, Client>();
  readonly #peers: Map<string, Peer>;

  private constructor(found: Peer[]) {
    this.#peers = new Map(found.map((each) => [each.name, each]));
  }

  static async start(): Promise<Clients> {
    const clients = new Clients(await peers());
    const { name, process } = await server();
    clients.#server = process;
    const { port } = await process.line<{ port: number }>();
    clients.#origin = `http://127.0.0.1:${port}`;
    print(`The server is ${name}.`);
    return clients;
  }

  /**
   * A process of its own for each, from when it is first needed; what comes
   * behind a colon in its name is a way of the same peer's.
   */
  #client(name: string): Client | null {
    const peer = this.#peers.get(name) ??
      this.#peers.get(name.replace(/: .*/, ""));
    if (peer === undefined) return null;
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = { name, process: peer.start(), did: new Set() };
      this.#clients.set(name, client);
    }
    return client;
  }

  async #run(client: Client, command: Command, count: number) {
    const { cpu: before } = await this.#server.ask<{ cpu: number }>({});
    const url = this.#origin + command.path;
    const measured = await client.process.ask<Measured>(
      { ...command, url, count },
    );
    const { cpu } = await this.#server.ask<{ cpu: number }>({});
    return { ...measured, serverCpu: cpu - before };
  }

  /**
   * Rounds of all that are there, in turns. How many requests make a round is
   * found out for each client while it warms up.
   *
   * @param count How often, if that is no matter of time.
   */
  async compare(
    names: readonly string[],
    command: Command | ((name: string) => Command),
    { rounds = ROUNDS, count }: { rounds?: number; count?: number } = {},
  ): Promise<Series[]> {
    const all: {
      client: Client;
      command: Command;
      count: number;
      series: Series;
    }[] = [];
    for (const name of names) {
      const client = this.#client(name);
      if (client === null) continue;
      const own = typeof command === "function" ? command(name) : command;
      const series: Series = {
        name,
        wall: [],
        cpu: [],
        serverCpu: [],
        busy: [],
        peak: null,
        grown: null,
      };
      try {
        const times = await this.#calibrate(client, own, count);
        all.push({ client, command: own, count: times, series });
      } catch (error) {
        print(`  left out: ${name}: it cannot ${own.do}: ${error}`);
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const { client, command, count, series } of all) {
        await client.process.forgetPeak();
        const before = await client.process.peak();
        const { wall, cpu, serverCpu } = await this.#run(
          client,
          command,
          count,
        );
        const peak = await client.process.peak();
        series.wall.push(wall * 1e6 / count);
        series.cpu.push(cpu * 1e6 / count);
        series.serverCpu.push(serverCpu * 1e6 / count);
        series.busy.push(serverCpu / wall);
        if (peak === null || before === null) continue;
        series.peak = Math.max(series.peak ?? 0, peak);
        series.grown = Math.max(series.grown ?? 0, peak - before);
      }
    }
    return all.map(({ series }) => series);
  }

  /**
   * Warms it up; how many make a round. V8 takes its time: what it has compiled
   * by the ten thousandth request is not what it has by the forty thousandth, nor
   * is by the first thousand pieces of a body what is by the fifth.
   */
  async #calibrate(
    client: Client,
    command: Command,
    fixed?: number,
  ): Promise<number> {
    const least = fixed ?? Math.max(command.connections ?? 1, 200);
    let count = least;
    const first = fixed === undefined ? WARM : WARM_LARGE;
    const warm = client.did.has(command.do) ? WARM_AGAIN : first;
    client.did.add(command.do);
    for (let spent = 0; spent < warm;) {
      const { wall, cpu } = await this.#run(client, command, count);
      spent += cpu;
      if (fixed === undefined) {
        count = Math.max(least, Math.round(ROUND * count / wall));
      }
    }
    return count;
  }

  async close(): Promise<void> {
    for (const { process } of this.#clients.values()) {
      await process[Symbol.asyncDispose]();
    }
    await this.#server[Symbol.asyncDispose]();
  }
}
