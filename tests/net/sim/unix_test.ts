import { assertEquals, assertThrows } from "@std/assert";
import type { Completion, RawSocket, UnixAddr } from "../../../net/mod.ts";
import {
  SimNetwork,
  type SimNetworkOptions,
  VirtualClock,
} from "../../../net/sim/mod.ts";

/** A network whose operations are noted, on the level of the platform. */
function bound(options: SimNetworkOptions = {}) {
  const clock = new VirtualClock();
  const net = new SimNetwork({ platform: clock }, options);
  const log: string[] = [];

  /** Notes what an operation comes to, and gives it back if it is good. */
  const of = <T>(what: string, start: (done: Completion<T>) => void) => {
    let value: T | null = null;
    start({
      resolve: (good) => {
        value = good;
        const shown = typeof good === "object" && good !== null ? "ok" : good;
        log.push(`${what} ${shown}`);
      },
      reject: (error) => void log.push(`${what} ${(error as Error).name}`),
    });
    clock.advance(0);
    return value as T | null;
  };

  const connect = (path: string) =>
    of<RawSocket<UnixAddr>>(
      "connect",
      (done) => void net.connectUnix(path, done),
    );

  return { net, log, of, connect, pass: (ms: number) => clock.advance(ms) };
}

// What is expected here is what the platform answered, on Linux.

Deno.test("sim unix: a socket is there as long as somebody listens", () => {
  const { net, log, connect } = bound();
  connect("/run/s.sock");
  const listener = net.listenUnix("/run/s.sock");
  assertEquals(listener.addr, { path: "/run/s.sock" });
  assertThrows(() => net.listenUnix("/run/s.sock"), Deno.errors.AddrInUse);
  const near = connect("/run/s.sock")!;
  assertEquals([near.localAddr, near.remoteAddr], [
    { path: null },
    { path: "/run/s.sock" },
  ]);
  near.close();
  listener.close();
  connect("/run/s.sock");
  net.listenUnix("/run/s.sock").close();
  assertEquals(log, ["connect NotFound", "connect ok", "connect NotFound"]);
});

Deno.test("sim unix: each host has its own", () => {
  const { net, log, connect } = bound();
  const listener = net.host("server").listenUnix("/s");
  connect("/s");
  assertEquals(log, ["connect NotFound"]);
  listener.close();
});

Deno.test("sim unix: who finds the line full is told so at once", () => {
  const { net, log, connect } = bound();
  const listener = net.listenUnix("/s");
  const all = Array.from({ length: 1024 }, () => connect("/s")!);
  assertEquals(log.splice(0).filter((line) => line !== "connect ok"), []);
  connect("/s");
  assertEquals(log, ["connect WouldBlock"]);
  for (const each of all) each.close();
  listener.close();
});

Deno.test("sim unix: a close with bytes that were not read is a reset", () => {
  for (const unread of [0, 3]) {
    const { net, log, of, connect } = bound();
    const listener = net.listenUnix("/s");
    const near = connect("/s")!;
    const far = of<RawSocket<UnixAddr>>(
      "accept",
      (done) => listener.accept(done),
    )!;
    if (unread > 0) {
      of<number>("write", (done) => near.write(new Uint8Array(unread), done));
    }
    far.close();
    log.length = 0;
    for (let i = 0; i < 2; i++) {
      of<number | null>("read", (done) => near.read(new Uint8Array(4), done));
    }
    assertEquals(log, [
      unread > 0 ? "read ConnectionReset" : "read null",
      "read null",
    ]);
    near.close();
    listener.close();
  }
});

Deno.test("sim unix: the link of the host to itself is what goes wrong", () => {
  const { net, log, connect, pass } = bound({ connectTimeout: 500 });
  const listener = net.listenUnix("/s");
  net.link("client", "client").refuse({ times: 1 }).blackhole({ times: 2 });
  connect("/s");
  connect("/s");
  pass(500);
  const dropped = net.connectUnix("/s", {
    resolve: () => log.push("dropped ok"),
    reject: (error) => log.push(`dropped ${(error as Error).name}`),
  });
  dropped();
  pass(0);
  assertEquals(log, [
    "connect ConnectionRefused",
    "connect TimedOut",
    "dropped Interrupted",
  ]);
  listener.close();
  assertEquals(net.open, { sockets: 0, operations: 0 });
});
