import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { Executor, run } from "../../../executor/mod.ts";
import { PausedClock } from "../../../executor/sim/mod.ts";
import { timeout } from "../../../executor/time/mod.ts";
import { isOutsideBusy } from "../../../future/_outside.ts";
import { Done } from "../../../future/stream/mod.ts";
import {
  type HttpClient,
  IncompleteBody,
  LimitExceeded,
  ProtocolError,
} from "../../../net/http/mod.ts";
import { type Answer, answering, clientTest, ok, settled } from "./_answers.ts";

const TEXT = "a body that repeats itself, ".repeat(5000);
const DATA = new TextEncoder().encode(TEXT);

/** Answers with a body that says it is coded, whole or in writes of `size`. */
function coded(coding: string, body: Uint8Array, size = Infinity): Answer {
  const fields = coding.split("; ").map((each) =>
    `content-encoding: ${each}\r\n`
  );
  return (socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\n${
        fields.join("")
      }content-length: ${body.length}\r\n\r\n`,
    );
    const step = Math.min(size, Math.max(1, body.length));
    for (let at = 0; at < body.length; at += step) {
      socket.write(body.subarray(at, at + step));
    }
  };
}

async function textOf(client: HttpClient, url: string): Promise<string> {
  const response = await run(client.get(url));
  return await run(response.text());
}

const CODED: Record<string, Uint8Array> = {
  "gzip": gzipSync(DATA),
  "x-gzip": gzipSync(DATA),
  "GZIP": gzipSync(DATA),
  "deflate": deflateSync(DATA),
  "br": brotliCompressSync(DATA),
  "zstd": zstdCompressSync(DATA),
  "gzip, br": brotliCompressSync(gzipSync(DATA)),
  "identity, gzip": gzipSync(DATA),
  "gzip; deflate; br": brotliCompressSync(deflateSync(gzipSync(DATA))),
};

for (const [coding, body] of Object.entries(CODED)) {
  clientTest(`decode: ${coding}, whole and in pieces`, async (client) => {
    await using server = await answering(
      coded(coding, body),
      coded(coding, body, 1),
      coded(coding, body, 7),
    );
    for (let n = 0; n < 3; n++) {
      assertEquals(await textOf(client, server.url), TEXT);
    }
    await settled(client);
    assertEquals(server.sockets.length, 1);
  });
}

clientTest(
  "decode: deflate without the wrapper that it should have",
  async (client) => {
    await using server = await answering(
      coded("deflate", deflateRawSync(DATA)),
    );
    assertEquals(await textOf(client, server.url), TEXT);
  },
);

clientTest(
  "decode: members of gzip and frames of zstd one behind another are one body",
  async (client) => {
    const skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    const parts = [DATA.subarray(0, 1000), DATA.subarray(1000)];
    const [first, second] = parts.map((part) => zstdCompressSync(part));
    const bodies = {
      gzip: parts.flatMap((part) => [...gzipSync(part)]),
      zstd: [...first!, ...skipped, ...second!, ...skipped],
    };
    for (const [coding, bytes] of Object.entries(bodies)) {
      for (const size of [Infinity, 1, 7, first!.length + 5]) {
        await using server = await answering(
          coded(coding, Uint8Array.from(bytes), size),
        );
        const text = await textOf(client, server.url);
        assert(
          text === TEXT,
          `${coding} by ${size}: ${text.length} characters`,
        );
      }
    }
  },
);

clientTest(
  "decode: an empty body is empty, whatever its coding",
  async (client) => {
    await using server = await answering(coded("gzip", new Uint8Array(0)));
    assertEquals(await textOf(client, server.url), "");
  },
);

clientTest(
  "decode: a coding that is not known stays as it is",
  async (client) => {
    await using server = await answering(coded("gzip, secret", DATA));
    assertEquals(await textOf(client, server.url), TEXT);
  },
);

clientTest(
  "decode: what is asked for is what can be decoded",
  async (client) => {
    await using server = await answering(coded("gzip", gzipSync(DATA)));
    const response = await run(client.get(server.url));
    assert(
      server.requests[0]!.includes(
        "accept-encoding: gzip, deflate, br, zstd\r\n",
      ),
    );
    assertEquals(response.headers.get("content-encoding"), "gzip");
    await run(response.bytes());
  },
);

clientTest(
  "decode: switched off, nothing is asked for and nothing decoded",
  async (client) => {
    const body = gzipSync(DATA);
    await using server = await answering(coded("gzip", body));
    const response = await run(client.get(server.url));
    assertEquals(await run(response.bytes()), new Uint8Array(body));
    assert(!server.requests[0]!.includes("accept-encoding"));
  },
  { decode: false },
);

clientTest(
  "decode: a body that is cut within its coding is incomplete",
  async (client) => {
    for (const [coding, body] of Object.entries(CODED)) {
      await using server = await answering(
        coded(coding, body.subarray(0, body.length >> 1)),
      );
      await assertRejects(() => textOf(client, server.url), IncompleteBody);
      await settled(client);
    }
  },
);

clientTest("decode: cut anywhere, it is incomplete", async (client) => {
  const short = DATA.subarray(0, 300);
  for (
    const [coding, body] of Object.entries({
      gzip: gzipSync(short),
      br: brotliCompressSync(short),
      zstd: zstdCompressSync(short),
    })
  ) {
    for (let end = 1; end < body.length; end++) {
      await using server = await answering(
        coded(coding, body.subarray(0, end)),
      );
      await assertRejects(
        () => textOf(client, server.url),
        IncompleteBody,
        undefined,
        `${coding}, ${end} of ${body.length} bytes`,
      );
    }
  }
});

clientTest(
  "decode: a signal that aborts in the middle gives its reason",
  async (client) => {
    await using server = await answering((socket) =>
      socket.write(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n\r\nxx",
      )
    );
    const abort = new AbortController();
    const { signal } = abort;
    const response = await run(client.request({ url: server.url, signal }));
    const text = assertRejects(
      () => run(response.text()),
      Error,
      "no longer wanted",
    );
    abort.abort(new Error("no longer wanted"));
    await text;
    await settled(client);
  },
);

clientTest(
  "decode: a body that is not what it says is the server's fault",
  async (client) => {
    for (const coding of ["gzip", "deflate", "br", "zstd", "gzip, br"]) {
      await using server = await answering(
        coded(coding, new TextEncoder().encode("\xffplain text".repeat(100))),
      );
      const error = await assertRejects(
        () => textOf(client, server.url),
        ProtocolError,
      );
      assertEquals(error.phase, "body");
      await settled(client);
    }
  },
);

clientTest("decode: as many layers as are allowed", async (client) => {
  let body: Uint8Array = DATA;
  for (let n = 0; n < 5; n++) body = gzipSync(body);
  const coding = "gzip, gzip; gzip; gzip, gzip";
  await using server = await answering(coded(coding, body));
  assertEquals(await textOf(client, server.url), TEXT);
});

clientTest(
  "decode: more layers than allowed are refused before one is undone",
  async (client) => {
    const layers = ["gzip, gzip, gzip; gzip, gzip, gzip", "br,br,br,br,br,br"];
    for (const coding of layers) {
      await using server = await answering(coded(coding, DATA));
      const error = await assertRejects(
        () => textOf(client, server.url),
        LimitExceeded,
      );
      assertEquals(error.limit, "limits.codings");
      await settled(client);
    }
  },
);

/** How much memory is in use beyond what was at the start, at most. */
function watchMemory(): () => number {
  const before = Deno.memoryUsage();
  return () => {
    const now = Deno.memoryUsage();
    return now.external + now.heapUsed - before.external - before.heapUsed;
  };
}

const MIB = 1024 * 1024;
const BOMB = new Uint8Array(256 * MIB);
const BOMBS: Record<string, Uint8Array> = {
  gzip: gzipSync(BOMB),
  br: brotliCompressSync(BOMB),
  zstd: zstdCompressSync(BOMB),
};

for (const [coding, bomb] of Object.entries(BOMBS)) {
  clientTest(
    `decode: a bomb of ${coding} is stopped while it unfolds`,
    async (client) => {
      await using server = await answering(coded(coding, bomb));
      const response = await run(client.get(server.url));
      const used = watchMemory();
      const stream = response.stream();
      let given = 0;
      let most = 0;
      const error = await assertRejects(async () => {
        for (;;) {
          const piece = await run(stream.next());
          if (piece === Done) return;
          given += piece.byteLength;
          most = Math.max(most, used());
        }
      }, LimitExceeded);
      assertEquals(error.limit, "limits.decodedRatio");
      assert(
        given <= Math.max(MIB, bomb.length * 1000) + 64 * 1024,
        `${given}`,
      );
      assert(most < 32 * MIB, `${most / MIB} MiB`);
      await settled(client);
    },
  );
}

clientTest("decode: a limit on what comes out, exactly", async (client) => {
  await using server = await answering(coded("gzip", gzipSync(DATA)));
  const request = (decodedBytes: number) =>
    run(client.request({ url: server.url, limits: { decodedBytes } }));
  const response = await request(DATA.length);
  assertEquals((await run(response.bytes())).length, DATA.length);
  const over = await request(DATA.length - 1);
  const error = await assertRejects(() => run(over.bytes()), LimitExceeded);
  assertEquals(error.limit, "limits.decodedBytes");
  await settled(client);
});

clientTest(
  "decode: the limit on what comes out holds for what is not coded, too",
  async (client) => {
    for (const coding of ["identity", "secret", "identity; identity"]) {
      await using server = await answering(
        coded(coding, DATA),
        coded(coding, DATA),
        coded(coding, DATA.subarray(0, 9), 4),
      );
      const request = (decodedBytes: number) =>
        run(client.request({ url: server.url, limits: { decodedBytes } }));
      const fits = await request(DATA.length);
      assertEquals((await run(fits.bytes())).length, DATA.length);
      const over = await request(DATA.length - 1);
      const error = await assertRejects(() => run(over.bytes()), LimitExceeded);
      assertEquals(error.limit, "limits.decodedBytes");
    }
    await using plain = await answering(ok("12345"), (socket) => {
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n123");
    });
    const request = () =>
      run(client.request({ url: plain.url, limits: { decodedBytes: 4 } }));
    const over = await request();
    await assertRejects(() => run(over.text()), LimitExceeded);
    const cut = await request();
    await assertRejects(() => run(cut.text()), IncompleteBody);
  },
);

clientTest("decode: dropped in the middle, it stops", async (client) => {
  await using server = await answering(coded("gzip", BOMBS["gzip"]!));
  const response = await run(client.get(server.url));
  {
    using stream = response.stream();
    await run(stream.next());
  }
  await settled(client);
});

clientTest(
  "decode: a paused clock stands still while a decoder works",
  async (client) => {
    // Random, so that there is something to do; large, so that it takes a while.
    const plain = crypto.getRandomValues(new Uint8Array(20_000));
    const data = new Uint8Array(8_000_000).map((_, i) => plain[i % 20_000]!);
    const body = gzipSync(data);
    await using server = await answering((socket) => {
      // No read stays under way, which would keep the clock from jumping.
      socket.write(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n" +
          `content-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
    });
    using executor = new Executor({ host: new PausedClock() });
    const response = await executor.run(client.get(server.url));
    // It would jump to the end of the hour if it took the decoder for rest.
    const bytes = await executor.run(timeout(response.bytes(), 3_600_000));
    assertEquals(bytes.byteLength, data.byteLength);
    assertEquals(isOutsideBusy(), false);
  },
);

