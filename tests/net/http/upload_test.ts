import { assert, assertEquals, assertRejects } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import type { Context, Poll } from "../../../future/mod.ts";
import {
  type Done,
  fromAsyncIterable,
  iter,
  Stream,
} from "../../../future/stream/mod.ts";
import {
  HttpClient,
  type HttpRequest,
  RequestError,
} from "../../../net/http/mod.ts";
import { bytes, eventually, socketTest, turn } from "../_sockets.ts";
import { answering, clientTest, ok, settled } from "./_answers.ts";
import { serve } from "./_server.ts";

/** Sends a request and reads the response; the text, and the connection's fate. */
async function exchange(
  client: HttpClient,
  request: HttpRequest,
): Promise<[status: number, text: string, fate: string]> {
  const response = await run(client.request(request));
  const text = await run(response.text());
  return [response.status, text, response.connection.fate];
}

/** What came behind the head of a request. */
function bodyOf(request: string): string {
  return request.slice(request.indexOf("\r\n\r\n") + 4);
}

/** Pieces without end, and how many were taken; whether it was dropped. */
class Endless extends Stream<Uint8Array> {
  taken = 0;
  isDropped = false;
  readonly #piece: Uint8Array;

  constructor(size: number) {
    super();
    this.#piece = new Uint8Array(size).fill(0x78);
  }

  override pollNext(_cx: Context): Poll<Uint8Array | Done> {
    this.taken++;
    return this.#piece;
  }

  override [Symbol.dispose](): void {
    this.isDropped = true;
  }
}

