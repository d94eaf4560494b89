import { assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { run } from "../../../executor/mod.ts";
import {
  DeadlineExceeded,
  HttpClient,
  LimitExceeded,
  type PoolEvent,
} from "../../../net/http/mod.ts";
import { eventually, socketTest } from "../_sockets.ts";
import { flood, MemoryWatch } from "./_attacks.ts";
import { answering, clientTest, ok, response, settled } from "./_answers.ts";

/** What the server is asked for, as the path of each request. */
function paths(server: { requests: string[] }): string[] {
  return server.requests.map((each) => each.split(" ")[1]!);
}

async function textOf(client: HttpClient, url: string): Promise<string> {
  return await run((await run(client.get(url))).text());
}

/** Starts a response whose end is for the test to send. */
const STARTED = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab";

clientTest(
  "pool: an idle connection of one host makes room for who waits for another",
  async (client) => {
    await using a = await answering((socket) => socket.write(STARTED));
    await using b = await answering(ok("b"));
    const first = await run(client.get(a.url)); // holds the only connection
    const waiting = textOf(client, b.url);
    await eventually(
      "the second waits",
      () => client.snapshot().waiting === 1,
    );
    a.sockets[0]!.write("cd");
    assertEquals(await run(first.text()), "abcd");
    assertEquals(await waiting, "b");
    assertEquals(first.connection.fate, "kept");
  },
  { pool: { maxTotal: 1 }, deadlines: { queue: 3000 } },
);

clientTest(
  "pool: where the whole is full, the connection that rested longest is closed",
  async (client) => {
    await using a = await answering(ok("a"));
    await using b = await answering(ok("b"));
    await using c = await answering(ok("c"));
    for (const each of [a, b, c]) await textOf(client, each.url);
    const keys = client.snapshot().connections.map(({ key }) => key);
    assertEquals(keys, [b.url, c.url]);
  },
  { pool: { maxTotal: 2 } },
);

clientTest(
  "pool: what comes behind a body that is drained is no answer to the next",
  async (client) => {
    await using server = await answering(
      (socket) => socket.write(STARTED),
      ok("next"),
    );
    const first = await run(client.get(`${server.url}/1`));
    const waiting = textOf(client, `${server.url}/2`);
    await eventually("the next waits", () => client.snapshot().waiting === 1);
    first[Symbol.dispose]();
    assertEquals(first.connection.fate, "draining");
    // The end of the body, and an answer that nobody has asked for.
    server.sockets[0]!.write(`cd${ok("forged")}`);
    assertEquals(await waiting, "next");
    assertEquals(paths(server), ["/1", "/2"]);
  },
  { pool: { maxPerOrigin: 1 } },
);

clientTest(
  "pool: closing idle connections lets who waits for one of them go on",
  async (client) => {
    await using server = await answering(
      (socket) => socket.write(STARTED),
      ok("next"),
    );
    const first = await run(client.get(server.url));
    const waiting = textOf(client, server.url);
    await eventually("the next waits", () => client.snapshot().waiting === 1);
    first[Symbol.dispose]();
    assertEquals(client.snapshot().connections[0]!.state, "draining");
    client.closeIdle();
    assertEquals(await waiting, "next");
  },
  { pool: { maxPerOrigin: 1 }, deadlines: { queue: 3000 } },
);

socketTest(
  "pool: a response that is dropped after the client was closed closes its connection",
  async () => {
    await using server = await answering((socket) => socket.write(STARTED));
    const client = new HttpClient();
    const response = await run(client.get(server.url));
    client.close();
    response[Symbol.dispose]();
    assertEquals(response.connection.fate, "closed");
    assertEquals(client.snapshot().connections, []);
  },
);

socketTest(
  "pool: a listener that throws is told of, and disturbs nothing",
  async () => {
    const thrown: unknown[] = [];
    const onThrown = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      thrown.push(event.reason);
    };
    globalThis.addEventListener("unhandledrejection", onThrown);
    const failure = new Error("of the listener");
    await using server = await answering(ok("fine"));
    await using client = new HttpClient({
      onConnection() {
        throw failure;
      },
    });
    try {
      assertEquals(await textOf(client, server.url), "fine");
      assertEquals(await textOf(client, server.url), "fine");
      assertEquals(server.sockets.length, 1);
      client.closeIdle();
      assertEquals(client.snapshot().connections, []);
      await eventually("both are told of", () => thrown.length === 2);
      assertEquals(thrown, [failure, failure]);
    } finally {
      globalThis.removeEventListener("unhandledrejection", onThrown);
    }
  },
);

