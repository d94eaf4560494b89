/** The bodies that `fetch` gives, as streams of bytes: what the web's can, they can. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { toWebStream } from "../../../net/http/_web_body.ts";
import { HttpClient, IncompleteBody } from "../../../net/http/mod.ts";
import { openResources } from "../../../net/mod.ts";
import { ScriptedNetwork } from "../_scripted_network.ts";
import { socketTest } from "../_sockets.ts";
import { answering, settled } from "./_answers.ts";
import { assertSame, begun, HEAD, join, KIB, pattern } from "./_begun.ts";

type Fetch = (url: string) => Promise<Response>;

/** Ours, and the global one that it stands in for. */
async function both(
  use: (get: Fetch, whose: string) => Promise<void>,
): Promise<void> {
  await using client = new HttpClient();
  await use((url) => client.fetch(url), "ours");
  await settled(client);
  await use(fetch, "the web's");
}

/** All that a BYOB reader reads into one memory, again and again. */
async function readInto(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
): Promise<Uint8Array> {
  const reader = body.getReader({ mode: "byob" });
  const pieces: Uint8Array[] = [];
  let memory = new Uint8Array(size);
  for (;;) {
    const { done, value } = await reader.read(memory);
    if (done) {
      // The memory is had back.
      assertEquals([value?.length, value?.buffer.byteLength], [0, size]);
      return join(pieces);
    }
    assert(value.length > 0);
    pieces.push(value.slice());
    memory = new Uint8Array(value.buffer);
  }
}

const BODY = pattern(150 * KIB);

/** The same body in each way that it may come. */
const WAYS: Record<string, [fields: string, body: Uint8Array]> = {
  "with its length": [`content-length: ${BODY.length}`, BODY],
  "in chunks": [
    "transfer-encoding: chunked",
    join([
      bytes(`${(70 * KIB).toString(16)}\r\n`),
      BODY.subarray(0, 70 * KIB),
      bytes(`\r\n${(80 * KIB).toString(16)}\r\n`),
      BODY.subarray(70 * KIB),
      bytes("\r\n0\r\n\r\n"),
    ]),
  ],
  "to the end of the connection": ["connection: close", BODY],
  "coded": ["content-encoding: gzip\r\nconnection: close", gzipSync(BODY)],
};

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

