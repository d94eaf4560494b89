import { assertEquals, assertInstanceOf } from "@std/assert";
import { platformHost } from "../../executor/_host.ts";
import { Executor, type Host, run, spawn } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { join, Pending } from "../../future/mod.ts";
import {
  ConnectTimeout,
  type NetError,
  openResources,
  TcpStream,
  TlsStream,
} from "../../net/mod.ts";
import { bytes, eventually, socketTest, turn } from "./_sockets.ts";
import { listenTls, trusting } from "./_tls.ts";

socketTest(
  "listener: a client that is slow with its handshake holds up nobody",
  async () => {
    using listener = listenTls();
    using slow = await run(TcpStream.connect(listener.addr));
    const [client, server] = await run(join([
      TlsStream.connect(listener.addr, { tls: trusting }),
      listener.accept(),
    ]));
    client.close();
    server.close();
    slow.close();
  },
);

socketTest(
  "listener: a client that never speaks is dropped in its time",
  async () => {
    const errors: NetError[] = [];
    using listener = listenTls({
      handshakeTimeout: 20,
      onHandshakeError: (error) => errors.push(error),
    });
    using _accepting = spawn(listener.accept());
    using silent = await run(TcpStream.connect(listener.addr));
    await eventually("it is told", () => errors.length > 0);
    assertInstanceOf(errors[0], ConnectTimeout);
    assertEquals(errors[0].phase, "handshake");
    assertEquals(errors[0].address, formatted(silent.localAddr));
  },
);

socketTest(
  "listener: what onHandshakeError throws is reported, and the next client is accepted",
  async () => {
    const bad = new Error("bad hook");
    const reported: unknown[] = [];
    const host: Host = Object.create(platformHost, {
      unhandled: { value: (error: unknown) => reported.push(error) },
    });
    using executor = new Executor({ host });
    using listener = listenTls({
      onHandshakeError() {
        throw bad;
      },
    });
    const accepted = executor.run(listener.accept());
    using rude = await run(TcpStream.connect(listener.addr));
    await run(rude.writeAll(bytes("this is no TLS\n\n")));
    await eventually("the hook was called", () => reported.length > 0);
    using _client = await run(
      TlsStream.connect(listener.addr, { tls: trusting }),
    );
    using _server = await accepted;
    assertEquals(reported, [bad]);
  },
);

socketTest(
  "listener: no more handshakes go on at once than it was told",
  async () => {
    const before = openResources().operations;
    using listener = listenTls({ maxHandshakes: 1 });
    using _accepting = spawn(listener.accept());
    using first = await run(TcpStream.connect(listener.addr));
    using second = await run(TcpStream.connect(listener.addr));
    for (let i = 0; i < 50; i++) await turn();
    // One handshake, and no accept beside it.
    assertEquals(openResources().operations, before + 1);
    first.close();
    second.close();
  },
);

socketTest(
  "listener: an accept that is dropped keeps the handshakes for the next",
  async () => {
    using listener = listenTls();
    const client = run(TlsStream.connect(listener.addr, { tls: trusting }));
    for (let done = false; !done;) {
      const accept = listener.accept();
      const server = pollOnce(accept);
      accept[Symbol.dispose]();
      await turn();
      if (server === Pending) continue;
      done = true;
      server.close();
    }
    (await client).close();
  },
);

function formatted({ hostname, port }: { hostname: string; port: number }) {
  return `${hostname}:${port}`;
}
