// What dropping what each export of ./net makes keeps or loses.
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { pollOnce } from "../../executor/sim/mod.ts";
import { type Future, map, Pending } from "../../future/mod.ts";
import { SimpleHttpClient } from "../../net/http/mod.ts";
import {
  cachingResolver,
  lookupHost,
  NetError,
  serve,
  TcpListener,
  TcpStream,
  TlsStream,
  UnixStream,
} from "../../net/mod.ts";
import {
  openStream,
  type ScriptedNetwork,
  ScriptedUnixStream,
} from "./_scripted_network.ts";
import { bytes, text } from "./_sockets.ts";

/** A future over a network, what completes its operations, and its promise. */
export interface Scenario {
  future: Future<unknown>;
  /** What happens between its polls: each brings it one poll further. */
  events: (() => void)[];
  /** Checks what the documentation promises after a drop. */
  afterDrop: () => void;
  /** Closes what the scenario has opened besides. */
  close?: () => void;
}

export interface Row {
  /** Where its documentation is, and how the line below it begins. */
  documented: [file: string, declaration: string];
  claim: "safe" | "loses its place" | "loses data";
  make: (network: ScriptedNetwork) => Scenario;
}

/** Polls until it is ready, letting everything happen that can. */
export function finish<T>(future: Future<T>, events: (() => void)[]): T {
  let value = pollOnce(future);
  while (value === Pending) {
    const event = events.shift();
    assert(event !== undefined, "nothing more happens, and it is not ready");
    event();
    value = pollOnce(future);
  }
  return value;
}

/** Lets an operation complete, unless that has happened already. */
function once(event: () => void): () => void {
  let happened = false;
  return () => {
    if (!happened) event();
    happened = true;
  };
}