clientTest(
  "pool: the connection that was used last is used next",
  async (client) => {
    await using server = await answering((socket, request) =>
      socket.write(request.startsWith("GET /held") ? STARTED : ok("x"))
    );
    const first = await run(client.get(`${server.url}/held`));
    const second = await run(client.get(`${server.url}/held`));
    // The first rests before the second does.
    for (const [n, response] of [first, second].entries()) {
      server.sockets[n]!.write("cd");
      await run(response.text());
    }
    const third = await run(client.get(server.url));
    assertEquals(third.connection.id, second.connection.id);
  },
);

clientTest(
  "pool: a connection that may be authenticated as somebody serves nobody else (CVE-2026-1965)",
  async (client) => {
    const fateOf = async (
      scheme: string,
      text: "read" | "dropped",
      name = "authorization",
    ) => {
      await using server = await answering(
        text === "read" ? ok("x") : (socket) => socket.write(STARTED),
      );
      const headers = { [name]: `${scheme} bWU=` };
      using response = await run(client.get(server.url, { headers }));
      if (text === "read") await run(response.text());
      response[Symbol.dispose]();
      return response.connection.fate;
    };
    for (const scheme of ["Negotiate", "NTLM", "negotiate"]) {
      assertEquals(await fateOf(scheme, "read"), "closed", scheme);
      assertEquals(await fateOf(scheme, "dropped"), "closed", scheme);
      const toProxy = await fateOf(scheme, "read", "proxy-authorization");
      assertEquals(toProxy, "closed", scheme);
    }
    for (const scheme of ["Basic", "Bearer", "NTLMx"]) {
      assertEquals(await fateOf(scheme, "read"), "kept", scheme);
      assertEquals(await fateOf(scheme, "dropped"), "draining", scheme);
    }
    client.closeIdle();
  },
);

/** 32 MiB, which come to half of what is drained. */
const BOMB = gzipSync(new Uint8Array(32 * 1024 * 1024));

clientTest(
  "pool: what is drained is not decoded: a bomb, or what is no gzip at all (CVE-2026-21441)",
  async (client) => {
    for (const body of [BOMB, new TextEncoder().encode("no gzip")]) {
      await using server = await answering(
        (socket) => {
          const length = `content-length: ${body.length}`;
          socket.write(
            `HTTP/1.1 200 OK\r\n${length}\r\ncontent-encoding: gzip\r\n\r\n`,
          );
        },
        ok("next"),
      );
      const memory = new MemoryWatch();
      const dropped = await run(client.get(server.url));
      dropped[Symbol.dispose]();
      assertEquals(dropped.connection.fate, "draining");
      server.sockets[0]!.write(body);
      await eventually(
        "the rest was read",
        () => client.snapshot().connections[0]?.state !== "draining",
      );
      memory.assertBelow(16);
      const next = await run(client.get(server.url));
      assertEquals(await run(next.text()), "next");
      assertEquals(next.connection.id, dropped.connection.id);
      client.closeIdle();
    }
  },
);

clientTest(
  "pool: with who is authenticated, a connection goes when its response leads elsewhere",
  async (client) => {
    await using other = await answering(ok("there"));
    await using server = await answering(
      response("302 Found", "", `location: ${other.url}`),
    );
    const headers = { authorization: "Negotiate bWU=" };
    const there = await run(client.get(server.url, { headers }));
    assertEquals(await run(there.text()), "there");
    assertEquals(there.connection.fate, "kept"); // it was told nothing
    await settled(client);
    assertEquals(client.snapshot().connections.length, 1);
  },
);

const reasons: string[] = [];

clientTest(
  "pool: a body that was dropped and has no end is given up",
  async (client) => {
    const chunk = `1000\r\n${"x".repeat(0x1000)}\r\n`;
    await using server = await answering(flood(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
      chunk,
    ));
    const response = await run(client.get(server.url));
    response[Symbol.dispose]();
    await eventually("it is closed", () => reasons.length === 2);
    assertEquals(reasons[1], "the rest of a body was too long");
    assertEquals(client.snapshot().connections, []);
  },
  { onConnection: ({ why }) => reasons.push(why) },
);

