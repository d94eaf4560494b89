import { co, type Future, map } from "../../../future/mod.ts";
import { SimpleHttpClient } from "../../../net/http/mod.ts";
import {
  cachingResolver,
  lookupHost,
  NetError,
  serve,
  TcpListener,
  TcpStream,
  TlsListener,
  TlsStream,
  UnixListener,
  UnixStream,
} from "../../../net/mod.ts";
import { type NetSim, simCertificate } from "../../../net/sim/mod.ts";
import { FUTURES } from "../../net/_claims.ts";
import { ScriptedNetwork } from "../../net/_scripted_network.ts";
import { bytes } from "../../net/_sockets.ts";
import { Noticed, Owning, type Scene, type Sweep } from "./scene.ts";

/**
 * Each row of the table over its scripted network, the events a millisecond
 * apart; and after a drop, what the row checks then.
 */
const scripted = Object.entries(FUTURES).map(([title, row]): Scene => ({
  of: title,
  title: `${title}, operation by operation`,
  make(sim) {
    const network = new ScriptedNetwork();
    const { future, events, afterDrop, close } = row.make(network);
    const noticed = new Noticed(future);
    sim.spawn(function* () {
      for (const event of events) {
        yield* sim.sleep(1);
        if (noticed.at !== "under way") break;
        event();
      }
      yield* sim.sleep(1);
      if (noticed.at === "was dropped") afterDrop();
      close?.();
      network.interrupt();
    });
    sim.ledger(
      "scripted sockets",
      () => network.sockets.filter(({ isClosed }) => !isClosed).length,
    );
    sim.ledger("scripted operations", () => network.pending.length);
    return noticed;
  },
}));

type Make = (sim: NetSim) => Future<unknown>;

/** A server that sends a little, in two parts, and reads to the end. */
function greet(sim: NetSim): void {
  sim.host("a.test", function* (host) {
    using listener = TcpListener.bind({
      hostname: host.address,
      port: 80,
      network: host,
    });
    for (;;) {
      const stream = yield* listener.accept();
      sim.spawn(talk(stream), { background: true });
    }
  });
}

function talk(stream: TcpStream | TlsStream | UnixStream): Future<void> {
  return co(function* () {
    using own = stream;
    const into = new Uint8Array(2);
    try {
      yield* own.writeAll(bytes("he"));
      yield* own.writeAll(bytes("llo"));
      while ((yield* own.read(into)) !== null);
      yield* own.shutdown();
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  });
}

function greetWithTls(sim: NetSim): void {
  const host = sim.host("s.test");
  const listener = TlsListener.bind({
    hostname: host.address,
    port: 443,
    network: host,
    ...simCertificate(["s.test"]),
  });
  sim.spawn(
    co(function* () {
      using own = listener;
      for (;;) {
        try {
          sim.spawn(talk(yield* own.accept()), { background: true });
        } catch (error) {
          if (!(error instanceof NetError)) throw error;
        }
      }
    }),
    { background: true },
  );
}

function connect(sim: NetSim): Future<TcpStream> {
  return TcpStream.connect("a.test:80", { network: sim.net });
}

/**
 * What is done with a connection, which outlives it: so this is what is dropped,
 * and the connection is closed by its owner.
 */
function connected(use: (stream: TcpStream) => Future<unknown>): Make {
  return (sim) => {
    greet(sim);
    return co(function* () {
      using stream = yield* connect(sim);
      yield* use(stream);
    });
  };
}

const LONG = new Uint8Array(300);

/** Somebody comes after a while, and goes again. */
function caller(sim: NetSim, port: number): void {
  sim.spawn(function* () {
    yield* sim.sleep(2);
    try {
      using _stream = yield* TcpStream.connect(`127.0.0.1:${port}`, {
        network: sim.net,
      });
      yield* sim.sleep(2);
    } catch (error) {
      if (!(error instanceof NetError)) throw error; // nobody listens any more
    }
  });
}

const simulated: Record<string, Make> = {
  "TcpStream.connect": (sim) => {
    greet(sim);
    const at = `${sim.host("a.test").address}:80`;
    return TcpStream.connect(at, { network: sim.net, timeout: 100 });
  },
  "TcpStream.connect, by name": (sim) => {
    greet(sim);
    sim.net.dns("a.test").latency(3);
    return TcpStream.connect("a.test:80", {
      network: sim.net,
      deadlines: { resolve: 100, connect: 100 },
    });
  },
  "TlsStream.connect": (sim) => {
    greetWithTls(sim);
    return TlsStream.connect("s.test:443", { network: sim.net });
  },
  "TcpStream.startTls": (sim) => {
    greetWithTls(sim);
    return co(function* () {
      using stream = yield* TcpStream.connect("s.test:443", {
        network: sim.net,
      });
      using _secure = yield* stream.startTls({ serverName: "s.test" });
    });
  },
  "UnixStream.connect": (sim) => {
    const listener = UnixListener.bind({ path: "/run/x", network: sim.net });
    sim.spawn(
      co(function* () {
        using own = listener;
        for (;;) {
          sim.spawn(talk(yield* own.accept()), { background: true });
        }
      }),
      { background: true },
    );
    return UnixStream.connect("/run/x", { network: sim.net });
  },
  serve: (sim) => {
    const listener = TcpListener.bind({ port: 80, network: sim.net });
    const server = serve(listener, (stream) => stream.read(new Uint8Array(1)));
    caller(sim, 80);
    sim.spawn(function* () {
      yield* sim.sleep(4);
      server.stop();
    });
    return server;
  },
  cachingResolver: (sim) => {
    sim.host("a.test");
    sim.net.dns("a.test").latency(3);
    const resolve = cachingResolver({
      resolver: (name) =>
        map(
          lookupHost(name, { network: sim.net }),
          (found) => found.map((addr) => addr.hostname),
        ),
    });
    return resolve("a.test");
  },
  "SocketListener.accept": (sim) => {
    const listener = TcpListener.bind({ port: 80, network: sim.net });
    caller(sim, 80);
    return new Owning(new Noticed(listener.accept()), listener);
  },
  "SocketStream.read": connected((stream) => stream.read(new Uint8Array(8))),
  "SocketStream.write": connected((stream) => stream.write(LONG)),
  "SocketStream.writeAll": connected((stream) => stream.writeAll(LONG)),
  "SocketStream.flush": connected((stream) =>
    co(function* () {
      yield* stream.write(LONG);
      yield* stream.flush();
    })
  ),
  "SocketStream.shutdown": connected((stream) => stream.shutdown()),
  lookupHost: (sim) => {
    sim.host("a.test");
    sim.net.dns("a.test").latency(3);
    return lookupHost("a.test:80", { network: sim.net });
  },
  SimpleHttpClient: (sim) => {
    sim.host("a.test", function* (host) {
      using listener = TcpListener.bind({
        hostname: host.address,
        port: 80,
        network: host,
      });
      using stream = yield* listener.accept();
      yield* stream.read(new Uint8Array(8));
      yield* stream.writeAll(bytes("HTTP/1.0 200 OK\r\n\r\nbody"));
    });
    return new SimpleHttpClient("a.test:80", bytes("GET / HTTP/1.0\r\n\r\n"), {
      network: sim.net,
    });
  },
};

export const sweep: Sweep = {
  claims: Object.keys(FUTURES),
  left: {},
  scenes: [
    ...scripted,
    ...Object.entries(simulated).map(([title, make]): Scene => ({
      of: title,
      title,
      make: (sim) => new Noticed(make(sim)),
      options: { net: { latency: 1, chunk: [1, 64], sendBuffer: 128 } },
    })),
  ],
};
