import { assert, assertEquals, assertRejects } from "@std/assert";
import { run } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { Pending } from "../../future/mod.ts";
import {
  ConnectionFailed,
  openResources,
  TcpListener,
  TcpStream,
  TlsStream,
} from "../../net/mod.ts";
import { CA, CLIENT } from "./_certs.ts";
import { eventually, socketTest } from "./_sockets.ts";

type Connect = (
  options: Deno.ConnectOptions & { signal: AbortSignal },
) => Promise<Deno.TcpConn>;

/** Runs `body` with another `Deno.connect`, which is given the real one. */
async function withConnect(
  make: (real: Connect) => Connect,
  body: () => Promise<void>,
): Promise<void> {
  const real = Deno.connect;
  Object.assign(Deno, { connect: make(real as Connect) });
  try {
    await body();
  } finally {
    Object.assign(Deno, { connect: real });
  }
}

// A race in Deno, made certain: it makes the connection, and then asks the
// signal once more whether to throw the connection away. See `leakproof`.
socketTest(
  "deno: a drop at the moment when Deno could lose the socket closes it",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    const attempt = TcpStream.connect(listener.addr);
    let checks = 0;
    let conn: Deno.TcpConn | undefined;
    const dropAtTheLastCheck = (real: Connect): Connect => (options) => {
      const { signal } = options;
      const last = AbortSignal.any([signal]);
      Object.defineProperty(last, "throwIfAborted", {
        value() {
          if (++checks === 2) attempt[Symbol.dispose]();
          signal.throwIfAborted();
        },
      });
      return real({ ...options, signal: last }).then((made) => conn = made);
    };
    const before = openResources();
    await withConnect(dropAtTheLastCheck, async () => {
      assertEquals(pollOnce(attempt), Pending);
      await eventually(
        "the attempt is over",
        () => openResources().operations === before.operations,
      );
    });
    assertEquals(checks, 2, "before and after the attempt");
    assert(conn !== undefined, "Deno gives the connection out");
    let isClosed = false;
    try {
      conn.close();
    } catch (error) {
      isClosed = error instanceof Deno.errors.BadResource;
    }
    assert(isClosed, "and it is closed");
  },
);

socketTest(
  "deno: the signal of an attempt is aborted when it is given up, and only then",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    const signals: AbortSignal[] = [];
    const noteSignals = (real: Connect): Connect => (options) => {
      signals.push(options.signal);
      return real(options);
    };
    await withConnect(noteSignals, async () => {
      const given = TcpStream.connect(listener.addr);
      pollOnce(given);
      given[Symbol.dispose]();
      (await run(TcpStream.connect(listener.addr))).close();
    });
    assertEquals(signals.map((signal) => signal.aborted), [true, false]);
  },
);

Deno.test("deno: a backlog is passed on, and if there is none it is Deno's own", () => {
  const real = Deno.listen;
  const backlogs: unknown[] = [];
  const listen = (options: Deno.TcpListenOptions) => {
    backlogs.push("tcpBacklog" in options ? options.tcpBacklog : "none");
    return real(options);
  };
  Object.assign(Deno, { listen });
  try {
    TcpListener.bind({ port: 0, backlog: 3 }).close();
    TcpListener.bind({ port: 0 }).close();
  } finally {
    Object.assign(Deno, { listen: real });
  }
  assertEquals(backlogs, [3, "none"]);
});

socketTest(
  "deno: small writes are sent at once, until told otherwise",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    const told: unknown[] = [];
    const noteOptions = (real: Connect): Connect => async (options) => {
      const conn = await real(options);
      const { setNoDelay } = conn;
      conn.setNoDelay = (on) => {
        told.push(on);
        setNoDelay.call(conn, on);
      };
      return conn;
    };
    await withConnect(noteOptions, async () => {
      using stream = await run(TcpStream.connect(listener.addr));
      stream.setNoDelay(false);
      stream.setNoDelay(true);
    });
    assertEquals(told, [true, false, true]);
  },
);

socketTest(
  "deno: a client certificate is passed on, with all else",
  async () => {
    const real = Deno.connectTls;
    const seen: unknown[] = [];
    Object.assign(Deno, {
      connectTls(options: unknown) {
        seen.push(options);
        return Promise.reject(new Error("seen"));
      },
    });
    try {
      await assertRejects(
        () =>
          run(TlsStream.connect("localhost:443", {
            tls: { caCerts: [CA], alpnProtocols: ["h2"], ...CLIENT },
          })),
        ConnectionFailed,
        "seen",
      );
    } finally {
      Object.assign(Deno, { connectTls: real });
    }
    assertEquals(seen, [{
      hostname: "localhost",
      port: 443,
      caCerts: [CA],
      alpnProtocols: ["h2"],
      ...CLIENT,
    }]);
  },
);

Deno.test("deno: a read that waits does not hold the process once the stream was told so", async () => {
  const child = new URL("_idle_child.ts", import.meta.url).href;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--allow-net=127.0.0.1", child],
    stderr: "inherit",
  }).output();
  assertEquals(code, 0);
  assertEquals(new TextDecoder().decode(stdout), "idle\n");
});
