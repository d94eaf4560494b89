import { assert, assertEquals } from "@std/assert";
import { run } from "../../executor/mod.ts";
import { co, type Future, join } from "../../future/mod.ts";
import { iter, type Stream } from "../../future/stream/mod.ts";
import {
  HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  type HttpResponse,
} from "../../net/http/mod.ts";
import { read } from "../../net/io/mod.ts";
import { eventually } from "../net/_sockets.ts";

export const HELLO = "hello\n";
/** Text that compresses well, and that no server sends in one piece. */
export const PAGE: string = Array.from(
  { length: 20_000 },
  (_, n) => `line ${n} of a page\n`,
).join("");
/** What a transfer may take of memory, however long it is. */
const FLAT = 24 * 1024 * 1024;

/** A server that has been started, with what not every one has. */
export interface Served extends AsyncDisposable {
  /** Where `hello.txt`, `page.txt` and `big.bin` are; without a slash. */
  readonly url: string;
  /** The options that a client needs for it. */
  readonly client?: HttpClientOptions;
  /** How many bytes `big.bin` has. */
  readonly bigBytes: number;
  /** The content codings that it has for text. */
  readonly codings: readonly string[];
  /** Where a body goes, and how much of it has arrived. */
  readonly upload: {
    readonly method: string;
    readonly path: string;
    arrived(answer: string): number | Promise<number>;
  };
  /** Whether it is a process of its own, so that all memory here is the client's. */
  readonly apart?: boolean;
  /** Whether it knows ranges, and what has not been modified. */
  readonly files?: boolean;
  /** Whether it closes connections that are idle for a second or two. */
  readonly closesIdle?: boolean;
  /** Whether it asks for the body of a request that expects a 100. */
  readonly continues?: boolean;
  /** A path that is answered in chunks, with a field `x-lines` behind them. */
  readonly trailers?: string;
  /** A path that is answered with 204. */
  readonly empty?: string;
}

class Scene {
  readonly client: HttpClient;
  readonly served: Served;

  constructor(client: HttpClient, served: Served) {
    this.client = client;
    this.served = served;
  }

  get(
    path: string,
    init: Partial<HttpRequest> = {},
  ): Promise<HttpResponse> {
    return run(this.client.request({ ...init, url: this.served.url + path }));
  }

  read(path: string): Future<string> {
    const { client, served } = this;
    return co(function* () {
      using response = yield* client.get(served.url + path);
      assertEquals(response.status, 200);
      return yield* response.text();
    });
  }

  async upload(
    body: HttpRequest["body"],
    headers: Record<string, string> = {},
  ): Promise<number> {
    const { method, path, arrived } = this.served.upload;
    using response = await this.get(path, { method, body: body!, headers });
    assert(response.ok, `${response.status}`);
    return await arrived(await run(response.text()));
  }
}

