import { co, type Future } from "../../../future/mod.ts";
import { NetError, TcpListener, TcpStream } from "../../../net/mod.ts";
import type { NetSim } from "../../../net/sim/mod.ts";

export type ClientBug = "pooled too early" | "POST retried";

/** Answers each byte with four of the same, and counts how often it did so. */
export function serve(sim: NetSim, done: Map<number, number>): void {
  sim.host("server", function* (host) {
    using listener = TcpListener.bind({
      hostname: host.address,
      port: 7,
      network: host,
    });
    for (;;) {
      const stream = yield* listener.accept();
      sim.spawn(() => answer(stream, done), { background: true });
    }
  });
}

function* answer(stream: TcpStream, done: Map<number, number>) {
  using own = stream;
  const into = new Uint8Array(1);
  try {
    while ((yield* own.read(into)) !== null) {
      const id = into[0]!;
      done.set(id, (done.get(id) ?? 0) + 1);
      yield* own.writeAll(new Uint8Array(4).fill(id));
    }
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
  }
}

/** A client with a pool of connections; with a mistake, or with none. */
export class Client implements Disposable {
  readonly #sim: NetSim;
  readonly #bug: ClientBug | null;
  readonly #idle: TcpStream[] = [];

  constructor(sim: NetSim, bug: ClientBug | null) {
    this.#sim = sim;
    this.#bug = bug;
  }

  /** Asks once, and again if that is safe: the answer, or null. */
  ask(id: number): Future<number[] | null> {
    // deno-lint-ignore no-this-alias
    const client = this;
    return co(function* () {
      for (let attempt = 0; attempt < 2; attempt++) {
        const stream = client.#idle.pop() ??
          (yield* TcpStream.connect("server:7", { network: client.#sim.net }));
        try {
          return yield* client.#exchange(stream, id);
        } catch (error) {
          stream.close();
          if (!(error instanceof NetError)) throw error;
          if (client.#bug !== "POST retried") return null;
        }
      }
      return null;
    });
  }

  *#exchange(stream: TcpStream, id: number) {
    yield* stream.writeAll(new Uint8Array([id]));
    const got: number[] = [];
    const into = new Uint8Array(4);
    while (got.length < 4) {
      const n = yield* stream.read(into.subarray(got.length));
      if (n === null) break;
      got.push(...into.subarray(got.length, got.length + n));
      if (this.#bug === "pooled too early") break;
    }
    if (got.length === 4 || this.#bug === "pooled too early") {
      this.#idle.push(stream);
    } else {
      stream.close();
    }
    return got;
  }

  [Symbol.dispose](): void {
    for (const stream of this.#idle.splice(0)) stream.close();
  }
}