export const FUTURES: Record<string, Row> = {
  "TcpStream.connect": {
    documented: ["tcp_stream.ts", "static connect("],
    claim: "safe",
    make: (network) => {
      const connect = () =>
        TcpStream.connect("10.0.0.1:80", { network, timeout: 1000 });
      return {
        future: connect(),
        events: [() => void network.connected()],
        afterDrop() {
          if (network.has("connect")) network.connected();
          for (const { isClosed } of network.sockets) assert(isClosed);
          finish(connect(), [() => void network.connected()]).close();
        },
      };
    },
  },
  "TcpStream.connect, by name": {
    documented: ["tcp_stream.ts", "static connect("],
    claim: "safe",
    make: (network) => {
      const connect = () =>
        TcpStream.connect("example.test:80", {
          network,
          deadlines: { resolve: 1000, connect: 1000 },
        });
      const events = () => [
        () => network.take("resolve").done.resolve(["10.0.0.1", "10.0.0.2"]),
        () => network.take("connect").done.reject(new Error("no")),
        () => void network.connected(),
      ];
      return {
        future: connect(),
        events: events(),
        afterDrop() {
          if (network.has("connect")) network.connected();
          for (const { isClosed } of network.sockets) assert(isClosed);
          network.interrupt();
          finish(connect(), events()).close();
        },
      };
    },
  },
  "TlsStream.connect": {
    documented: ["tls_stream.ts", "static connect("],
    claim: "safe",
    make: (network) => {
      const connect = () => TlsStream.connect("10.0.0.1:443", { network });
      const events = () => [
        () => void network.connected(),
        () => void network.tlsStarted(),
        () => network.take("handshake").done.resolve("h2"),
      ];
      return {
        future: connect(),
        events: events(),
        afterDrop() {
          if (network.has("connect")) network.connected();
          if (network.has("startTls")) network.tlsStarted();
          for (const { isClosed } of network.sockets) assert(isClosed);
          network.interrupt();
          finish(connect(), events()).close();
        },
      };
    },
  },
  "TcpStream.startTls": {
    documented: ["tcp_stream.ts", "startTls("],
    claim: "loses data",
    make: (network) => {
      const { stream } = openStream(network);
      const options = { serverName: "example.test", timeout: 1000 };
      return {
        future: stream.startTls(options),
        events: [
          () => void network.tlsStarted(),
          () => network.take("handshake").done.resolve(null),
        ],
        afterDrop() {
          if (network.log.length === 0) {
            stream.flush()[Symbol.dispose]();
            pollOnce(stream.flush()); // it is still a stream
            return;
          }
          assertThrows(() => pollOnce(stream.flush()), NetError);
          if (network.has("startTls")) network.tlsStarted();
          for (const { isClosed } of network.sockets) assert(isClosed);
        },
        close: () => stream.close(),
      };
    },
  },
  "UnixStream.connect": {
    documented: ["unix_stream.ts", "static connect("],
    claim: "safe",
    make: (network) => {
      const connect = () =>
        UnixStream.connect("/run/x.sock", { network, timeout: 1000 });
      const arrives = () =>
        network.take("connectUnix").done.resolve(
          new ScriptedUnixStream(network),
        );
      return {
        future: connect(),
        events: [arrives],
        afterDrop() {
          if (network.has("connectUnix")) arrives();
          for (const { isClosed } of network.sockets) assert(isClosed);
          finish(connect(), [arrives]).close();
        },
      };
    },
  },
  serve: {
    documented: ["serve.ts", "export function serve<"],
    claim: "loses data",
    make: (network) => {
      const listener = TcpListener.bind({ port: 80, network });
      const server = serve(
        listener,
        (stream) => stream.read(new Uint8Array(1)),
      );
      return {
        future: server,
        events: [
          () =>
            network.take("accept").done.reject(
              Object.assign(new Error("full"), { code: "EMFILE" }),
            ),
          () => server.stop(),
        ],
        afterDrop: () => assert(listener.isClosed),
      };
    },
  },
  cachingResolver: {
    documented: ["resolver.ts", "export function cachingResolver("],
    claim: "safe",
    make: (network) => {
      const resolve = cachingResolver({
        resolver: (name) =>
          map(
            lookupHost(name, { network }),
            (found) => found.map((addr) => addr.hostname),
          ),
      });
      const answers = () => network.take("resolve").done.resolve(["10.0.0.1"]);
      return {
        future: resolve("example.test"),
        events: [answers],
        afterDrop() {
          if (network.has("resolve")) answers();
          assertEquals(finish(resolve("example.test"), [answers]), [
            "10.0.0.1",
          ]);
        },
      };
    },
  },
  "SocketListener.accept": {
    documented: ["socket_listener.ts", "accept("],
    claim: "safe",
    make: (network) => {
      const listener = TcpListener.bind({ port: 80, network });
      const socket = network.socket();
      const arrives = once(() => network.take("accept").done.resolve(socket));
      return {
        future: listener.accept(),
        events: [arrives],
        afterDrop() {
          const stream = finish(listener.accept(), [arrives]);
          assertEquals(socket.isClosed, false, "it went to the next one");
          stream.close();
          assert(socket.isClosed);
        },
        close: () => listener.close(),
      };
    },
  },
  "SocketStream.read": {
    documented: ["socket_stream.ts", "read("],
    claim: "safe",
    make: (network) => {
      const { stream } = openStream(network);
      const arrives = once(() => network.arrives("abc"));
      return {
        future: stream.read(new Uint8Array(2)),
        events: [arrives],
        afterDrop() {
          const into = new Uint8Array(8);
          const n = finish(stream.read(into), [arrives]);
          assertEquals(text(into.subarray(0, n ?? 0)), "abc");
        },
        close: () => stream.close(),
      };
    },
  },
  "SocketStream.write": {
    documented: ["socket_stream.ts", "write("],
    claim: "loses data",
    make: (network) => {
      const { stream } = openStream(network);
      let wire = "";
      const sends = () => {
        if (network.has("write")) wire += network.sends(2);
      };
      return {
        future: stream.write(bytes("aaaa")),
        events: [sends],
        afterDrop() {
          finish(stream.writeAll(bytes("bbbb")), [sends, sends, sends]);
          assertMatch(wire, /^(aa)?bbbb$/);
        },
        close: () => stream.close(),
      };
    },
  },
  "SocketStream.flush": {
    documented: ["socket_stream.ts", "flush("],
    claim: "safe",
    make: (network) => {
      const { stream } = openStream(network);
      using write = stream.writeAll(bytes("a"));
      pollOnce(write);
      write[Symbol.dispose]();
      const sends = once(() => void network.sends());
      return {
        future: stream.flush(),
        events: [sends],
        afterDrop() {
          finish(stream.flush(), [sends]);
          assertEquals(network.has("write"), false);
        },
        close: () => stream.close(),
      };
    },
  },
  "SocketStream.writeAll": {
    documented: ["socket_stream.ts", "writeAll("],
    claim: "loses data",
    make: (network) => {
      const { stream } = openStream(network);
      let wire = "";
      const sends = (n: number) => () => {
        if (network.has("write")) wire += network.sends(n);
      };
      return {
        future: stream.writeAll(bytes("aaaa")),
        events: [sends(1), sends(2), sends(1)],
        afterDrop() {
          const next = stream.writeAll(bytes("bbbb"));
          finish(next, [sends(1), sends(2), sends(4), sends(4), sends(4)]);
          assertMatch(wire, /^a{0,4}bbbb$/);
        },
        close: () => stream.close(),
      };
    },
  },
  "SocketStream.shutdown": {
    documented: ["socket_stream.ts", "shutdown("],
    claim: "safe",
    make: (network) => {
      const { stream } = openStream(network);
      using write = stream.writeAll(bytes("a"));
      pollOnce(write);
      const sends = once(() => void network.sends());
      const shuts = once(() => network.take("closeWrite").done.resolve());
      return {
        future: stream.shutdown(),
        events: [sends, shuts],
        afterDrop() {
          finish(stream.shutdown(), [sends, shuts]);
          const asked = network.log.filter((entry) => entry === "closeWrite");
          assertEquals(asked.length, 1);
        },
        close: () => stream.close(),
      };
    },
  },
  lookupHost: {
    documented: ["lookup_host.ts", "export function lookupHost("],
    claim: "safe",
    make: (network) => {
      const lookup = () => lookupHost("example.test:80", { network });
      const answers = () => network.take("resolve").done.resolve(["10.0.0.1"]);
      return {
        future: lookup(),
        events: [answers],
        afterDrop() {
          if (network.has("resolve")) answers();
          assertEquals(finish(lookup(), [answers]), [
            { hostname: "10.0.0.1", port: 80 },
          ]);
        },
      };
    },
  },
  SimpleHttpClient: {
    documented: [
      "http/simple_http_client.ts",
      "export class SimpleHttpClient ",
    ],
    claim: "loses data",
    make: (network) => {
      const client = new SimpleHttpClient("example.test:80", bytes("abc"), {
        network,
      });
      return {
        future: client,
        events: [
          () => network.take("resolve").done.resolve(["10.0.0.1"]),
          () => void network.connected(),
          () => void network.sends(1),
          () => void network.sends(),
          () => network.arrives("response"),
          () => network.ends(),
        ],
        afterDrop() {
          assertEquals(client.state, "Closed");
          for (const { isClosed } of network.sockets) assert(isClosed);
        },
      };
    },
  },
};