socketTest(
  "pool: a connection holds the process while it is used, a kept one again",
  async () => {
    await using server = await answering((socket) => {
      setTimeout(() => socket.write("HTTP/1.1 200 OK\r\n"), 20);
      setTimeout(() => socket.write("content-length: 1\r\n\r\n"), 40);
      setTimeout(() => socket.write("x"), 60);
    });
    const child = new URL("./_kept_child.ts", import.meta.url).pathname;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-lock",
        "--no-check",
        "--allow-net=127.0.0.1",
        child,
        server.url,
      ],
    }).output();
    const text = new TextDecoder();
    assertEquals([code, text.decode(stderr)], [0, ""]);
    assertEquals(text.decode(stdout), "x false\nx true\n");
  },
);

clientTest("pool: the line has an end", async (client) => {
  await using server = await answering((socket) => socket.write(STARTED));
  using _first = await run(client.get(server.url));
  const abort = new AbortController();
  const { signal } = abort;
  const second = assertRejects(() =>
    run(client.request({ url: server.url, signal }))
  );
  await eventually("the second waits", () => client.snapshot().waiting === 1);
  const error = await assertRejects(
    () => run(client.get(server.url)),
    LimitExceeded,
  );
  assertEquals([error.limit, error.phase], ["pool.maxQueue", "queue"]);
  assertEquals(error.requestMayHaveBeenProcessed, false);
  abort.abort();
  await second;
  assertEquals(server.requests.length, 1);
}, { pool: { maxPerOrigin: 1, maxQueue: 1 } });

clientTest("pool: waiting in line has a deadline", async (client) => {
  await using server = await answering((socket) => socket.write(STARTED));
  using _first = await run(client.get(server.url));
  const error = await assertRejects(
    () => run(client.get(server.url)),
    DeadlineExceeded,
  );
  assertEquals([error.deadline, error.phase], ["deadlines.queue", "queue"]);
  assertEquals(
    error.message,
    `Cannot complete GET ${server.url}: deadlines.queue of 20 ms has passed; a response holds a connection until its body is read or dropped`,
  );
  assertEquals(client.snapshot().waiting, 0);
}, { pool: { maxPerOrigin: 1 }, deadlines: { queue: 20 } });

const events: PoolEvent[] = [];

clientTest(
  "pool: events say what becomes of a connection, and why",
  async (client) => {
    await using server = await answering(
      (socket) => socket.write(STARTED),
      ok("x"),
      "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nx",
      ok("x", "connection: close"),
      ok("xy"),
    );
    const dropped = async () => {
      const response = await run(client.get(server.url));
      response[Symbol.dispose]();
      return response.connection.fate;
    };
    const told = () => events.splice(0).map(({ type, why }) => [type, why]);
    assertEquals(await dropped(), "draining");
    server.sockets[0]!.write("cd");
    await settled(client);
    assertEquals(told(), [["opened", ""], ["drained", ""]]);
    assertEquals(await dropped(), "kept");
    assertEquals(told(), []);
    assertEquals(await dropped(), "closed");
    assertEquals(told(), [["closed", "the response was dropped"]]);
    assertEquals(await dropped(), "closed");
    assertEquals(told(), [
      ["opened", ""],
      ["closed", "the server wanted it closed"],
    ]);
    await textOf(client, server.url);
    server.sockets.at(-1)!.end();
    await eventually("it is closed", () => events.length === 2);
    assertEquals(told(), [["opened", ""], ["closed", "the server closed it"]]);
    await textOf(client, server.url);
    server.sockets.at(-1)!.write("boo");
    await eventually("it is closed", () => events.length === 2);
    assertEquals(told(), [
      ["opened", ""],
      ["closed", "the server sent what nobody had asked for"],
    ]);
    assertEquals(new Set(events.map(({ key }) => key)).size, 0);
  },
  { onConnection: (event) => events.push(event) },
);

clientTest(
  "pool: what the server says of its patience is heeded, less a margin",
  async (client) => {
    await using server = await answering(
      ok("x", "keep-alive: timeout=5, max=100"),
      ok("x", "keep-alive: max=3, TIMEOUT=0"),
    );
    const rests = () => client.snapshot().connections.length;
    await textOf(client, server.url);
    assertEquals(rests(), 1);
    await textOf(client, server.url); // it will be closed at once
    await eventually("it is gone", () => rests() === 0);
    assertEquals(server.sockets.length, 1);
    await eventually("the server sees it", () => server.ended === 1);
  },
);
