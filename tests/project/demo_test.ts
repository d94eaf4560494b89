import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { deno } from "./_deno.ts";

const RUN = [
  "run",
  "--no-prompt",
  "--quiet",
  "--allow-net=127.0.0.1,localhost",
];
const DEMO = [...RUN, "tests/demo/main.ts"];

Deno.test("demo: shows all its parts, leaves nothing open, in under 10 s", async () => {
  const start = performance.now();
  const { code, stdout, stderr } = await deno(DEMO);
  assertEquals(code, 0, stderr);
  assert(performance.now() - start < 10_000);
  const states = [...stdout.matchAll(
    /^ {2}(Initial|Resolving|Connecting|Writing|Reading|Closed) /gm,
  )].map(([, state]) => state);
  assertEquals(states, [
    "Initial",
    "Resolving",
    "Connecting",
    "Writing",
    "Reading",
    "Closed",
  ]);
  assertStringIncludes(stdout, "200 right answers of 200");
  assertStringIncludes(stdout, "the server sees its socket close");
  assertStringIncludes(stdout, "TimeoutError");
  assertStringIncludes(
    stdout,
    "left open: 0 streams, 0 listeners, 0 operations",
  );
});

Deno.test("demo: walks through the states against a server of the user's", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => new Response(new URL(request.url).pathname),
  );
  try {
    const url = `http://127.0.0.1:${server.addr.port}/some/path`;
    const { code, stdout, stderr } = await deno([...DEMO, url]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "Reading");
    assertStringIncludes(stdout, "HTTP/1.1 200 OK");
  } finally {
    await server.shutdown();
  }
});

Deno.test("demo: says what is wrong with a URL, and fails", async () => {
  for (const url of ["ftp://127.0.0.1/", "127.0.0.1", "https://127.0.0.1/"]) {
    const { code, stderr } = await deno([...DEMO, url]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "http://host[:port]/path");
  }
});