for (const [coding, body] of Object.entries(CODED)) {
  clientTest(
    `decode: the pieces of ${coding} are the reader's own, to be sent away`,
    async (client) => {
      await using server = await answering(
        coded(coding, body),
        coded(coding, body, 100),
      );
      for (let n = 0; n < 2; n++) {
        const stream = (await run(client.get(server.url))).stream();
        const decoder = new TextDecoder();
        let text = "";
        for (let piece; (piece = await run(stream.next())) !== Done;) {
          assertEquals(Object.getPrototypeOf(piece), Uint8Array.prototype);
          assertEquals(piece.buffer.byteLength, piece.byteLength);
          const transfer = [piece.buffer as ArrayBuffer];
          text += decoder.decode(
            structuredClone(piece, { transfer }),
            { stream: true },
          );
        }
        assertEquals(text, TEXT);
      }
    },
  );
}

clientTest(
  "decode: brotli within brotli has a window of 4 MiB at most",
  async (client) => {
    const br = (bytes: Uint8Array, windowLog: number) =>
      brotliCompressSync(bytes, {
        params: {
          [constants.BROTLI_PARAM_LGWIN]: windowLog,
          [constants.BROTLI_PARAM_QUALITY]: 1,
        },
      });
    for (let windowLog = 10; windowLog <= 24; windowLog++) {
      const inner = br(br(DATA, 22), 22);
      const body = br(inner, windowLog);
      await using server = await answering(coded("br, br, br", body));
      const text = textOf(client, server.url);
      if (windowLog <= 22) assertEquals(await text, TEXT, `${windowLog}`);
      else await assertRejects(() => text, ProtocolError);
      // But alone, or with what looks back less, it may have more.
      await using alone = await answering(coded("br", br(DATA, windowLog)));
      assertEquals(await textOf(client, alone.url), TEXT);
      await using mixed = await answering(
        coded("gzip, br", br(gzipSync(DATA), windowLog)),
      );
      assertEquals(await textOf(client, mixed.url), TEXT);
    }
  },
);
