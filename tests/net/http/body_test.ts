import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { gzipSync } from "node:zlib";
import { BufReader } from "../../../net/io/mod.ts";
import { run } from "../../../executor/mod.ts";
import { pollFn } from "../../../future/mod.ts";
import {
  type BodyReader,
  type HttpClient,
  HttpError,
  type HttpResponse,
  IncompleteBody,
  LimitExceeded,
  ProtocolError,
  RequestError,
  TransportError,
} from "../../../net/http/mod.ts";
import { turn } from "../_sockets.ts";
import {
  type Answer,
  answering,
  clientTest,
  ok,
  response,
  settled,
} from "./_answers.ts";

/** The next bytes that a reader has, copied and taken; null at the end. */
function next(reader: BodyReader): Promise<Uint8Array | null> {
  return run(pollFn((cx) => {
    const bytes = reader.pollFillBuf(cx);
    if (!(bytes instanceof Uint8Array)) return bytes;
    reader.consume(bytes.byteLength);
    return bytes.slice();
  }));
}

/** The head in one packet with what follows, or in one of its own. */
function split(head: string, body: string): Answer[] {
  return [
    (socket) => {
      socket.write(head + body, "latin1", () => socket.end());
    },
    async (socket) => {
      socket.write(head);
      for (let n = 0; n < 5; n++) await turn();
      socket.end(body, "latin1");
    },
  ];
}

const WRONG: [string, string, string, new (...args: never[]) => HttpError][] = [
  ["a bad chunk", "transfer-encoding: chunked", "zz\r\n", ProtocolError],
  [
    "good chunks, then a bad one",
    "transfer-encoding: chunked",
    "2\r\nab\r\n1\r\nxx\r\n",
    ProtocolError,
  ],
  [
    "chunks without an end",
    "transfer-encoding: chunked",
    "2\r\nab\r\n",
    IncompleteBody,
  ],
  ["too few bytes", "content-length: 3", "ab", IncompleteBody],
];

for (const [what, field, body, kind] of WRONG) {
  clientTest(
    `body: ${what}: the body fails and not its head, however they come`,
    async (client) => {
      const head = `HTTP/1.1 200 OK\r\n${field}\r\n\r\n`;
      for (const answer of split(head, body)) {
        await using server = await answering(answer);
        const response = await run(client.get(server.url));
        assertEquals(response.status, 200);
        const error = await assertRejects(() => run(response.bytes()), kind);
        assertEquals((error as HttpError).phase, "body");
        assertEquals((error as HttpError).requestMayHaveBeenProcessed, true);
        assertEquals(response.connection.fate, "closed");
        await settled(client);
      }
    },
  );
}

clientTest(
  "body: bytes() gives an array of its own, were it empty",
  async (client) => {
    await using server = await answering(ok(""));
    for (let n = 0; n < 2; n++) {
      const bytes = await run((await run(client.get(server.url))).bytes());
      assertEquals(bytes.byteLength, 0);
      const { buffer } = bytes;
      structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    }
  },
);

clientTest(
  "body: what is done to the memory of one response does nothing to another's",
  async (client) => {
    await using server = await answering(ok("one"), ok("two"), ok("six"));
    const get = () => run(client.get(server.url));
    const [one, two, six] = [await get(), await get(), await get()];
    const bytes = await run(one.bytes());
    structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
    using reader = two.reader();
    const view = await run(new BufReader(reader).fill());
    const { buffer } = view!;
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    assertEquals(await run(six.text()), "six");
  },
);

clientTest(
  "body: each is text in the encoding that its own type names, or in UTF-8",
  async (client) => {
    const types = [
      ["; charset=latin1", "\u00c3\u00a9"],
      ["; charset=latin1", "\u00c3\u00a9"],
      ["", "\u00e9"],
      ['; Charset="utf-16le"', "\ua9c3"],
      ["; charset=utf-8", "\u00e9"],
      ["; charset=klingon", "\u00e9"],
      ["; charset=latin1", "\u00c3\u00a9"],
    ] as const;
    const answers = types.map(([charset]) =>
      `HTTP/1.1 200 OK\r\ncontent-type: text/plain${charset}\r\ncontent-length: 2\r\n\r\n\xc3\xa9`
    );
    await using server = await answering(...answers);
    for (const [charset, text] of types) {
      const response = await run(client.get(server.url));
      assertEquals(await run(response.text()), text, charset);
    }
  },
);

clientTest(
  "body: dropped unread, it says what has become of its connection",
  async (client) => {
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    await using server = await answering(
      `${head}2\r\nab\r\n0\r\n\r\n`,
      `${head}2\r\nab\r\n`,
      `${head}2\r\nab\r\nx`,
    );
    for (const fate of ["kept", "draining", "closed"]) {
      const response = await run(client.get(server.url));
      response[Symbol.dispose]();
      assertEquals(response.connection.fate, fate);
      client.closeIdle();
    }
  },
);

clientTest(
  "body: its limit is exact, and the same whether it comes with its head or not",
  async (client) => {
    const head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    for (const answer of split(head, "12345")) {
      await using server = await answering(answer);
      const get = (bodyBytes: number) =>
        run(client.get(server.url, { limits: { bodyBytes } }));
      assertEquals(await run((await get(5)).text()), "12345");
      const response = await get(4);
      const error = await assertRejects(
        () => run(response.text()),
        LimitExceeded,
      );
      assertEquals([error.limit, error.phase], ["limits.bodyBytes", "body"]);
    }
  },
);

