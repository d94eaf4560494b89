import { assert, assertEquals, assertThrows } from "@std/assert";
import { co, join, select } from "../../../future/mod.ts";
import { spawn } from "../../../executor/mod.ts";
import { timeout } from "../../../executor/time/mod.ts";
import { lookupHost, TcpListener, TcpStream } from "../../../net/mod.ts";
import { SimNetwork, VirtualClock } from "../../../net/sim/mod.ts";
import { bytes, outcome, readAll, scene, text } from "./_scene.ts";

const only = (logs: string[][]) => logs[0]!;

Deno.test("sim network: connecting takes a round trip, a message one way", () => {
  const log = only(scene({}, function* ({ sim, net, log, listen }) {
    net.link("client", "server").latency(10);
    net.link("server", "client").latency(3);
    using listener = listen();
    const server = spawn(co(function* () {
      using stream = yield* listener.accept();
      log.push(`accepted at ${sim.now()}`);
      log.push(`${yield* readAll(stream)} at ${sim.now()}`);
    }));
    using stream = yield* TcpStream.connect(listener.addr, { network: net });
    log.push(`connected at ${sim.now()}`);
    yield* stream.writeAll(bytes("hello"));
    log.push(`written at ${sim.now()}`);
    yield* stream.shutdown();
    yield* server;
  }));
  assertEquals(log, [
    "accepted at 10",
    "connected at 13",
    "written at 13",
    "hello at 23",
  ]);
});

Deno.test("sim network: bandwidth takes its time, and connections share it", () => {
  const log = only(scene({}, function* ({ sim, net, log, pair }) {
    net.link("client", "server").bandwidth(1000);
    const one = yield* pair();
    const two = yield* pair();
    const send = (which: typeof one, size: number) =>
      co(function* () {
        using near = which.near;
        using far = which.far;
        yield* near.writeAll(new Uint8Array(size));
        const n = yield* far.read(new Uint8Array(1000));
        log.push(`${n} at ${sim.now()}`);
      });
    yield* join([send(one, 100), send(two, 50)]);
  }));
  assertEquals(log, ["100 at 100", "50 at 150"]);
});

Deno.test("sim network: what is sent arrives whole and in order, whatever the latency and the sizes", () => {
  scene(
    { latency: [0, 40], chunk: [1, 7], sendBuffer: 20 },
    function* ({ sim, pair }) {
      const { near, far } = yield* pair();
      using client = near;
      using server = far;
      const sent = Array.from({ length: 60 }, () => sim.random()).join();
      const [, got] = yield* join([
        co(function* () {
          yield* client.writeAll(bytes(sent));
          yield* client.shutdown();
        }),
        co(() => readAll(server, 5)),
      ]);
      sim.always("it is the same", got === sent, got);
    },
    { runs: 40 },
  );
});

Deno.test("sim network: a write waits while the peer does not read, and takes what fits", () => {
  const log = only(
    scene({ sendBuffer: 10 }, function* ({ sim, log, pair }) {
      const { near, far } = yield* pair();
      using client = near;
      using server = far;
      const writing = spawn(co(function* () {
        yield* client.writeAll(new Uint8Array(25));
        log.push(`written at ${sim.now()}`);
      }));
      for (const at of [5, 10, 15]) {
        yield* sim.sleep(5);
        const n = yield* server.read(new Uint8Array(8));
        log.push(`read ${n} at ${at}`);
      }
      yield* writing;
    }),
  );
  assertEquals(log, [
    "read 8 at 5", // of the ten that the stream's buffer took
    "read 2 at 10",
    "read 8 at 15",
    "written at 15",
  ]);
});

Deno.test("sim network: a half-closed connection goes on the other way", () => {
  const log = only(scene({ latency: 1 }, function* ({ log, pair }) {
    const { near, far } = yield* pair();
    using client = near;
    using server = far;
    yield* client.writeAll(bytes("question"));
    yield* client.shutdown();
    log.push(yield* readAll(server));
    yield* server.writeAll(bytes("answer"));
    yield* server.shutdown();
    log.push(yield* readAll(client));
    log.push(yield* outcome(client.writeAll(bytes("more"))));
  }));
  assertEquals(log, [
    "question",
    "answer",
    "NetError: Cannot write to 10.0.0.2:49153: the stream was shut down for writing",
  ]);
});

