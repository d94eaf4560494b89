import { assertEquals, assertThrows } from "@std/assert";
import { spawn } from "../../../executor/mod.ts";
import { co, join } from "../../../future/mod.ts";
import { TcpListener, TcpStream } from "../../../net/mod.ts";
import { SimNetwork, VirtualClock } from "../../../net/sim/mod.ts";
import { only, outcome, scene } from "./_scene.ts";

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
