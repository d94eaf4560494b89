import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fetch as ours, type FetchInit } from "../../../net/http/fetch.ts";
import {
  HttpClient,
  IncompleteBody,
  ProtocolError,
  RequestError,
  TransportError,
} from "../../../net/http/mod.ts";
import { socketTest } from "../_sockets.ts";
import { answering } from "./_answers.ts";

/** The web's own server, which shows what it got. */
function mirror() {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const status = Number(searchParams.get("status") ?? 200);
      switch (pathname) {
        case "/redirect":
          return new Response(null, {
            status,
            headers: { location: searchParams.get("to") ?? "/" },
          });
        case "/empty":
          return new Response(null, { status });
        case "/pieces":
          return new Response(
            ReadableStream.from(["a", "b", "c"])
              .pipeThrough(new TextEncoderStream()),
          );
        default: {
          const headers = ["content-type", "x-own", "authorization"];
          return Response.json({
            method: request.method,
            path: pathname,
            headers: headers.map((name) => request.headers.get(name)),
            body: await request.text(),
          }, { status, headers: { "x-answer": "1" } });
        }
      }
    },
  );
}

type Case = [path: string, init?: RequestInit];

const CASES: Record<string, Case> = {
  "a GET": ["/a/b?c=d"],
  "a URL with a fragment": ["/a#part"],
  "a URL with spaces": ["/a b?c d "],
  "credentials in the URL": ["//user:p%40ss@HOST/a"],
  "a method in small letters": ["/", { method: "post", body: "x" }],
  "a method of one's own": ["/", { method: "Purge" }],
  "HEAD": ["/", { method: "HEAD" }],
  "a body of text": ["/", { method: "POST", body: "höllo" }],
  "a body of bytes": ["/", { method: "PUT", body: new Uint8Array([104, 105]) }],
  "a body of fields": [
    "/",
    { method: "POST", body: new URLSearchParams({ a: "b c" }) },
  ],
  "a body that is a blob": [
    "/",
    { method: "POST", body: new Blob(["x"], { type: "text/x" }) },
  ],
  "header fields as an object": ["/", { headers: { "X-Own": " a " } }],
  "header fields as pairs": ["/", {
    headers: [["x-own", "a"], ["x-own", "b"]],
  }],
  "header fields as Headers": ["/", { headers: new Headers({ "x-own": "a" }) }],
  "a content type of one's own": [
    "/",
    {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/x" },
    },
  ],
  "a status of failure": ["/?status=503"],
  "no content": ["/empty?status=204"],
  "not modified": ["/empty?status=304"],
  "a body in pieces": ["/pieces"],
  ...Object.fromEntries(
    [301, 302, 303, 307, 308].flatMap((status) =>
      ["GET", "POST", "PUT", "HEAD"].map((method): [string, Case] => [
        `${status} after ${method}`,
        [`/redirect?status=${status}&to=/there%23x`, {
          method,
          headers: { authorization: "a", "x-own": "b" },
          ...(method === "GET" || method === "HEAD" ? {} : { body: "body" }),
        }],
      ])
    ),
  ),
  "a redirect that leads nowhere": ["/redirect?status=300"],
};

/** All of a response that a program can see, but for what differs by design. */
async function seen(
  fetch: (input: string, init?: RequestInit) => Promise<Response>,
  origin: string,
  [path, init]: Case,
) {
  const url = path.startsWith("//")
    ? `http:${path.replace("HOST", new URL(origin).host)}`
    : origin + path;
  const response = await fetch(url, init);
  return {
    status: response.status,
    statusText: response.statusText,
    ok: response.ok,
    // Ours leaves the credentials out.
    url: response.url.replace("user:p%40ss@", ""),
    redirected: response.redirected,
    hasBody: response.body !== null,
    answer: response.headers.get("x-answer"),
    text: await response.text(),
    used: response.bodyUsed,
  };
}

socketTest("fetch: gives what the global one gives", async () => {
  await using server = mirror();
  const origin = `http://127.0.0.1:${server.addr.port}`;
  await using client = new HttpClient();
  for (const [name, each] of Object.entries(CASES)) {
    const expected = await seen(globalThis.fetch, origin, each);
    const actual = await seen(
      (input: string, init?: RequestInit) =>
        client.fetch(input, init as FetchInit),
      origin,
      each,
    );
    assertEquals(actual, expected, name);
  }
});

socketTest("fetch: a Request is taken with all that it has", async () => {
  await using server = mirror();
  const url = `http://127.0.0.1:${server.addr.port}/r`;
  await using client = new HttpClient();
  const request = new Request(url, {
    method: "POST",
    body: "text",
    headers: { "x-own": "a" },
  });
  const response = await client.fetch(request);
  assertEquals((await response.json()).body, "text");
  assert(request.bodyUsed);
  await assertRejects(() => client.fetch(request), TypeError, "used before");
  const other = await client.fetch(
    new Request(url, { method: "PUT", body: "a" }),
    {
      method: "POST",
      body: "b",
    },
  );
  const { method, body } = await other.json();
  assertEquals([method, body], ["POST", "b"]);
});

