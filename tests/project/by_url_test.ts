import { assertEquals, assertStringIncludes } from "@std/assert";
import { deno, ROOT, sources } from "./_deno.ts";

/** Serves the files that users get as any static server would, and no others. */
function serve(): { origin: string } & AsyncDisposable {
  const served = new Set(sources().map((path) => `/${path}`));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (!served.has(pathname)) return new Response(null, { status: 404 });
      return new Response(await Deno.readFile(ROOT + pathname.slice(1)), {
        headers: { "content-type": "application/typescript" },
      });
    },
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function runByUrl(
  program: (origin: string) => string,
  flags: string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using server = serve();
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/main.ts`, program(server.origin));
    return await deno(
      [
        "run",
        "--no-config",
        "--no-prompt",
        `--allow-import=${server.origin.replace("http://", "")}`,
        ...flags,
        "main.ts",
      ],
      { cwd: dir, env: { DENO_DIR: `${dir}/cache` } },
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("by URL: the library runs with no configuration file and no permission", async () => {
  const { code, stdout, stderr } = await runByUrl(
    (origin) => `
      import { run, sleep } from "${origin}/mod.ts";
      await run(sleep(1));
      console.log("slept");
    `,
    ["--check"], // of all that mod.ts has; once, for it takes its time
  );
  assertEquals({ code, stdout }, { code: 0, stdout: "slept\n" }, stderr);
});

Deno.test("by URL: a grant for the very address is enough for the client", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("pollen"),
  );
  try {
    const address = `127.0.0.1:${server.addr.port}`;
    const { code, stdout, stderr } = await runByUrl(
      (origin) => `
        import { run } from "${origin}/executor/mod.ts";
        import { SimpleHttpClient } from "${origin}/net/http/mod.ts";
        const request = new TextEncoder().encode(
          "GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n",
        );
        const response = await run(new SimpleHttpClient("${address}", request));
        console.log(new TextDecoder().decode(response).split("\\r\\n").at(0));
      `,
      [`--allow-net=${address}`],
    );
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "HTTP/1.1 200 OK");
  } finally {
    await server.shutdown();
  }
});