/** The same over the raw sockets: what the platform says, in its own words. */
Deno.test("sim network: the raw socket answers as the platform's does", () => {
  const clock = new VirtualClock();
  const net = new SimNetwork({ platform: clock });
  const log: string[] = [];
  const note = (what: string) => ({
    resolve: (value: unknown) => void log.push(`${what} ${value}`),
    reject: (error: unknown) =>
      void log.push(`${what} ${(error as Error).name}`),
  });
  const pair = () => {
    const host = net.host("server");
    const listener = host.listen({ hostname: host.address, port: 0 }, {});
    const ends: {
      near?: Parameters<typeof use>[0];
      far?: Parameters<typeof use>[0];
    } = {};
    net.connect(listener.addr, {
      resolve: (near) => ends.near = near,
      reject: (error) => {
        throw error;
      },
    });
    listener.accept({ resolve: (far) => ends.far = far, reject: () => {} });
    clock.advance(0);
    listener.close();
    return ends as Required<typeof ends>;
  };
  const use = (
    raw: {
      read(into: Uint8Array, done: ReturnType<typeof note>): void;
      write(bytes: Uint8Array, done: ReturnType<typeof note>): void;
      closeWrite(done: ReturnType<typeof note>): void;
      close(): void;
    },
    ...ops: ("read" | "write" | "closeWrite" | "close")[]
  ) => {
    for (const op of ops) {
      if (op === "read") raw.read(new Uint8Array(4), note(op));
      else if (op === "write") raw.write(new Uint8Array(3), note(op));
      else if (op === "closeWrite") raw.closeWrite(note(op));
      else raw.close();
      if (op !== "close") clock.advance(0);
    }
    clock.advance(0);
    return log.splice(0);
  };
  const cut = () => net.link("client", "server").reset();

  { // RST: the read says it once, then it is the end; what came before comes first
    const { near, far } = pair();
    use(far, "write");
    cut();
    clock.advance(0);
    assertEquals(use(near, "read", "read", "read", "write", "close"), [
      "read 3",
      "read ConnectionReset",
      "read null",
      "write BrokenPipe",
    ]);
    use(far, "close");
  }
  { // RST seen by a write first: a false clean end
    const { near, far } = pair();
    cut();
    clock.advance(0);
    assertEquals(use(near, "write", "read", "closeWrite", "close"), [
      "write ConnectionReset",
      "read null",
      "closeWrite NotConnected",
    ]);
    use(far, "close");
  }
  { // a pending read learns of it at once
    const { near, far } = pair();
    use(near, "read");
    cut();
    assertEquals(use(far, "close"), ["read ConnectionReset"]);
    use(near, "close");
  }
  { // own close
    const { near, far } = pair();
    use(near, "read");
    assertEquals(use(near, "close"), ["read Interrupted"]);
    assertEquals(use(near, "read", "write", "closeWrite"), [
      "read BadResource",
      "write BadResource",
      "closeWrite BadResource",
    ]);
    assertThrows(() => near.close(), Deno.errors.BadResource);
    assertEquals(use(far, "read"), ["read null"]);
    // the first write is taken, and answered with a reset
    assertEquals(use(far, "write", "write", "read", "close"), [
      "write 3",
      "write BrokenPipe",
      "read null",
    ]);
  }
  { // half-close
    const { near, far } = pair();
    assertEquals(use(near, "closeWrite", "write"), [
      "closeWrite undefined",
      "write BrokenPipe",
    ]);
    assertEquals(use(far, "read", "write"), ["read null", "write 3"]);
    assertEquals(use(near, "read", "close"), ["read 3"]);
    use(far, "close");
  }
  { // closeWrite waits behind a stuck write, and close frees both
    net.link("client", "server").sendBuffer(3);
    const { near, far } = pair();
    assertEquals(use(near, "write", "write", "closeWrite"), ["write 3"]);
    assertEquals(use(near, "close"), [
      "write Interrupted",
      "closeWrite Interrupted",
    ]);
    assertEquals(use(far, "read", "read", "close"), ["read 3", "read null"]);
  }
  assertEquals(net.open, { sockets: 0, operations: 0 });
});