/** What gives no future. */
export const others: string[] = [
  // private, and seen only from here
  "SocketStream.pollFill",
  "SocketStream.takeFrom",
  // errors, and what gives no future
  "ConnectTimeout",
  "ConnectionFailed",
  "ConnectionLost",
  "DnsResolutionFailed",
  "NetError",
  "TlsHandshakeFailed",
  "Server",
  "SocketListener",
  "SocketListener.addr",
  "SocketListener.close",
  "SocketListener.isClosed",
  "SocketListener.pollRaw",
  "SocketListener.ref",
  "SocketListener.unref",
  "SocketStream",
  "SocketStream.assertOpen",
  "SocketStream.close",
  "SocketStream.consume",
  "SocketStream.localAddr",
  "SocketStream.pollFillBuf",
  "SocketStream.pollFlush",
  "SocketStream.pollRead",
  "SocketStream.pollShutdown",
  "SocketStream.pollWrite",
  "SocketStream.ref",
  "SocketStream.remoteAddr",
  "SocketStream.unref",
  "TcpListener",
  "TcpListener.bind",
  "TcpListener.pollAccept",
  "TcpStream",
  "TcpStream.setKeepAlive",
  "TcpStream.setNoDelay",
  "TlsListener",
  "TlsListener.bind",
  "TlsListener.close",
  "TlsListener.pollAccept",
  "TlsStream",
  "UnixListener",
  "UnixListener.bind",
  "UnixListener.pollAccept",
  "UnixStream",
  "openResources",
  "publicOnly",
];
