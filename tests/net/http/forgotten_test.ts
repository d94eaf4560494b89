import { assert, assertEquals } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { run } from "../../../executor/mod.ts";
import { iter } from "../../../future/stream/mod.ts";
import type { HttpClient } from "../../../net/http/mod.ts";
import { eventually, turn } from "../_sockets.ts";
import { answering, clientTest, ok } from "./_answers.ts";
import { serve } from "./_server.ts";

setFlagsFromString("--expose-gc");
// This realm has no such function: it was made before the flag was set.
const collect = runInNewContext("gc") as () => void;

const STARTED = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nab";

const LIVING = new AbortController();

/** What may be done with a response, and be forgotten then. */
const FORGETFUL: Record<
  string,
  (client: HttpClient, url: string) => Promise<void>
> = {
  "the response": async (client, url) => {
    await run(client.get(url));
  },
  "the response to a request with a signal that lives on": async (
    client,
    url,
  ) => {
    await run(client.request({ url, signal: LIVING.signal }));
  },
  "a body of fetch that was begun, with a signal that lives on": async (
    client,
    url,
  ) => {
    const { signal } = LIVING;
    const { body } = await client.fetch(url, { signal });
    await body!.getReader().read();
  },
  "its stream": async (client, url) => {
    const stream = (await run(client.get(url))).stream();
    await run(stream.next());
  },
  "its reader": async (client, url) => {
    (await run(client.get(url))).reader();
  },
  "a future of its text": async (client, url) => {
    (await run(client.get(url))).text();
  },
};

for (const [what, forget] of Object.entries(FORGETFUL)) {
  clientTest(
    `forgotten: ${what} gives the connection up when it is collected`,
    async (client) => {
      await using server = await answering(STARTED, ok("next"));
      await forget(client, server.url);
      assertEquals(client.snapshot().connections[0]!.state, "busy");
      await eventually("it is collected", () => {
        collect();
        return client.snapshot().connections.length === 0;
      });
      const next = await run(client.get(server.url));
      assertEquals(await run(next.text()), "next");
    },
    { pool: { maxPerOrigin: 1 } },
  );
}

/** More than the buffers of both systems take. */
const MUCH = new Uint8Array(32 * 1024 * 1024);

for (
  const [how, bodyOf] of [
    ["with a length", () => MUCH],
    ["in chunks", () => iter([MUCH])],
  ] as const
) {
  clientTest(
    `forgotten: a response that came before the request was sent, ${how}, gives the connection up`,
    async (client) => {
      await using server = await serve((socket) => {
        socket.once("data", () => {
          socket.pause(); // it takes no more
          socket.write(STARTED);
        });
      });
      const url = `http://127.0.0.1:${server.port}`;
      const forget = async () => {
        await run(client.request({ method: "POST", url, body: bodyOf() }));
      };
      await forget();
      assertEquals(client.snapshot().connections[0]!.state, "busy");
      await eventually("it is collected", () => {
        collect();
        return client.snapshot().connections.length === 0;
      });
    },
  );
}

clientTest(
  "forgotten: what still reads the body keeps its connection, whatever else is collected",
  async (client) => {
    await using server = await answering((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
    });
    const open = async () => (await run(client.get(server.url))).text();
    const text = run(await open());
    for (let n = 0; n < 5; n++) {
      collect();
      await turn();
    }
    assertEquals(client.snapshot().connections[0]!.state, "busy");
    server.sockets[0]!.write("cd");
    assertEquals(await text, "abcd");
    assert(client.snapshot().connections[0]!.state === "idle");
  },
);
