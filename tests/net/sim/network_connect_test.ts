import { assert, assertEquals } from "@std/assert";
import { spawn } from "../../../executor/mod.ts";
import { co, select } from "../../../future/mod.ts";
import { lookupHost, TcpStream } from "../../../net/mod.ts";
import { only, outcome, scene } from "./_scene.ts";

Deno.test("sim network: what connecting comes to", () => {
  const log = only(
    scene(
      { latency: 2, connectTimeout: 5000 },
      function* ({ sim, net, log, listen }) {
        using _listener = listen("server", 80);
        const dial = (address: string) =>
          co(function* () {
            const start = sim.now();
            const how = yield* outcome(
              co(function* () {
                using stream = yield* TcpStream.connect(address, {
                  network: net,
                });
                return `connected to ${stream.remoteAddr.hostname}`;
              }),
            );
            return `${address}: ${how} after ${sim.now() - start}`;
          });
        log.push(yield* dial("server:80"));
        log.push(yield* dial("server:81"));
        log.push(yield* dial("10.0.0.77:80"));
        log.push(yield* dial("nobody.test:80"));
        net.dns("slow.test").latency(300).answers(["10.0.0.2"]);
        log.push(yield* dial("slow.test:80"));
        net.dns("empty.test").answers([]);
        log.push(yield* dial("empty.test:80"));
        net.dns("down.test").answers(["10.0.0.2"]).fails("EAI_AGAIN", {
          times: 1,
        });
        log.push(yield* dial("down.test:80"));
        log.push(yield* dial("down.test:80"));
        net.host("other");
        net.dns("two.test").answers(["10.0.0.3", "10.0.0.2"]);
        log.push(yield* dial("two.test:80"));
        const link = net.link("client", "server");
        link.refuse({ times: 1 });
        log.push(yield* dial("server:80"));
        link.blackhole({ times: 1 });
        log.push(yield* dial("server:80"));
        link.acceptThenReset({ times: 1 });
        log.push(yield* dial("server:80"));
      },
    ),
  );
  assertEquals(log, [
    "server:80: connected to 10.0.0.2 after 4",
    "server:81: ConnectionFailed: ConnectionRefused after 4",
    "10.0.0.77:80: ConnectionFailed: TimedOut after 5000",
    "nobody.test:80: DnsResolutionFailed: Error after 0",
    "slow.test:80: connected to 10.0.0.2 after 304",
    "empty.test:80: DnsResolutionFailed: Cannot resolve empty.test: it has no addresses after 0",
    "down.test:80: DnsResolutionFailed: Error after 0",
    "down.test:80: connected to 10.0.0.2 after 4",
    "two.test:80: connected to 10.0.0.2 after 8",
    "server:80: ConnectionFailed: ConnectionRefused after 4",
    "server:80: ConnectionFailed: TimedOut after 5000",
    "server:80: connected to 10.0.0.2 after 4",
  ]);
});

Deno.test("sim network: a name may answer otherwise each time", () => {
  const log = only(scene({}, function* ({ net, log }) {
    net.dns("moves.test").answers(["10.9.9.1"], ["10.9.9.2"], []);
    for (let i = 0; i < 4; i++) {
      log.push(
        yield* outcome(co(function* () {
          const found = yield* lookupHost("moves.test:1", { network: net });
          return found.map((each) => each.hostname).join();
        })),
      );
    }
    log.push(yield* outcome(lookupHost("nobody.test", { network: net })));
  }));
  assertEquals(log.slice(0, 2), ["10.9.9.1", "10.9.9.2"]);
  assert(log[2]!.includes("it has no addresses"), log[2]);
  assertEquals(log[3], log[2]);
  assertEquals(log[4], "DnsResolutionFailed: Error");
});

Deno.test("sim network: a dropped connect leaves nothing, whether the socket came about or not", () => {
  let late = 0;
  scene({ latency: 10 }, function* ({ sim, net, listen }) {
    using listener = listen("server", 80);
    const dial = spawn(TcpStream.connect("server:80", { network: net }));
    yield* sim.sleep(sim.random() * 20);
    dial.abort();
    // What the server has accepted ends, one way or the other.
    const got = yield* select({
      accepted: listener.accept(),
      none: sim.sleep(100),
    });
    if (got.key === "none") return;
    using stream = got.value;
    const how = yield* outcome(stream.read(new Uint8Array(1)));
    if (how === "null") late++;
    sim.sometimes("it came about, and was closed", how === "null");
    sim.sometimes("it did not", how === "ConnectionLost: ConnectionReset");
  }, { runs: 60 });
  assert(late > 5, `${late}`);
});
