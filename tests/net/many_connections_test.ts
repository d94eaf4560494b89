import { assertEquals, assertLess } from "@std/assert";

const COUNT = 10_000;

/** Bytes that an idle connection may take, all told. */
const LIMIT = 20 * 1024;

/** A child, and what it says, line by line. */
class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncIterator<Record<string, number>>;

  constructor(grants: string[], ...args: (string | number)[]) {
    const child = new URL("_many_child.ts", import.meta.url).href;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "--no-prompt",
        "--v8-flags=--expose-gc",
        ...grants,
        child,
        ...args.map(String),
      ],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#lines = linesOf(this.#process.stdout);
  }

  /** The next thing that it says; `null` when it says nothing more. */
  async hears(): Promise<Record<string, number> | null> {
    const { value, done } = await this.#lines.next();
    return done ? null : value;
  }

  /** Ends it; what it complained of. */
  async complaint(): Promise<string> {
    this.#end();
    return await new Response(this.#process.stderr).text();
  }

  #end(): void {
    try {
      this.#process.kill();
    } catch {
      // It has ended.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#process.status;
    await this.#lines.return?.();
    if (!this.#process.stderr.locked) await this.#process.stderr.cancel();
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Record<string, number>, void, void> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}

/** Opens so many at once; `null` if the system does not let us. */
async function open(count: number): Promise<Record<string, number> | null> {
  await using server = new Child(["--allow-net=127.0.0.1:0"], "serve", count);
  const port = (await server.hears())?.port;
  if (port === undefined) throw new Error(await server.complaint());
  await using client = new Child(
    [`--allow-net=127.0.0.1:${port}`],
    "connect",
    count,
    port,
  );
  const connected = await client.hears();
  const used = connected === null ? null : await server.hears();
  if (used === null) {
    const complaints = await client.complaint() + await server.complaint();
    if (complaints.includes("Too many open files")) return null;
    throw new Error(complaints);
  }
  assertEquals(connected, { connected: count });
  assertEquals(await client.hears(), { ended: count });
  return used;
}

Deno.test("many: 10,000 connections are open at once, each at less than 20 KB", async () => {
  for (let count = COUNT; count >= 1000; count /= 2) {
    const used = await open(count);
    if (used === null) {
      console.log(`${count} connections: more than this system's open files`);
      continue;
    }
    assertEquals(used.connections, count);
    console.log(
      `${count} idle connections: ${used.rss} bytes each (V8's heap ${used.heapUsed}, buffers ${used.external})`,
    );
    assertLess(used.rss!, LIMIT);
    return;
  }
  throw new Error("not even 1000 connections could be opened");
});
