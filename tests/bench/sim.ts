import process from "node:process";
import { HttpClient } from "../../net/http/mod.ts";
import {
  dfs,
  explore,
  fifo,
  type Sim,
  type SimMachine,
  SimNetwork,
} from "../../net/sim/mod.ts";
import { TcpListener, TcpStream } from "../../net/mod.ts";
import { atMost } from "./_harness.ts";
import { type Figure, report } from "./_report.ts";
import { Steps } from "../executor/sim/_bodies.ts";

/** What a simulation takes, in processor time: once each, they are long. */
export function sim(): Promise<void> {
  const orders = measure(
    "all orders of 4 tasks of 3 polls, 369,600 runs",
    () => {
      explore({ schedule: dfs() }, (sim) => {
        for (let i = 0; i < 4; i++) sim.spawn(new Steps(3));
      });
    },
  );
  const messages = measure(
    "a network of 20 clients, 1,000,000 messages",
    () => {
      once(function* (sim) {
        const net = new SimNetwork(sim, {
          latency: [1, 50],
          chunk: [1, 100],
          sendBuffer: 500,
        });
        serve(sim, net);
        yield* sim.sleep(1);
        const clients = Array.from(
          { length: 20 },
          () => sim.spawn(() => chat(sim, net)),
        );
        for (const client of clients) yield* client;
      });
    },
  );
  const idle = measure(
    "a day of 32 idle connections, looked at every 30 s",
    () => {
      once(function* (sim) {
        const net = new SimNetwork(sim, { latency: 5 });
        serve(sim, net);
        yield* sim.sleep(1);
        using pool = new DisposableStack();
        for (let i = 0; i < 32; i++) {
          pool.use(yield* TcpStream.connect("server:7", { network: net }));
        }
        for (let ms = 0; ms < 86_400_000; ms += 30_000) {
          yield* sim.sleep(30_000);
        }
      });
    },
  );
  const client = measure(
    "a day of an HttpClient, a request every 10 minutes",
    () => {
      once(function* (sim) {
        const net = new SimNetwork(sim, { latency: 5 });
        const network = net.host("server");
        sim.spawn(() => answer(sim, network), { background: true });
        yield* sim.sleep(1);
        const client = new HttpClient({ network: net });
        for (let ms = 0; ms < 86_400_000; ms += 600_000) {
          const response = yield* client.get("http://server/");
          yield* response.bytes();
          yield* sim.sleep(600_000); // it has rested long enough by then
        }
        client.close();
      });
    },
  );
  report("A simulation, once, in processor time", [
    atMost(orders.name, orders.value, orders.unit, 1000),
    messages,
    idle,
    client,
  ]);
  return Promise.resolve();
}

function measure(name: string, run: () => void): Figure {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return { name, value: (user + system) / 1000, unit: "ms" };
}

type Body = (sim: Sim) => ReturnType<typeof chat>;

function once(body: Body): void {
  explore({ schedule: fifo(), runs: 1, steps: Infinity }, body);
}

/** Answers each read with a response. */
function* answer(sim: Sim, network: SimMachine) {
  const hostname = network.address;
  using listener = TcpListener.bind({ hostname, port: 80, network });
  const bytes = new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  );
  for (;;) {
    const stream = yield* listener.accept();
    sim.spawn(function* () {
      using own = stream;
      const into = new Uint8Array(1024);
      while ((yield* own.read(into)) !== null) yield* own.writeAll(bytes);
    }, { background: true });
  }
}

/** Sends back to each client what it sends. */
function serve(sim: Sim, net: SimNetwork): void {
  const network = net.host("server");
  const hostname = network.address;
  sim.spawn(function* () {
    using listener = TcpListener.bind({ hostname, port: 7, network });
    for (;;) {
      const stream = yield* listener.accept();
      sim.spawn(() => echo(stream), { background: true });
    }
  }, { background: true });
}

function* echo(stream: TcpStream) {
  using own = stream;
  const into = new Uint8Array(64);
  for (let n; (n = yield* own.read(into)) !== null;) {
    yield* own.writeAll(into.subarray(0, n));
  }
}

function* chat(sim: Sim, net: SimNetwork) {
  const bytes = new Uint8Array(64);
  while (net.steps < 1_000_000) {
    using stream = yield* TcpStream.connect("server:7", { network: net });
    for (let i = 0; i < 200; i++) {
      let left = 1 + Math.floor(sim.random() * 64);
      yield* stream.writeAll(bytes.subarray(0, left));
      while (left > 0) left -= (yield* stream.read(bytes)) ?? left;
    }
  }
}
