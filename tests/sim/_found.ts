// What simulations have found in Pollen, each with what shows it at its simplest.
import type { Future } from "../../future/mod.ts";
import { HttpError } from "../../net/http/mod.ts";
import { TcpListener, TcpStream } from "../../net/mod.ts";
import {
  httpFixture,
  type NetSim,
  type SimTestOptions,
} from "../../net/sim/mod.ts";

/** A mistake that there was. */
interface Found {
  options: SimTestOptions;
  body(sim: NetSim): Generator<Future<unknown>, void, unknown>;
}

export const found: Record<string, Found> = {
  "a full queue behind a redirect forgot that the server before had acted": {
    options: { net: { latency: [1, 50] } },
    *body(sim) {
      const seen = new Set<string>();
      sim.host(
        "a.test",
        httpFixture(({ target }) => {
          seen.add(target);
          const headers = { location: `http://b.test${target}` };
          return { status: 307, headers };
        }),
      );
      sim.host("b.test", httpFixture("x"));
      const client = sim.client({ pool: { maxPerOrigin: 2, maxQueue: 0 } });
      const tasks = ["/1", "/2", "/3"].map((path) =>
        sim.spawn(function* () {
          yield* sim.sleep(sim.random() * 200);
          try {
            using _response = yield* client.get(`http://a.test${path}`);
          } catch (error) {
            if (!(error instanceof HttpError)) throw error;
            sim.always(
              "it says that a server may have acted",
              error.requestMayHaveBeenProcessed || !seen.has(path),
              String(error),
            );
          }
        })
      );
      for (const task of tasks) yield* task;
    },
  },
  "a response that was dropped outside of tasks rested by another clock": {
    options: { net: { latency: [1, 50], chunk: [1, 30] } },
    *body(sim) {
      sim.host("a.test", httpFixture("x".repeat(1000)));
      const client = sim.client({ pool: { idle: 1000 } });
      const response = yield* client.get("http://a.test/");
      sim.platform.setTimer(1, () => response[Symbol.dispose]());
      yield* sim.sleep(5000);
      const { connections } = client.snapshot();
      sim.always("it was closed in its time", connections.length === 0);
    },
  },
  "messages of one connection overtook each other by a rounding": {
    options: { runs: 200 },
    *body(sim) {
      const { address } = sim.host("a.test", function* (host) {
        using listener = TcpListener.bind({
          hostname: host.address,
          port: 7,
          network: host,
        });
        using stream = yield* listener.accept();
        const into = new Uint8Array(100);
        let next = 0;
        for (let n; (n = yield* stream.read(into)) !== null;) {
          for (const byte of into.subarray(0, n)) {
            sim.always("what comes is what comes next", byte === next++, byte);
          }
        }
      });
      using stream = yield* TcpStream.connect(`${address}:7`, {
        network: sim.net,
      });
      // Times that are no round numbers.
      sim.net.link("client", "a.test").latency([0, 200]).bandwidth(33_333);
      for (let n = 0; n < 200; n++) {
        yield* stream.writeAll(Uint8Array.of(n));
        yield* sim.sleep(sim.random() / 3);
      }
      yield* stream.shutdown();
      yield* sim.sleep(1000);
    },
  },
  "a read that was dropped left its waker with the socket": {
    options: { wakers: { ledger: true }, net: { latency: 1 } },
    *body(sim) {
      const { address } = sim.host("a.test", function* (host) {
        using listener = TcpListener.bind({
          hostname: host.address,
          port: 7,
          network: host,
        });
        using stream = yield* listener.accept();
        yield* sim.sleep(5);
        yield* stream.writeAll(Uint8Array.of(1));
        yield* sim.sleep(20);
      });
      using stream = yield* TcpStream.connect(`${address}:7`, {
        network: sim.net,
      });
      const reading = sim.spawn(stream.read(new Uint8Array(1)));
      yield* sim.sleep(1);
      reading.abort();
      yield* sim.sleep(10); // what has come meanwhile wakes nobody
      const n = yield* stream.read(new Uint8Array(1));
      sim.always("the next one gets it", n === 1, n);
    },
  },
};