socketTest(
  "fetch: a redirect that is not to be followed is given as it is",
  async () => {
    await using server = mirror();
    const origin = `http://127.0.0.1:${server.addr.port}`;
    await using client = new HttpClient();
    const response = await client.fetch(`${origin}/redirect?status=307&to=/b`, {
      redirect: "manual",
    });
    const { status, url, redirected, headers } = response;
    assertEquals([status, redirected, headers.get("location")], [
      307,
      false,
      "/b",
    ]);
    assertEquals(url, `${origin}/redirect?status=307&to=/b`);
  },
);

socketTest(
  "fetch: the body of a Request goes in chunks, one in init with its length",
  async () => {
    await using server = await answering("HTTP/1.1 204 No Content\r\n\r\n");
    await using client = new HttpClient();
    const init = { method: "PUT", body: "hello" };
    await client.fetch(new Request(server.url, init));
    await client.fetch(server.url, init);
    const [chunked, sized] = server.requests;
    assert(/\r\ntransfer-encoding: chunked\r\n/i.test(chunked!), chunked);
    assert(chunked!.endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), chunked);
    assert(/\r\ncontent-length: 5\r\n/i.test(sized!), sized);
  },
);

socketTest("fetch: a clone has the URL too", async () => {
  await using server = mirror();
  const url = `http://127.0.0.1:${server.addr.port}/c`;
  await using client = new HttpClient();
  const response = await client.fetch(url);
  const clone = response.clone();
  assertEquals([clone.url, clone.redirected], [url, false]);
  assertEquals(await clone.text(), await response.text());
});

socketTest(
  "fetch: failures are TypeErrors, with ours as the cause",
  async () => {
    await using client = new HttpClient();
    await using hostile = await answering("ICY 200 OK\r\n\r\n");
    const cases: [
      () => Promise<Response>,
      abstract new (...args: never) => Error,
    ][] = [
      [() => client.fetch("relative"), RequestError],
      [() => client.fetch("http://127.0.0.1:1/a b\r\nx: y"), RequestError],
      [() => client.fetch("http://a b/"), RequestError],
      [() => client.fetch("http://127.0.0.1:1/"), TransportError],
      [() => client.fetch(hostile.url), ProtocolError],
      [
        () => client.fetch("http://127.0.0.1:1/", { headers: { "a b": "c" } }),
        RequestError,
      ],
    ];
    for (const [make, cause] of cases) {
      const error = await assertRejects(make, TypeError);
      assert(error.cause instanceof cause, String(error.cause));
    }
    for (
      const init of [
        { method: "CONNECT" },
        { method: "trace" },
        { method: "GET", body: "x" },
      ]
    ) {
      await assertRejects(
        () => client.fetch("http://127.0.0.1:1/", init),
        TypeError,
        "Cannot fetch",
      );
    }
  },
);

socketTest(
  "fetch: a body that fails does so with a TypeError, and ours as its cause",
  async () => {
    const head = "HTTP/1.1 200 OK\r\n";
    await using client = new HttpClient();
    for (
      const [answer, cause] of [
        [`${head}content-length: 9\r\n\r\nhalf`, IncompleteBody],
        [`${head}transfer-encoding: chunked\r\n\r\nhalf`, ProtocolError],
      ] as const
    ) {
      await using server = await answering((socket) => socket.end(answer));
      for (const read of ["text", "json", "arrayBuffer"] as const) {
        const response = await client.fetch(server.url);
        const error = await assertRejects(() => response[read](), TypeError);
        assert(error.cause instanceof cause, String(error.cause));
      }
      const { body } = await client.fetch(server.url);
      await assertRejects(() => Array.fromAsync(body!), TypeError);
    }
  },
);

socketTest("fetch: a status that HTTP does not have is given", async () => {
  await using server = await answering(
    "HTTP/1.1 600 Odd\r\ncontent-length: 4\r\n\r\nbody",
    "HTTP/1.1 999 Odder\r\ncontent-length: 4\r\n\r\nbody",
  );
  await using client = new HttpClient();
  for (const status of [600, 999]) {
    const response = await client.fetch(server.url);
    const clone = response.clone();
    for (const { status: given, ok } of [response, clone]) {
      assertEquals([given, ok], [status, false]);
    }
    assertEquals([await response.text(), await clone.text()], ["body", "body"]);
  }
});