/** What a reader gives before it fails, and what it says when asked again. */
async function failures(response: HttpResponse): Promise<unknown[]> {
  using reader = response.reader();
  const errors: unknown[] = [];
  while (errors.length < 3) {
    try {
      if (await next(reader) === null) return ["it looks like an end"];
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}

clientTest(
  "body: after a failure no reader sees an end, but the failure again",
  async (client) => {
    const coded = gzipSync("x".repeat(1000)).subarray(0, 20);
    const cut = `content-encoding: gzip\r\ncontent-length: ${coded.length}`;
    await using server = await answering(
      ...split("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", "12"),
      ...split(
        `HTTP/1.1 200 OK\r\n${cut}\r\n\r\n`,
        coded.toString("latin1"),
      ),
    );
    for (let n = 0; n < 4; n++) {
      const [first, ...others] = await failures(
        await run(client.get(server.url)),
      );
      assertEquals((first as Error).name, "IncompleteBody");
      for (const other of others) assertEquals(other === first, true);
    }
  },
);

clientTest(
  "body: when it has ended, failed or been dropped, nothing listens to the signal",
  async (client) => {
    await using server = await answering(
      ok("all of it"),
      ...split("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", "12345"),
      ...split("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", "12"),
      (socket) => socket.resetAndDestroy(),
    );
    let listening = 0;
    const { signal } = new AbortController();
    signal.addEventListener = (...all: unknown[]) => {
      listening++;
      EventTarget.prototype.addEventListener.apply(signal, all as never);
    };
    signal.removeEventListener = (...all: unknown[]) => {
      listening--;
      EventTarget.prototype.removeEventListener.apply(signal, all as never);
    };
    for (let n = 0; n < 6; n++) {
      try {
        const response = await run(client.request({ url: server.url, signal }));
        await run(response.text());
      } catch (error) {
        assertEquals(error instanceof HttpError, true, `${error}`);
      }
      assertEquals(listening, 0, `${n}`);
    }
  },
);

clientTest(
  "body: what nobody asks for is not read: the server has to wait",
  async (client) => {
    let written = 0;
    await using server = await answering((socket) => {
      socket.on("error", () => {});
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const piece = new Uint8Array(64 * 1024);
      const more = () => {
        if (socket.destroyed) return;
        written += piece.length;
        if (socket.write(piece)) setImmediate(more);
        else socket.once("drain", more);
      };
      more();
    });
    /** How much was written when no more is taken for many turns. */
    const stalled = async () => {
      let before = -1;
      for (
        let still = 0;
        still < 100;
        still = written === before ? still + 1 : 0
      ) {
        before = written;
        await turn();
      }
      return written;
    };
    const response = await run(client.get(server.url));
    const unread = await stalled();
    assertEquals(unread < 64 * 1024 * 1024, true, `${unread}`);
    using stream = response.stream();
    for (let got = 0; got < unread;) {
      got += (await run(stream.next()) as Uint8Array).length;
    }
    const further = await stalled();
    assertEquals(further > unread, true);
    assertEquals(further < 2 * unread + 64 * 1024 * 1024, true, `${further}`);
  },
);

clientTest(
  "body: a reader that was dropped sees no end either",
  async (client) => {
    await using server = await answering(
      ok("all of it"),
      "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nall",
      ok(
        gzipSync("all").toString("latin1"),
        "content-encoding: gzip",
      ),
    );
    for (let n = 0; n < 3; n++) {
      const reader = (await run(client.get(server.url))).reader();
      reader[Symbol.dispose]();
      await assertRejects(() => next(reader), RequestError, "it was dropped");
    }
    client.closeIdle();
  },
);

clientTest(
  "body: what comes after a redirect fails, but the POST before it was done",
  async (client) => {
    await using server = await answering(
      response("303 See Other", "", "location: http://127.0.0.1:1/"),
    );
    const error = await assertRejects(
      () => run(client.request({ url: server.url, method: "POST", body: "x" })),
      TransportError,
    );
    assertEquals(error.phase, "connect");
    assertEquals(error.requestMayHaveBeenProcessed, true);
  },
);

clientTest(
  "body: a bomb inside of a coding that makes nothing of it is stopped",
  async (client: HttpClient) => {
    // Empty members: 20 MB of them are nothing, and coded once more very little.
    const nothing = gzipSync("");
    const many = new Uint8Array(nothing.length * 1_000_000);
    for (let at = 0; at < many.length; at += nothing.length) {
      many.set(nothing, at);
    }
    const bomb = gzipSync(gzipSync(many)).toString("latin1");
    await using server = await answering(
      ok(bomb, "content-encoding: gzip, gzip, gzip"),
    );
    const response = await run(client.get(server.url));
    const error = await assertRejects(
      () => run(response.bytes()),
      LimitExceeded,
    );
    assertEquals(error.limit, "limits.decodedRatio");
    assertEquals(response.connection.fate, "kept"); // it had come whole
    assertThrows(() => response.bytes(), RequestError);
  },
);
