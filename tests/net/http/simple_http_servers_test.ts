import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { Executor, JoinError, run } from "../../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../../executor/sim/mod.ts";
import { timeout, TimeoutError } from "../../../executor/time/mod.ts";
import { join, Pending } from "../../../future/mod.ts";
import {
  SimpleHttpClient,
  type SimpleHttpState,
} from "../../../net/http/mod.ts";
import {
  ConnectionFailed,
  ConnectionLost,
  NetError,
  openResources,
} from "../../../net/mod.ts";
import { bytes, eventually, socketTest, text } from "../_sockets.ts";
import { onRequest, serve } from "./_server.ts";
import { WALK } from "./_walk.ts";

const REQUEST = bytes("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
const RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const BIG = new Uint8Array(64 * 1024 * 1024);

/** Polls by hand until the client is in the state. */
async function stepTo(
  client: SimpleHttpClient,
  state: SimpleHttpState,
): Promise<void> {
  await eventually(`the client is ${state}`, () => {
    if (client.state === state) return true;
    assertEquals(pollOnce(client), Pending);
    return client.state === state;
  });
}

socketTest(
  "servers: one that answers is walked through, step by step",
  async () => {
    await using server = await serve((socket) =>
      onRequest(socket, () => socket.end(RESPONSE))
    );
    for (const host of ["localhost", "127.0.0.1"]) {
      const steps: string[] = [];
      const client = new SimpleHttpClient(`${host}:${server.port}`, REQUEST, {
        onTransition: (from, to) => steps.push(`${from} -> ${to}`),
      });
      assertEquals(text(await run(client)), RESPONSE);
      assertEquals(steps, WALK);
    }
  },
);

socketTest(
  "servers: one on IPv6 is reached by its address in brackets",
  async () => {
    await using server = await serve(
      (socket) => onRequest(socket, () => socket.end(RESPONSE)),
      "::1",
    );
    const client = new SimpleHttpClient(`[::1]:${server.port}`, REQUEST);
    assertEquals(text(await run(client)), RESPONSE);
  },
);

socketTest("servers: one that answers in writes of one byte", async () => {
  await using server = await serve((socket) => {
    socket.setNoDelay(true);
    onRequest(socket, () => {
      let at = 0;
      const next = () => {
        if (at === RESPONSE.length) socket.end();
        else socket.write(RESPONSE[at++]!, next);
      };
      next();
    });
  });
  const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, REQUEST);
  assertEquals(text(await run(client)), RESPONSE);
});

socketTest("servers: two hundred clients at once", async () => {
  await using server = await serve((socket) =>
    onRequest(socket, () => socket.end(RESPONSE))
  );
  const clients = Array.from(
    { length: 200 },
    () => new SimpleHttpClient(`127.0.0.1:${server.port}`, REQUEST),
  );
  for (const response of await run(join(clients))) {
    assertEquals(text(response), RESPONSE);
  }
});

socketTest("servers: one that refuses", async () => {
  const address = `127.0.0.1:${getAvailablePort()}`;
  const client = new SimpleHttpClient(address, REQUEST);
  await assertRejects(
    () => run(client),
    ConnectionFailed,
    `Cannot connect to ${address}: the connection was refused`,
  );
  assertEquals(client.state, "Closed");
});

socketTest(
  "servers: one that closes early, before, within and after the response",
  async () => {
    for (const sent of ["", RESPONSE.slice(0, 20), RESPONSE]) {
      await using server = await serve((socket) =>
        onRequest(socket, () => socket.end(sent))
      );
      const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, REQUEST);
      assertEquals(text(await run(client)), sent, "all bytes up to the end");
    }
  },
);

socketTest(
  "servers: one that closes before it has read the request",
  async () => {
    await using server = await serve((socket) => socket.end());
    const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, REQUEST);
    assertEquals(await run(client), new Uint8Array(0));
  },
);