/** How much more memory is in use at any time while it runs. */
async function growth(
  work: (look: () => void) => Promise<void>,
): Promise<number> {
  const used = () => {
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let most = 0;
  await work(() => most = Math.max(most, used() - before));
  return most;
}

function assertFlat({ apart }: Served, grown: number): void {
  if (apart) assert(grown < FLAT, `took ${grown} bytes of memory`);
}

function* pieces(total: number, look: () => void): Generator<Uint8Array> {
  const piece = new Uint8Array(64 * 1024).fill(120);
  for (let left = total; left > 0; left -= piece.byteLength) {
    look();
    yield piece.subarray(0, Math.min(left, piece.byteLength));
  }
}

interface Part {
  readonly when?: (served: Served) => boolean;
  readonly body: (scene: Scene) => Promise<void>;
}

const PARTS: Record<string, Part> = {
  "twenty requests go over one connection": {
    async body(scene) {
      for (let n = 0; n < 20; n++) {
        using response = await scene.get("/hello.txt");
        assertEquals(await run(response.text()), HELLO);
        assertEquals(response.connection.id, 1);
        assertEquals(response.connection.fate, "kept");
      }
    },
  },
  "many at once share the connections that are allowed": {
    async body(scene) {
      const texts = await run(
        join(Array.from({ length: 40 }, () => scene.read("/hello.txt"))),
      );
      assertEquals(texts, Array.from({ length: 40 }, () => HELLO));
      assert(scene.client.snapshot().connections.length <= 6);
    },
  },
  "after HEAD, 204 and 404 the connection goes on": {
    async body(scene) {
      using head = await scene.get("/hello.txt", { method: "HEAD" });
      assertEquals(await run(head.text()), "");
      const { empty } = scene.served;
      if (empty !== undefined) {
        using none = await scene.get(empty);
        assertEquals([none.status, await run(none.text())], [204, ""]);
      }
      using missing = await scene.get("/missing");
      assertEquals(missing.status, 404);
      await run(missing.bytes());
      using next = await scene.get("/hello.txt");
      assertEquals(await run(next.text()), HELLO);
      assertEquals(next.connection.id, 1);
    },
  },
  "text is coded as asked for, and decoded": {
    async body(scene) {
      for (const coding of scene.served.codings) {
        using response = await scene.get("/page.txt", {
          headers: { "accept-encoding": coding },
        });
        assertEquals(response.headers.get("content-encoding"), coding);
        assertEquals(await run(response.text()), PAGE);
        assertEquals(response.connection.fate, "kept");
      }
      assertEquals(await run(scene.read("/page.txt")), PAGE);
    },
  },
  "a range, and what has not been modified": {
    when: ({ files }) => files === true,
    async body(scene) {
      using range = await scene.get("/hello.txt", {
        headers: { range: "bytes=1-3", "accept-encoding": "identity" },
      });
      assertEquals(range.status, 206);
      assertEquals(range.headers.get("content-range"), "bytes 1-3/6");
      assertEquals(await run(range.text()), "ell");
      const etag = range.headers.get("etag")!;
      using same = await scene.get("/hello.txt", {
        headers: { "if-none-match": etag, "accept-encoding": "identity" },
      });
      assertEquals([same.status, await run(same.text())], [304, ""]);
      assertEquals(same.connection.id, 1);
    },
  },
  "fields come behind a body in chunks": {
    when: ({ trailers }) => trailers !== undefined,
    async body(scene) {
      using response = await scene.get(scene.served.trailers!, {
        headers: { te: "trailers" },
      });
      assertEquals(response.headers.get("transfer-encoding"), "chunked");
      assertEquals(await run(response.text()), HELLO);
      assertEquals(response.trailers?.get("x-lines"), "1");
    },
  },
  "a body of unknown length, of known length, and a small one arrive": {
    async body(scene) {
      const { bigBytes } = scene.served;
      let grown = await growth(async (look) => {
        const stream: Stream<Uint8Array> = iter(pieces(bigBytes, look));
        assertEquals(await scene.upload(stream), bigBytes);
      });
      grown = Math.max(
        grown,
        await growth(async (look) => {
          assertEquals(
            await scene.upload(iter(pieces(bigBytes, look)), {
              "content-length": `${bigBytes}`,
            }),
            bigBytes,
          );
        }),
      );
      assertFlat(scene.served, grown);
      assertEquals(await scene.upload("small"), 5);
    },
  },
  "a body waits for the server to ask for it": {
    when: ({ continues }) => continues === true,
    async body(scene) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const asked = { at: 0 };
      async function* body() {
        asked.at = performance.now();
        resolve();
        yield new TextEncoder().encode("expected");
      }
      const before = performance.now();
      assertEquals(await scene.upload(body(), { expect: "100-continue" }), 8);
      await promise;
      // Without a 100, it would be sent all the same after a second.
      assert(asked.at - before < 900, `asked after ${asked.at - before} ms`);
    },
  },
  "a long body is read as it comes": {
    async body(scene) {
      const { bigBytes } = scene.served;
      let got = 0;
      const grown = await growth(async (look) => {
        using response = await scene.get("/big.bin");
        using reader = response.reader();
        await run(co(function* () {
          const into = new Uint8Array(256 * 1024);
          for (;;) {
            const n = yield* read(reader, into);
            if (n === null) return;
            got += n;
            look();
          }
        }));
        assertEquals(response.connection.fate, "kept");
      });
      assertEquals(got, bigBytes);
      assertFlat(scene.served, grown);
    },
  },
  "a long body that is dropped harms nobody": {
    async body(scene) {
      {
        using response = await scene.get("/big.bin");
        using stream = response.stream();
        await run(stream.next());
      }
      assertEquals(await run(scene.read("/hello.txt")), HELLO);
    },
  },
  "a server that closes idle connections is not missed": {
    when: ({ closesIdle }) => closesIdle === true,
    async body(scene) {
      for (let n = 0; n < 2; n++) {
        assertEquals(await run(scene.read("/hello.txt")), HELLO);
        await eventually(
          "the connection is closed",
          () => scene.client.snapshot().connections.length === 0,
        );
        assertEquals(await scene.upload("x"), 1);
      }
    },
  },
};

/** Tests all that holds with a server, each part with a client of its own. */
export function testServer(name: string, start: () => Promise<Served>): void {
  Deno.test(`servers: ${name}`, async (t) => {
    await using served = await start();
    for (const [part, { when, body }] of Object.entries(PARTS)) {
      if (when?.(served) === false) continue;
      await t.step(part, async () => {
        await using client = new HttpClient({
          deadlines: { total: 60_000 },
          ...served.client,
        });
        await body(new Scene(client, served));
      });
    }
  });
}
