import { assert, assertEquals, assertRejects } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import {
  toAsyncIterable,
  toReadableStream,
} from "../../../future/stream/mod.ts";
import { answering, clientTest, ok } from "./_answers.ts";
import { eventually } from "../_sockets.ts";

const silent = () => {};

clientTest(
  "interop: AbortSignal.timeout ends a request with its reason",
  async (client) => {
    await using server = await answering(silent);
    const error = await assertRejects(
      () => run(client.get(server.url, { signal: AbortSignal.timeout(5) })),
      DOMException,
    );
    assertEquals(error.name, "TimeoutError");
    assertEquals(client.snapshot().connections, []);
  },
);

clientTest(
  "interop: AbortSignal.any ends a request, and the reading of a body",
  async (client) => {
    await using server = await answering((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegun")
    );
    const controller = new AbortController();
    const never = new AbortController();
    const signal = AbortSignal.any([never.signal, controller.signal]);
    using response = await run(client.get(server.url, { signal }));
    const reading = run(response.text());
    controller.abort("enough");
    assertEquals(await reading.catch((reason) => reason), "enough");
    assertEquals(
      await run(client.get(server.url, { signal })).catch((reason) => reason),
      "enough",
    );
    assertEquals(server.requests.length, 1);
  },
);

clientTest(
  "interop: a body as a ReadableStream, whose cancel drops it",
  async (client) => {
    await using server = await answering(
      ok("whole"),
      (socket) =>
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\nbegun"),
    );
    using first = await run(client.get(server.url));
    assertEquals(
      await new Response(toReadableStream(first.stream())).text(),
      "whole",
    );
    using second = await run(client.get(server.url));
    const reader = toReadableStream(second.stream()).getReader();
    assertEquals((await reader.read()).value?.byteLength, 5);
    await reader.cancel();
    await eventually("it is closed", () => second.connection.fate === "closed");
  },
);

clientTest(
  "interop: a body as an AsyncIterable, and a break drops it",
  async (client) => {
    await using server = await answering((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\nbegun")
    );
    using response = await run(client.get(server.url));
    for await (const piece of toAsyncIterable(response.stream())) {
      assertEquals(piece.byteLength, 5);
      break;
    }
    await eventually(
      "it is closed",
      () => response.connection.fate === "closed",
    );
  },
);

clientTest(
  "interop: a ReadableStream is pulled no faster than the server takes it",
  async (client) => {
    await using server = await answering(silent);
    let pulled = 0;
    const reasons: unknown[] = [];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
      cancel: (reason) => void reasons.push(reason),
    }, { highWaterMark: 0 });
    const controller = new AbortController();
    const request = run(client.request({
      url: server.url,
      method: "POST",
      body,
      signal: controller.signal,
    }));
    await eventually("it has begun", () => server.sockets.length === 1);
    server.sockets[0]!.pause(); // from now on the system's buffers fill
    let before = -1;
    let still = 0;
    await eventually("it stands still", () => {
      const stands = pulled > 0 && pulled === before && ++still > 200;
      if (pulled !== before) still = 0;
      before = pulled;
      return stands;
    });
    assert(pulled < 64, `${pulled} MiB were pulled`);
    controller.abort("enough");
    assertEquals(await request.catch((reason) => reason), "enough");
    await eventually("the source is told", () => reasons.length === 1);
  },
);

clientTest(
  "interop: an AsyncIterable is returned from when the request is dropped",
  async (client) => {
    await using server = await answering(silent);
    let given = 0;
    let returned = 0;
    async function* body() {
      try {
        for (;;) {
          given++;
          yield new Uint8Array(8);
        }
      } finally {
        returned++;
      }
    }
    const controller = new AbortController();
    const request = run(client.request({
      url: server.url,
      method: "POST",
      body: body(),
      signal: controller.signal,
    }));
    await eventually("it has begun", () => given > 1);
    controller.abort("enough");
    assertEquals(await request.catch((reason) => reason), "enough");
    await eventually("it has returned", () => returned === 1);
  },
);

clientTest("interop: Headers go in and come out", async (client) => {
  await using server = await answering(
    ok("", "set-cookie: a=1", "set-cookie: b=2", "x-a: 1", "x-a: 2"),
  );
  const headers = new Headers({ "x-one": "1" });
  headers.append("x-one", "2");
  using response = await run(client.get(server.url, { headers }));
  assert(server.requests[0]!.includes("x-one: 1, 2\r\n"));
  const out = new Headers(response.headers);
  assertEquals(out.getSetCookie(), ["a=1", "b=2"]);
  assertEquals(out.get("x-a"), "1, 2");
});

clientTest(
  "interop: forms, with names of all kinds, as the HTML standard says",
  async (client) => {
    await using server = await answering(ok(""));
    const form = new FormData();
    form.append('na"me\n', "a\nb\rc\r\nd");
    form.append("file", new File(["x"], 'ö 🌼"\r\n.txt', { type: "text/x" }));
    form.append("blob", new Blob(["y"]));
    using _response = await run(
      client.request({ url: server.url, method: "POST", body: form }),
    );
    const text = new TextDecoder().decode(
      Uint8Array.from(server.requests[0]!, (char) => char.charCodeAt(0)),
    );
    const boundary = /boundary=(\S+)\r\n/.exec(text)![1]!;
    const parts = text.split(`--${boundary}`).slice(1);
    assertEquals(parts, [
      '\r\ncontent-disposition: form-data; name="na%22me%0D%0A"\r\n\r\na\r\nb\r\nc\r\nd\r\n',
      '\r\ncontent-disposition: form-data; name="file"; filename="ö 🌼%22%0D%0A.txt"\r\ncontent-type: text/x\r\n\r\nx\r\n',
      '\r\ncontent-disposition: form-data; name="blob"; filename="blob"\r\ncontent-type: application/octet-stream\r\n\r\ny\r\n',
      "--\r\n",
    ]);
  },
);

clientTest("interop: URLSearchParams, empty and odd", async (client) => {
  await using server = await answering(ok(""));
  for (
    const body of [new URLSearchParams(), new URLSearchParams([["ä b", "&="]])]
  ) {
    using _response = await run(
      client.request({ url: server.url, method: "POST", body }),
    );
    const request = server.requests.at(-1)!;
    assert(request.endsWith(`\r\n\r\n${body}`));
    assertEquals(
      /^content-length: (\d+)/im.exec(request)?.[1],
      `${`${body}`.length}`,
    );
    assert(request.includes("application/x-www-form-urlencoded"));
  }
});