Deno.test("sim network: a listener answers as the platform's does", () => {
  const clock = new VirtualClock();
  const net = new SimNetwork({ platform: clock });
  const log: string[] = [];
  const note = (what: string) => ({
    resolve: (stream: { close(): void }) => {
      log.push(what);
      stream.close();
    },
    reject: (error: unknown) =>
      void log.push(`${what} ${(error as Error).name}`),
  });
  const host = net.host("server");
  const at = { hostname: host.address, port: 80 };
  const listener = host.listen(at, {});
  assertThrows(() => host.listen(at, {}), Deno.errors.AddrInUse);
  assertThrows(
    () => host.listen({ hostname: "9.9.9.9", port: 80 }, {}),
    Deno.errors.AddrNotAvailable,
  );
  listener.accept(note("first"));
  listener.accept(note("second"));
  clock.advance(0);
  assertEquals(log.splice(0), ["second Busy"]);
  net.link("client", "server").acceptThenReset({ times: 1 });
  net.connect(at, note("connect"));
  clock.advance(0);
  assertEquals(log.splice(0).sort(), ["connect", "first NotConnected"]);
  listener.accept(note("third"));
  listener.close();
  listener.accept(note("fourth"));
  clock.advance(0);
  assertEquals(log.splice(0), ["third BadResource", "fourth BadResource"]);
  assertThrows(() => listener.close(), Deno.errors.BadResource);
  net.connect(at, note("connect"));
  clock.advance(0);
  assertEquals(log.splice(0), ["connect ConnectionRefused"]);
  host.listen(at, {}).close(); // the port is free again
  assertEquals(net.open, { sockets: 0, operations: 0 });
});

Deno.test("sim network: connections that nobody has accepted are reset with the listener", () => {
  const log = only(scene({ latency: 1 }, function* ({ log, net, listen }) {
    const listener = listen();
    using stream = yield* TcpStream.connect(listener.addr, { network: net });
    listener.close();
    log.push(yield* outcome(stream.read(new Uint8Array(1))));
  }));
  assertEquals(log, ["ConnectionLost: ConnectionReset"]);
});

Deno.test("sim network: a full backlog makes the next one wait", () => {
  const log = only(scene({}, function* ({ sim, net, log }) {
    const host = net.host("server");
    using listener = TcpListener.bind({
      hostname: host.address,
      port: 80,
      backlog: 1,
      network: host,
    });
    const connect = () =>
      co(function* () {
        using _stream = yield* TcpStream.connect("server:80", { network: net });
        log.push(`connected at ${sim.now()}`);
      });
    const both = spawn(join([connect(), connect()]));
    yield* sim.sleep(500);
    for (let i = 0; i < 2; i++) (yield* listener.accept()).close();
    yield* both;
  }));
  assertEquals(log, ["connected at 0", "connected at 1000"]);
});

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

Deno.test("sim network: loopback is each host's own", () => {
  const log = only(scene({}, function* ({ net, log }) {
    const a = net.host("a");
    using _listener = TcpListener.bind({ port: 80, network: a });
    log.push(
      yield* outcome(co(function* () {
        using stream = yield* TcpStream.connect("localhost:80", { network: a });
        return stream.localAddr.hostname;
      })),
    );
    log.push(yield* outcome(TcpStream.connect("a:80", { network: net })));
    log.push(
      yield* outcome(TcpStream.connect("127.0.0.1:80", { network: net })),
    );
    using _all = TcpListener.bind({
      hostname: "0.0.0.0",
      port: 81,
      network: a,
    });
    using stream = yield* TcpStream.connect("a:81", { network: net });
    log.push(stream.localAddr.hostname);
  }));
  assertEquals(log, [
    "127.0.0.1",
    "ConnectionFailed: ConnectionRefused",
    "ConnectionFailed: ConnectionRefused",
    "10.0.0.1",
  ]);
});

Deno.test("sim network: what makes no sense is refused", () => {
  const world = { platform: new VirtualClock() };
  for (
    const options of [
      { latency: -1 },
      { latency: [5, 1] as const },
      { bandwidth: 0 },
      { chunk: 0 },
      { sendBuffer: NaN },
      { connectTimeout: -1 },
    ]
  ) {
    assertThrows(() => new SimNetwork(world, options), RangeError);
  }
  const net = new SimNetwork(world);
  const link = net.link("a", "b");
  assertThrows(() => link.latency([2, 1]), RangeError);
  assertThrows(() => link.bandwidth(-1), RangeError);
  assertThrows(() => link.resetAfterBytes(-1), RangeError);
  assertThrows(() => link.stallAfterBytes(1, { lasts: -1 }), RangeError);
  assertThrows(() => link.refuse({ probability: 2 }), RangeError);
  assertThrows(() => link.refuse({ times: -1 }), RangeError);
  assertThrows(() => link.refuse({ from: 5, until: 4 }), RangeError);
  assertThrows(() => net.host("x", ["not an address"]), TypeError);
  net.host("y", ["10.1.1.1"]);
  assertThrows(() => net.host("z", ["10.1.1.1"]), TypeError, "another host's");
  assertThrows(() => net.host("y", ["10.1.1.2"]), TypeError, "it is there");
});