socketTest(
  "fetch: a signal aborts before, while it waits, and in the body",
  async () => {
    await using server = await answering(
      () => {},
      (socket) =>
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"),
    );
    await using client = new HttpClient();
    const reason = new Error("enough");
    const early = AbortSignal.abort(reason);
    assertEquals(
      await assertRejects(() => client.fetch(server.url, { signal: early })),
      reason,
    );
    assertEquals(server.requests.length, 0);

    const waiting = new AbortController();
    const { signal } = waiting;
    const response = client.fetch(server.url, { signal });
    while (server.requests.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    waiting.abort(reason);
    assertEquals(await assertRejects(() => response), reason);

    const reading = new AbortController();
    const halfway = await client.fetch(server.url, { signal: reading.signal });
    const text = halfway.text();
    reading.abort(reason);
    assertEquals(await assertRejects(() => text), reason);
    assertEquals(client.snapshot().connections, []);
  },
);

socketTest("fetch: cancelling the body closes its connection", async () => {
  await using server = await answering((socket) =>
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\nstart")
  );
  await using client = new HttpClient();
  const response = await client.fetch(server.url);
  await response.body!.cancel();
  assertEquals(client.snapshot().connections, []);
});

Deno.test("fetch: what is not on the network is left to the global one", async () => {
  const response = await ours("data:text/plain,hello");
  assertEquals(await response.text(), "hello");
});

Deno.test("fetch: an idle connection of the shared client does not hold the process", async () => {
  const child = new URL("./_fetch_child.ts", import.meta.url).pathname;
  await using server = mirror();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "--no-check",
      "--allow-net=127.0.0.1",
      child,
      `http://127.0.0.1:${server.addr.port}/a`,
    ],
  }).output();
  const text = new TextDecoder();
  assertEquals([code, text.decode(stderr)], [0, ""]);
  assertEquals(JSON.parse(text.decode(stdout)).path, "/a");
});

/** Half of a body with its head, the rest when it is asked for. */
function inHalves(body: string, fields = ""): (socket: Socket) => void {
  const bytes = Buffer.from(body);
  return (socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\n${fields}content-length: ${bytes.length}\r\n\r\n`,
    );
    const half = bytes.length >> 1;
    setTimeout(() => socket.write(bytes.subarray(0, half)), 1);
    setTimeout(() => socket.write(bytes.subarray(half)), 2);
  };
}

socketTest(
  "fetch: a body that comes late is given in each form, once, as the web gives it",
  async () => {
    const body = '\ufeff{"a": "ö"}';
    await using server = await answering(
      inHalves(body, "content-type: text/html; charset=latin1\r\n"),
    );
    await using client = new HttpClient();
    const forms = ["bytes", "arrayBuffer", "text", "json", "blob"] as const;
    for (const form of forms) {
      const seen: unknown[][] = [];
      for (const get of [client.fetch.bind(client), fetch]) {
        const response = await get(server.url);
        const before = response.bodyUsed;
        const promise = response[form]();
        const during = [response.bodyUsed, response.body!.locked];
        await assertRejects(() => response.text(), TypeError);
        assertThrows(() => response.clone(), TypeError);
        assertThrows(() => response.body!.getReader(), TypeError);
        const value = await promise;
        const text = value instanceof Blob ? await value.text() : value;
        seen.push([before, ...during, response.bodyUsed, text]);
        await assertRejects(() => response[form](), TypeError);
      }
      assertEquals(seen[0], seen[1], form);
    }
  },
);

socketTest(
  "fetch: a body that was begun, is locked, or was cloned is as the web's",
  async () => {
    await using server = await answering(inHalves("1234567890"));
    await using client = new HttpClient();
    for (const get of [client.fetch.bind(client), fetch]) {
      const begun = await get(server.url);
      const reader = begun.body!.getReader();
      await reader.read();
      reader.releaseLock();
      await assertRejects(() => begun.bytes(), TypeError);
      await begun.body!.cancel();

      const locked = await get(server.url);
      const lock = locked.body!.getReader();
      await assertRejects(() => locked.text(), TypeError);
      lock.releaseLock();
      assertEquals(await locked.text(), "1234567890");

      const cloned = await get(server.url);
      const copy = cloned.clone();
      const [a, b] = await Promise.all([cloned.text(), copy.bytes()]);
      assertEquals([a, b.length], ["1234567890", 10]);
    }
  },
);

socketTest(
  "fetch: a body that is cancelled unread gives its connection back or closes it",
  async () => {
    // The other half never comes: there is no telling who would be first.
    await using server = await answering(
      "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345",
    );
    await using client = new HttpClient();
    const response = await client.fetch(server.url);
    await response.body!.cancel();
    assertEquals(
      client.snapshot().connections.map(({ state }) => state),
      ["draining"],
    );
  },
);

socketTest(
  "fetch: a body that breaks while it is gathered fails with a TypeError, and ours as its cause",
  async () => {
    await using server = await answering((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n");
      setTimeout(() => socket.end("cut"), 1);
    });
    await using client = new HttpClient();
    for (const form of ["bytes", "arrayBuffer", "text", "json"] as const) {
      const response = await client.fetch(server.url);
      const error = await assertRejects(() => response[form](), TypeError);
      assert(error.cause instanceof IncompleteBody, form);
    }
  },
);