clientTest(
  "upload: a piece of no bytes is passed over, and does not end the body",
  async (client) => {
    await using server = await answering(ok("x", "keep-alive: timeout=5"));
    const body = iter(["", "ab", "", "", "c", ""].map(bytes));
    await exchange(client, { url: server.url, method: "POST", body });
    assertEquals(
      bodyOf(server.requests[0]!),
      "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    );
    const none = iter([bytes(""), bytes("")]);
    await exchange(client, { url: server.url, method: "POST", body: none });
    assertEquals(bodyOf(server.requests[1]!), "0\r\n\r\n");
    assertEquals(server.sockets.length, 1);
  },
);

clientTest(
  "upload: a stream whose length was said is sent with it",
  async (client) => {
    await using server = await answering(ok("x", "keep-alive: timeout=5"));
    const headers = { "Content-Length": "3" };
    for (
      const body of [
        iter([bytes("ab"), bytes("c")]),
        fromAsyncIterable(
          (async function* () {
            yield bytes("abc");
          })(),
        ),
        new Blob(["abc"]).stream(),
        new Blob(["abc"]),
        "abc",
      ]
    ) {
      await exchange(client, {
        url: server.url,
        method: "PUT",
        headers,
        body,
      });
      const request = server.requests.at(-1)!;
      assertEquals(bodyOf(request), "abc");
      assertEquals(request.match(/content-length: 3\r\n/gi)?.length, 1);
      assert(!/transfer-encoding/i.test(request));
    }
    assertEquals(server.sockets.length, 1);
  },
);

for (
  const [what, length, wrong] of [
    ["too many", 5, "1 bytes more"],
    ["too few", 7, "1 bytes less"],
  ] as const
) {
  clientTest(
    `upload: ${what} bytes fail the request and close the connection`,
    async (client) => {
      let got = "";
      await using server = await serve((socket) =>
        socket.on("data", (data) => got += data)
      );
      await using good = await answering(ok("good"));
      const url = `http://127.0.0.1:${server.port}`;
      const error = await assertRejects(
        () =>
          run(client.request({
            url,
            method: "POST",
            headers: { "content-length": `${length}` },
            body: iter(["abc", "def"].map(bytes)),
          })),
        RequestError,
        `it has ${wrong} than its content-length says`,
      );
      assertEquals([error.phase, error.attempt], ["write", 1]);
      assertEquals(error.requestMayHaveBeenProcessed, true);
      await eventually("the server sees the end", () => server.ended === 1);
      // What would have been too much was not sent.
      assert(bodyOf(got).length <= Math.min(length, 6));
      assertEquals(await exchange(client, { url: good.url }), [
        200,
        "good",
        "kept",
      ]);
    },
  );
}

clientTest(
  "upload: a source that fails fails the request with its own error",
  async (client) => {
    await using server = await answering(ok("good"));
    const failure = new Error("of the source");
    async function* body() {
      yield bytes("ab");
      await turn();
      throw failure;
    }
    const error = await assertRejects(() =>
      run(client.request({ url: server.url, method: "POST", body: body() }))
    );
    assertEquals(error, failure);
    await settled(client);
    assertEquals(client.snapshot().connections, []);
    assertEquals((await exchange(client, { url: server.url }))[1], "good");
  },
);

clientTest(
  "upload: a server that does not read is not sent more than it takes",
  async (client) => {
    let paused = true;
    let got = 0;
    await using server = await serve((socket) => {
      socket.pause();
      const resume = setInterval(() => {
        if (!paused) socket.resume();
      }, 1);
      socket.on("data", (data) => got += data.length);
      socket.on("close", () => clearInterval(resume));
    });
    const body = new Endless(64 * 1024);
    const abort = new AbortController();
    const request = assertRejects(() =>
      run(client.request({
        url: `http://127.0.0.1:${server.port}`,
        method: "POST",
        body,
        signal: abort.signal,
      }))
    );
    // The system's buffers are full when nothing is taken for many turns.
    let still = 0;
    for (let taken = -1; still < 50; taken = body.taken) {
      await turn();
      still = taken === body.taken && taken > 0 ? still + 1 : 0;
    }
    const taken = body.taken;
    assert(taken < 1000, `${taken} pieces`); // 64 MB
    paused = false;
    await eventually("it goes on", () => body.taken > taken + 10);
    assert(got > 0);
    abort.abort();
    await request;
    assert(body.isDropped);
  },
);

clientTest(
  "upload: a source that is not come to is dropped with its request",
  async (client) => {
    const url = "http://127.0.0.1:1/"; // nobody listens there
    const failed = new Endless(1);
    await assertRejects(() =>
      run(client.request({ url, method: "POST", body: failed }))
    );
    assert(failed.isDropped);
    const unsent = new Endless(1);
    client.request({ url, method: "POST", body: unsent })[Symbol.dispose]();
    assert(unsent.isDropped);
    assertEquals([failed.taken, unsent.taken], [0, 0]);
  },
);

clientTest(
  "upload: an answer that comes early stops it",
  async (client) => {
    await using server = await serve((socket) => {
      socket.once("data", () => {
        socket.write(
          "HTTP/1.1 413 Content Too Large\r\ncontent-length: 4\r\n\r\nstop",
        );
        socket.on("data", () => {});
      });
    });
    const body = new Endless(1024);
    const answer = await exchange(client, {
      url: `http://127.0.0.1:${server.port}`,
      method: "POST",
      body,
    });
    assertEquals(answer, [413, "stop", "closed"]);
    assert(body.isDropped);
    const { taken } = body;
    await turn();
    assertEquals(body.taken, taken);
    assertEquals(client.snapshot().connections, []);
  },
);

clientTest(
  "upload: an answer that comes early is heard though the server reads no more",
  async (client) => {
    await using server = await serve((socket) => {
      socket.once("data", () => {
        socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
        socket.pause();
      });
    });
    const body = new Endless(256 * 1024);
    const answer = await exchange(client, {
      url: `http://127.0.0.1:${server.port}`,
      method: "POST",
      body,
    });
    assertEquals(answer, [403, "no", "closed"]);
  },
);

const EXPECTING = {
  method: "POST",
  headers: { expect: "100-continue" },
  body: "body",
};

clientTest(
  "upload: expecting, it waits for 100 before the body",
  async (client) => {
    const steps: string[] = [];
    await using server = await serve((socket) => {
      let got = "";
      socket.on("data", async (data) => {
        got += data;
        if (got.endsWith("\r\n\r\n")) {
          steps.push("head");
          for (let n = 0; n < 10; n++) await turn();
          steps.push(`before 100: ${bodyOf(got)}`);
          socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        } else if (got.endsWith("body")) {
          steps.push("body");
          socket.write(ok("done"));
        }
      });
    });
    const url = `http://127.0.0.1:${server.port}`;
    assertEquals(await exchange(client, { url, ...EXPECTING }), [
      200,
      "done",
      "kept",
    ]);
    assertEquals(steps, ["head", "before 100: ", "body"]);
  },
);

clientTest(
  "upload: expecting, a final status is the answer: no body, and the connection closed",
  async (client) => {
    let got = "";
    await using server = await serve((socket) =>
      socket.on("data", (data) => {
        got += data;
        socket.write(
          "HTTP/1.1 417 Expectation Failed\r\ncontent-length: 2\r\n\r\nno",
        );
      })
    );
    const url = `http://127.0.0.1:${server.port}`;
    assertEquals(await exchange(client, { url, ...EXPECTING }), [
      417,
      "no",
      "closed",
    ]);
    await eventually("the server sees the end", () => server.ended === 1);
    assertEquals(bodyOf(got), "");
  },
);

clientTest(
  "upload: expecting, a server that is silent gets the body after a second",
  async (client) => {
    await using server = await answering(ok("done"));
    const start = performance.now();
    const [, text] = await exchange(client, { url: server.url, ...EXPECTING });
    assertEquals(text, "done");
    assert(performance.now() - start >= 1000);
  },
);

clientTest(
  "upload: expecting, it expects again where it is redirected to",
  async (client) => {
    let got = "";
    const steps: string[] = [];
    await using server = await serve((socket) => {
      socket.on("data", (data) => {
        got += data;
        if (!/(\r\n\r\n|body)$/.test(got)) return;
        steps.push(`${got.split(" ")[1]}: ${bodyOf(got)}`);
        if (got.startsWith("POST / ")) {
          socket.write(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n",
          );
          got = "";
        } else if (got.endsWith("\r\n\r\n")) {
          socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        } else socket.write(ok("done"));
      });
    });
    const url = `http://127.0.0.1:${server.port}/`;
    assertEquals((await exchange(client, { url, ...EXPECTING }))[1], "done");
    assertEquals(steps, ["/: ", "/b: ", "/b: body"]);
    assertEquals(server.sockets.length, 2);
  },
);

socketTest(
  "upload: a 100 that nobody asked for changes nothing",
  async () => {
    await using client = new HttpClient();
    await using server = await answering(
      `HTTP/1.1 100 Continue\r\n\r\n${ok("done")}`,
    );
    assertEquals(
      await exchange(client, { url: server.url, method: "POST", body: "x" }),
      [200, "done", "kept"],
    );
  },
);