for (const [way, [fields, body]] of Object.entries(WAYS)) {
  socketTest(
    `fetch body: a BYOB reader reads all of one that comes ${way}, whatever its memory`,
    async () => {
      await using server = await answering((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`);
        socket.write(body, () => fields.includes("close") && socket.end());
      });
      await both(async (get, whose) => {
        for (const size of [700, 64 * KIB, 200 * KIB]) {
          const response = await get(server.url);
          const read = await readInto(response.body!, size);
          assertSame(read, BODY, `${whose}, into ${size}`);
          assert(response.bodyUsed);
        }
      });
    },
  );
}

socketTest(
  "fetch body: one that came whole and empty ends at once",
  async () => {
    await using server = await answering(
      "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    );
    await both(async (get) => {
      const { body } = await get(server.url);
      assertEquals(body && (await readInto(body, 9)).length, body && 0);
      const again = await get(server.url);
      assertEquals(await Array.fromAsync(again.body ?? []), []);
    });
  },
);

socketTest("fetch body: a BYOB reader reads one that came whole", async () => {
  await using server = await answering(
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
  );
  await both(async (get) => {
    for (const size of [1, 2, 5, 9]) {
      const response = await get(server.url);
      assertEquals(await readInto(response.body!, size), bytes("hello"));
      assert(response.bodyUsed);
    }
  });
});

Deno.test(
  "fetch body: a BYOB reader's memory is what the socket reads into, as far as the body goes",
  async () => {
    const before = openResources();
    const network = new ScriptedNetwork();
    const head = `${HEAD}content-length: ${300 * KIB}\r\n\r\n`;
    const { client, response } = begun(network, head);
    const reader = toWebStream(response).getReader({ mode: "byob" });
    const sizes: number[] = [];
    let got = 0;
    for (const size of [10 * KIB, 256 * KIB, 100 * KIB]) {
      // A view of a part of it: its other bytes are left alone.
      const read = reader.read(
        new Uint8Array(new ArrayBuffer(size + 2), 1, size),
      );
      await turns();
      const { into, done } = network.take("read");
      const { length } = into; // the memory goes on to the reader
      sizes.push(length / KIB);
      into.set(pattern(length, got));
      done.resolve(length);
      const { value } = await read;
      assertSame(value!, pattern(length, got), `${size}`);
      assertEquals([value!.byteOffset, value!.buffer.byteLength], [
        1,
        size + 2,
      ]);
      const all = new Uint8Array(value!.buffer);
      assertEquals([all[0], all.at(-1)], [0, 0]);
      got += length;
    }
    assertEquals(sizes, [10, 256, 34]);
    assertEquals(response.connection.fate, "in use");
    assert((await reader.read(new Uint8Array(1))).done);
    assertEquals(response.connection.fate, "kept");
    client.close();
    network.interrupt();
    assertEquals(openResources(), before);
  },
);

/** What is left to do in promise jobs. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Begins a body; the rest is sent when the test says so. */
function inParts(): {
  answer: (socket: Socket) => void;
  send(part: string): void;
} {
  let socket: Socket;
  return {
    answer(its) {
      socket = its;
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
    },
    send: (part) => void socket.write(part),
  };
}

socketTest(
  "fetch body: readers of either kind take turns, and none loses a byte",
  async () => {
    const { answer, send } = inParts();
    await using server = await answering(answer);
    await both(async (get, whose) => {
      const { body } = await get(server.url);
      const text = ({ value }: { value?: Uint8Array }) =>
        new TextDecoder().decode(value);
      const seen: string[] = [];
      const byob = body!.getReader({ mode: "byob" });
      send("123456");
      seen.push(text(await byob.read(new Uint8Array(2))));
      byob.releaseLock();
      const plain = body!.getReader();
      seen.push(text(await plain.read()));
      plain.releaseLock();
      const again = body!.getReader({ mode: "byob" });
      // Two bytes each: what is left of one waits for the other half.
      const pairs = again.read(new Uint16Array(2));
      send("7");
      send("890");
      const { value } = await pairs;
      assertEquals(value!.byteLength % 2, 0);
      let rest = Buffer.from(value!.buffer, 0, value!.byteLength).toString();
      while (rest.length < 4) rest += text(await again.read(new Uint8Array(2)));
      seen.push(rest);
      assert((await again.read(new Uint8Array(1))).done);
      assertEquals(seen, ["12", "3456", "7890"], whose);
    });
  },
);

socketTest(
  "fetch body: what did not go into a reader's memory is there for one of the other kind",
  async () => {
    let send: (part: string) => void;
    await using server = await answering((socket) => {
      send = (part) => void socket.write(part);
      send(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n",
      );
    });
    await both(async (get, whose) => {
      const { body } = await get(server.url);
      const seen: string[] = [];
      for (const chunks of ["", "4\r\nefgh\r\n", "4\r\nijkl\r\n0\r\n\r\n"]) {
        send(chunks);
        const byob = body!.getReader({ mode: "byob" });
        const { value } = await byob.read(new Uint8Array(1));
        byob.releaseLock();
        const plain = body!.getReader();
        const { value: rest } = await plain.read();
        plain.releaseLock();
        seen.push(Buffer.concat([value!, rest!]).toString());
        structuredClone(rest, { transfer: [rest!.buffer] }); // it is the reader's
      }
      assertEquals(seen, ["abcd", "efgh", "ijkl"], whose);
      assert((await body!.getReader().read()).done);
    });
  },
);

socketTest(
  "fetch body: what a reader had asked for that was let go comes to the next",
  async () => {
    const { answer, send } = inParts();
    await using server = await answering(answer);
    await both(async (get, whose) => {
      const { body } = await get(server.url);
      const first = body!.getReader({ mode: "byob" });
      const read = first.read(new Uint8Array(8));
      const rejected = assertRejects(() => read, TypeError);
      await turns();
      first.releaseLock();
      await rejected;
      send("1234567890");
      let all = "";
      for await (const piece of body!) all += new TextDecoder().decode(piece);
      assertEquals(all, "1234567890", whose);
    });
  },
);

Deno.test(
  "fetch body: what a BYOB reader had asked for comes to one of the other kind before more does",
  async () => {
    const network = new ScriptedNetwork();
    const head = `${HEAD}content-length: 5\r\n\r\n`;
    const { client, response } = begun(network, head);
    const body = toWebStream(response);
    const first = body.getReader({ mode: "byob" });
    const read = first.read(new Uint8Array(8));
    const rejected = assertRejects(() => read, TypeError);
    await turns();
    first.releaseLock();
    await rejected;
    const next = body.getReader();
    const pieces: Uint8Array[] = [];
    const reading = next.read();
    await turns();
    const { into, done } = network.take("read");
    into.set(bytes("hello"));
    done.resolve(5);
    for (let all = await reading; !all.done; all = await next.read()) {
      pieces.push(all.value);
    }
    assertEquals(join(pieces), bytes("hello"));
    assertEquals(response.connection.fate, "kept");
    client.close();
    network.interrupt();
  },
);

socketTest(
  "fetch body: one that is cancelled while a BYOB reader waits is drained or closed",
  async () => {
    const { answer } = inParts();
    await using server = await answering(answer);
    await using client = new HttpClient();
    const { body } = await client.fetch(server.url);
    const reader = body!.getReader({ mode: "byob" });
    const read = reader.read(new Uint8Array(8));
    await turns();
    await reader.cancel();
    assertEquals((await read).done, true);
    assertEquals(
      client.snapshot().connections.map(({ state }) => state),
      ["draining"],
    );
  },
);

socketTest(
  "fetch body: an abort ends one at once, whether it is being read or not",
  async () => {
    const { answer } = inParts();
    await using server = await answering((socket) => {
      answer(socket);
      socket.write("12345");
    });
    await using client = new HttpClient();
    const reason = new Error("enough");
    for (const size of [0, 2]) {
      const abort = new AbortController();
      const { signal } = abort;
      const response = await client.fetch(server.url, { signal });
      const reader = response.body!.getReader({ mode: "byob" });
      if (size > 0) await reader.read(new Uint8Array(size));
      abort.abort(reason);
      assertEquals(client.snapshot().connections, []);
      for (let i = 0; i < 2; i++) {
        assertEquals(
          await assertRejects(() => reader.read(new Uint8Array(2))),
          reason,
        );
      }
    }
  },
);

socketTest(
  "fetch body: one that breaks fails a BYOB reader with a TypeError, and ours as its cause",
  async () => {
    await using server = await answering((socket) => {
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut");
    });
    await using client = new HttpClient();
    const { body } = await client.fetch(server.url);
    const reader = body!.getReader({ mode: "byob" });
    const { value } = await reader.read(new Uint8Array(3));
    assertEquals(value, bytes("cut"));
    const error = await assertRejects(
      () => reader.read(new Uint8Array(3)),
      TypeError,
    );
    assert(error.cause instanceof IncompleteBody);
  },
);

socketTest(
  "fetch body: who holds the stream of one that came whole has it to himself",
  async () => {
    const field = "content-type: application/x-www-form-urlencoded";
    await using server = await answering(
      `HTTP/1.1 200 OK\r\n${field}\r\ncontent-length: 2\r\n\r\n12`,
    );
    const forms = [
      "bytes",
      "arrayBuffer",
      "text",
      "json",
      "blob",
      "formData",
    ] as const;
    await both(async (get, whose) => {
      for (const form of forms) {
        const response = await get(server.url);
        assert(response.body === response.body);
        assertEquals(response.bodyUsed, false);
        const reader = response.body!.getReader();
        await assertRejects(() => response[form](), TypeError);
        assertThrows(() => response.clone(), TypeError, undefined, whose);
        await reader.read();
        await assertRejects(() => response[form](), TypeError);
        await reader.cancel();
        assertEquals([response.bodyUsed, response.body!.locked], [true, true]);

        const other = await get(server.url);
        assertEquals(other.body!.locked, false);
        await other[form](); // to have looked at its stream takes nothing away
        assert(other.bodyUsed);
        await assertRejects(() => other[form](), TypeError);
      }
    });
  },
);

socketTest(
  "fetch body: a blob and a form of one that comes late are as the web's",
  async () => {
    const types = [
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "Text/Plain;Charset=UTF-8",
    ];
    const parts =
      '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n';
    for (const type of types) {
      const body = type.startsWith("multipart") ? parts : "a=1&b=%20";
      const head = `content-type: ${type}\r\ncontent-length: ${body.length}`;
      await using server = await answering((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
        setTimeout(() => socket.write(body), 1);
      });
      const seen: unknown[] = [];
      await both(async (get) => {
        const response = await get(server.url);
        const reading = response.blob();
        assertEquals(response.bodyUsed, true);
        await assertRejects(() => response.formData(), TypeError);
        const blob = await reading;
        const form = await (await get(server.url)).formData().then(
          (form) => [...form],
          (error) => error.constructor,
        );
        seen.push([blob.type, await blob.text(), form]);
      });
      assertEquals(seen[0], seen[1], type);
    }
  },
);

socketTest(
  "fetch body: a BYOB reader reads a clone, too, beside the other",
  async () => {
    for (const body of ["small", "x".repeat(20_000)]) {
      await using server = await answering(
        `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await both(async (get, whose) => {
        const response = await get(server.url);
        const clone = response.clone();
        const [a, b] = await Promise.all([
          readInto(response.body!, 1000),
          readInto(clone.body!, 3000),
        ]);
        assertSame(a, bytes(body), whose);
        assertSame(b, bytes(body), whose);
      });
    }
  },
);

socketTest(
  "fetch body: a response is passed on by a server, though its stream was looked at",
  async () => {
    await using origin = await answering(
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    );
    await using client = new HttpClient();
    await using proxy = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async ({ url }) => {
        const response = await client.fetch(origin.url);
        assert(response.body !== null);
        return url.endsWith("/as-it-is")
          ? response
          : new Response(response.body, response);
      },
    );
    for (const path of ["as-it-is", "anew"]) {
      const url = `http://127.0.0.1:${proxy.addr.port}/${path}`;
      assertEquals(await (await fetch(url)).text(), "hello");
    }
  },
);
