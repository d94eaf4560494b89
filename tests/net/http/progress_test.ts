import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { gzipSync } from "node:zlib";
import { run } from "../../../executor/mod.ts";
import { iter } from "../../../future/stream/mod.ts";
import {
  HttpClient,
  type HttpRequest,
  IncompleteBody,
  type Progress,
} from "../../../net/http/mod.ts";
import { bytes } from "../_sockets.ts";
import { answering, clientTest, ok, response } from "./_answers.ts";

/** Sends a request and reads the response; what was told of either way. */
async function progressOf(
  client: HttpClient,
  request: HttpRequest,
): Promise<{ up: Progress[]; down: Progress[] }> {
  const up: Progress[] = [];
  const down: Progress[] = [];
  using response = await run(client.request({
    ...request,
    onUpload: (progress) => up.push(progress),
    onDownload: (progress) => down.push(progress),
  }));
  await run(response.bytes());
  return { up, down };
}

/** It only grows, knows its total or does not, and ends with all of it. */
function assertWhole(
  told: Progress[],
  size: number,
  total: number | null,
): void {
  let before = 0;
  for (const { transferred } of told) {
    assert(transferred > before, `${transferred} after ${before}`);
    before = transferred;
  }
  assertEquals(told.at(-1), { transferred: size, total: size });
  for (const each of told.slice(0, -1)) assertEquals(each.total, total);
}

const MIB = 1024 * 1024;

clientTest(
  "progress: a small body is one step both ways",
  async (client) => {
    await using server = await answering(ok("hello"));
    const request = { url: server.url, method: "POST", body: "abc" };
    assertEquals(await progressOf(client, request), {
      up: [{ transferred: 3, total: 3 }],
      down: [{ transferred: 5, total: 5 }],
    });
  },
);

clientTest(
  "progress: an empty body is told of once, and none not at all",
  async (client) => {
    await using server = await answering(ok(""), "HTTP/1.1 204 No\r\n\r\n");
    const whole = [{ transferred: 0, total: 0 }];
    const request = { url: server.url, method: "POST", body: "" };
    assertEquals(await progressOf(client, request), { up: whole, down: whole });
    assertEquals(await progressOf(client, { url: server.url }), {
      up: [],
      down: whole,
    });
  },
);

clientTest(
  "progress: a large body goes out in many steps, the head not counted",
  async (client) => {
    await using server = await answering(ok(""));
    const { up } = await progressOf(client, {
      url: server.url,
      method: "PUT",
      body: new Uint8Array(4 * MIB),
    });
    assertWhole(up, 4 * MIB, 4 * MIB);
    assert(up.length > 1, "it went out in one");
  },
);

clientTest(
  "progress: a stream has no total before its end, and its chunks no framing",
  async (client) => {
    await using server = await answering(ok(""));
    const body = iter(["ab", "", "cde"].map(bytes));
    const request = { url: server.url, method: "POST", body };
    const { up } = await progressOf(client, request);
    assertEquals(up, [
      { transferred: 2, total: null },
      { transferred: 5, total: null },
      { transferred: 5, total: 5 },
    ]);
  },
);

clientTest(
  "progress: a stream whose length is said has a total",
  async (client) => {
    await using server = await answering(ok(""));
    const { up } = await progressOf(client, {
      url: server.url,
      method: "POST",
      headers: { "content-length": "5" },
      body: iter(["ab", "cde"].map(bytes)),
    });
    assertEquals(up, [
      { transferred: 2, total: 5 },
      { transferred: 5, total: 5 },
    ]);
  },
);

clientTest(
  "progress: a body that comes behind the head is told of as it is read",
  async (client) => {
    const size = 2 * MIB;
    await using server = await answering((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      socket.write(new Uint8Array(size));
    });
    const { down } = await progressOf(client, { url: server.url });
    assertWhole(down, size, size);
    assert(down.length > 1, "it came in one");
  },
);

clientTest(
  "progress: chunks are told of without their framing, and the last by the end",
  async (client) => {
    await using server = await answering(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" +
        "2;a=b\r\nab\r\n3\r\ncde\r\n0\r\nx: y\r\n\r\n",
    );
    const { down } = await progressOf(client, { url: server.url });
    assertEquals(down.at(-1), { transferred: 5, total: 5 });
    assert(down.slice(0, -1).every(({ total }) => total === null));
  },
);

clientTest(
  "progress: a coded body counts as it is on the wire",
  async (client) => {
    const coded = gzipSync("x".repeat(100_000));
    await using server = await answering((socket) => {
      socket.write(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n" +
          `content-length: ${coded.byteLength}\r\n\r\n`,
      );
      socket.write(coded);
    });
    const { down } = await progressOf(client, { url: server.url });
    assertWhole(down, coded.byteLength, coded.byteLength);
  },
);

clientTest(
  "progress: a body that is cut short is never told to be whole",
  async (client) => {
    await using server = await answering((socket) => {
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabcd");
    });
    const down: Progress[] = [];
    using got = await run(client.request({
      url: server.url,
      onDownload: (progress) => down.push(progress),
    }));
    await assertRejects(() => run(got.bytes()), IncompleteBody);
    assertEquals(down.at(-1), { transferred: 4, total: 9 });
  },
);

clientTest(
  "progress: a redirect that takes the body along begins anew",
  async (client) => {
    await using server = await answering(
      response("307 Temporary Redirect", "moved", "location: /b"),
      ok("x"),
    );
    const request = { url: server.url, method: "POST", body: "abc" };
    assertEquals(await progressOf(client, request), {
      up: [{ transferred: 3, total: 3 }, { transferred: 3, total: 3 }],
      down: [{ transferred: 1, total: 1 }],
    });
  },
);

clientTest(
  "progress: what a listener throws is nobody's failure but its own",
  async (client) => {
    const thrown: unknown[] = [];
    const onThrown = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      thrown.push(event.reason);
    };
    globalThis.addEventListener("unhandledrejection", onThrown);
    try {
      await using server = await answering(ok("hello"));
      const listener = () => {
        throw new Error("mine");
      };
      using got = await run(client.request({
        url: server.url,
        method: "POST",
        body: "abc",
        onUpload: listener,
        onDownload: listener,
      }));
      assertEquals(await run(got.text()), "hello");
      await new Promise((resolve) => setTimeout(resolve));
    } finally {
      globalThis.removeEventListener("unhandledrejection", onThrown);
    }
    assertEquals(thrown.map(String), ["Error: mine", "Error: mine"]);
  },
);

Deno.test("progress: a listener that is no function is refused", async () => {
  await using client = new HttpClient();
  for (const name of ["onUpload", "onDownload"]) {
    assertThrows(
      () => client.request({ url: "http://a/", [name]: 1 }),
      TypeError,
      `Cannot use ${name}: it must be a function`,
    );
  }
});
