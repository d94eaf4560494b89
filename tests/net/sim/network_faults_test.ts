import { assertEquals } from "@std/assert";
import { spawn } from "../../../executor/mod.ts";
import { timeout } from "../../../executor/time/mod.ts";
import { co, select } from "../../../future/mod.ts";
import { TcpStream } from "../../../net/mod.ts";
import type { SimNetwork } from "../../../net/sim/mod.ts";
import { bytes, only, outcome, readAll, scene, text } from "./_scene.ts";

Deno.test("sim network: faults strike after so many bytes, in their direction", () => {
  const run = (set: (link: ReturnType<SimNetwork["link"]>) => void) =>
    only(scene({ latency: 1 }, function* ({ net, log, pair }) {
      set(net.link("server", "client"));
      const { near, far } = yield* pair();
      using client = near;
      using server = far;
      yield* client.writeAll(bytes("this passes"));
      yield* server.writeAll(bytes("0123456789"));
      let got = "";
      const into = new Uint8Array(64);
      log.push(
        yield* outcome(co(function* () {
          for (let n; (n = yield* timeout(client.read(into), 500)) !== null;) {
            got += text(into.subarray(0, n));
          }
          return "end";
        })),
      );
      log.push(got);
    }));
  assertEquals(run((link) => link.resetAfterBytes(4)), [
    "ConnectionLost: ConnectionReset",
    "0123",
  ]);
  // At the last byte it strikes too, without another one to come.
  assertEquals(run((link) => link.resetAfterBytes(10)), [
    "ConnectionLost: ConnectionReset",
    "0123456789",
  ]);
  assertEquals(run((link) => link.endAfterBytes(7)), ["end", "0123456"]);
  assertEquals(run((link) => link.stallAfterBytes(2))[1], "01");
  assertEquals(
    run((link) => link.stallAfterBytes(2, { lasts: 100 }))[1],
    "0123456789",
  );
  assertEquals(
    run((link) => link.stallAfterBytes(2, { lasts: 9 }).resetAfterBytes(5)),
    ["ConnectionLost: ConnectionReset", "01234"],
  );
});

Deno.test("sim network: faults strike by time, by number and by probability", () => {
  const log = only(scene({}, function* ({ sim, net, log, listen }) {
    using listener = listen("server", 80);
    sim.spawn(function* () {
      for (;;) (yield* listener.accept()).close();
    }, { background: true });
    const link = net.link("client", "server");
    const dial = () =>
      co(function* () {
        try {
          (yield* TcpStream.connect("server:80", { network: net })).close();
          return true;
        } catch {
          return false;
        }
      });
    link.refuse({ from: 10, until: 20 });
    for (const at of [0, 10, 15, 20]) {
      yield* sim.sleep(at - sim.now());
      log.push(`${at}: ${yield* dial()}`);
    }
    link.heal();
    link.refuse({ probability: 0.25 });
    let refused = 0;
    for (let i = 0; i < 1000; i++) if (!(yield* dial())) refused++;
    log.push(`${refused > 200 && refused < 300}`);
    link.heal();
    log.push(`${yield* dial()}`);
  }, { runs: 1, seed: 3 }));
  assertEquals(log, [
    "0: true",
    "10: false",
    "15: false",
    "20: true",
    "true",
    "true",
  ]);
});

Deno.test("sim network: a held link lets nothing through, and everything later, in order; the other way goes on", () => {
  const log = only(scene({ latency: 1 }, function* ({ sim, net, log, pair }) {
    const { near, far } = yield* pair();
    using client = near;
    using server = far;
    const link = net.link("client", "server");
    yield* client.writeAll(bytes("in flight, "));
    link.hold();
    yield* client.writeAll(bytes("held, "));
    yield* client.writeAll(bytes("and more"));
    yield* client.shutdown();
    yield* server.writeAll(bytes("other way"));
    const into = new Uint8Array(64);
    log.push(text(into.subarray(0, (yield* client.read(into))!)));
    const late = yield* select({
      read: server.read(new Uint8Array(9)),
      late: sim.sleep(1000),
    });
    log.push(late.key);
    link.release();
    log.push(`${yield* readAll(server)} at ${sim.now()}`);
  }));
  assertEquals(log, ["other way", "late", "in flight, held, and more at 1004"]);
});

Deno.test("sim network: connecting over a held link goes on when it is released", () => {
  const log = only(scene({ latency: 1 }, function* ({ sim, net, log, listen }) {
    using listener = listen("server", 80);
    for (const [from, to] of [["client", "server"], ["server", "client"]]) {
      const link = net.link(from!, to!);
      link.hold();
      const start = sim.now();
      const dial = spawn(TcpStream.connect("server:80", { network: net }));
      yield* sim.sleep(50);
      link.release();
      using stream = yield* dial;
      log.push(`${stream.remoteAddr.port} after ${sim.now() - start}`);
      (yield* listener.accept()).close();
    }
  }));
  assertEquals(log, ["80 after 52", "80 after 51"]);
});