socketTest(
  "servers: one that closes while the request is written",
  async () => {
    await using server = await serve((socket) => {
      socket.once("data", () => socket.destroy());
    });
    const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, BIG);
    const error = await assertRejects(() => run(client), ConnectionLost);
    assertEquals(error.phase, "write");
    assertEquals(client.state, "Closed");
  },
);

socketTest(
  "servers: one that resets while the request is written",
  async () => {
    await using server = await serve((socket) => {
      socket.once("data", () => socket.resetAndDestroy());
    });
    const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, BIG);
    const error = await assertRejects(() => run(client), ConnectionLost);
    assertEquals(error.phase, "write");
  },
);

socketTest("servers: one that resets at once", async () => {
  await using server = await serve((socket) => socket.resetAndDestroy());
  const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, REQUEST);
  // Still connecting, or writing, or reading by then: whichever it is.
  const error = await assertRejects(() => run(client), NetError);
  assert(error instanceof ConnectionFailed || error instanceof ConnectionLost);
  assertEquals(client.state, "Closed");
});

socketTest(
  "servers: one that resets before the response, or within it",
  async () => {
    for (const sent of ["", RESPONSE.slice(0, 20)]) {
      await using server = await serve((socket) => {
        onRequest(socket, () => {
          if (sent === "") socket.resetAndDestroy();
          else socket.write(sent, () => socket.resetAndDestroy());
        });
      });
      const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, REQUEST);
      const error = await assertRejects(
        () => run(client),
        ConnectionLost,
        "the peer reset the connection",
      );
      assertEquals(error.phase, "read");
    }
  },
);

socketTest(
  "servers: one that never answers is left when the time is up",
  async () => {
    let requests = 0;
    await using server = await serve((socket) =>
      onRequest(socket, () => requests++)
    );
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, REQUEST);
    const task = executor.spawn(timeout(client, 30_000));
    assertEquals(pollOnce(task), Pending);
    await eventually("the request has come", () => {
      clock.settle();
      return requests === 1 && client.state === "Reading";
    });
    clock.advance(29_999);
    assertEquals(client.state, "Reading");
    clock.advance(1);
    const { cause } = assertThrows(() => pollOnce(task), JoinError);
    assert(cause instanceof TimeoutError);
    assertEquals(client.state, "Closed");
    assertEquals(executor.timerCount, 0);
    await eventually("the server sees the end", () => server.ended === 1);
  },
);

const DROPPED_IN: SimpleHttpState[] = [
  "Initial",
  "Resolving",
  "Connecting",
  "Writing",
  "Reading",
];

socketTest(
  "drop: over real sockets, in each state, the server sees the end",
  async () => {
    for (const state of DROPPED_IN) {
      await using server = await serve((socket) => {
        if (state === "Writing") socket.pause();
        else socket.resume();
      });
      const before = openResources().operations;
      const address = `localhost:${server.port}`;
      const request = state === "Writing" ? BIG : REQUEST;
      const client = new SimpleHttpClient(address, request);
      await stepTo(client, state);
      if (state === "Writing" || state === "Reading") {
        await eventually("it is accepted", () => server.sockets.length === 1);
        assertEquals(server.ended, 0);
      }
      client[Symbol.dispose]();
      assertEquals(client.state, "Closed");
      await eventually(
        "nothing is in flight, though the server does not read",
        () => openResources().operations === before,
      );
      for (const socket of server.sockets) socket.resume();
      await eventually(
        "the server sees the end",
        () => server.ended === server.sockets.length,
      );
    }
  },
);

socketTest("drop: by a signal, in mid-flight", async () => {
  await using server = await serve((socket) => void socket.resume());
  const controller = new AbortController();
  const client = new SimpleHttpClient(`127.0.0.1:${server.port}`, REQUEST, {
    onTransition(_from, to) {
      if (to === "Reading") controller.abort(new Error("enough"));
    },
  });
  await assertRejects(
    () => run(client, { signal: controller.signal }),
    Error,
    "enough",
  );
  await eventually("the client is closed", () => client.state === "Closed");
  await eventually("the server sees the end", () => server.ended === 1);
});
