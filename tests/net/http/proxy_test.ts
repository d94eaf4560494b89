import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect as connectTo } from "node:net";
import { run } from "../../../executor/mod.ts";
import {
  HttpClient,
  ProtocolError,
  RequestError,
  TransportError,
} from "../../../net/http/mod.ts";
import { NoProxy } from "../../../net/http/_no_proxy.ts";
import { parseTarget } from "../../../net/http/_target.ts";
import { socketTest } from "../_sockets.ts";
import { type Answer, answering, ok, response } from "./_answers.ts";

const pem = (name: string) =>
  Deno.readTextFileSync(new URL(`../certs/${name}`, import.meta.url));

/** A proxy that opens tunnels, whatever the name, to this port. */
function tunnelTo(port: number): Answer {
  return (socket) => {
    const server = connectTo(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.removeAllListeners("data");
      socket.pipe(server).pipe(socket);
    });
    server.on("error", () => socket.destroy());
    socket.on("close", () => server.destroy());
  };
}

Deno.test("proxy: no credentials for it go through a tunnel, to the server", async () => {
  await using client = new HttpClient({ proxy: "http://127.0.0.1:9" });
  const error = assertThrows(
    () =>
      client.get("https://a.test/", {
        headers: { "Proxy-Authorization": "Basic s3cret" },
      }),
    RequestError,
    "put the credentials into the proxy's URL",
  );
  assert(!String(error).includes("s3cret"));
});

socketTest(
  "proxy: it is given the whole URL, and keeps its credentials to itself",
  async () => {
    await using proxy = await answering(
      response("302 Found", "", "location: http://b.test:81/next"),
      ok("by proxy"),
    );
    const url = proxy.url.replace("http://", "http://me:secret@");
    await using client = new HttpClient({ proxy: url });
    const answer = await run(client.get("http://a.test/path?q"));
    assertEquals(await run(answer.text()), "by proxy");
    const [first, second] = proxy.requests;
    assert(
      first!.startsWith(
        "GET http://a.test/path?q HTTP/1.1\r\nHost: a.test\r\n",
      ),
    );
    assert(
      first!.includes(`Proxy-Authorization: Basic ${btoa("me:secret")}\r\n`),
    );
    assert(
      second!.startsWith(
        "GET http://b.test:81/next HTTP/1.1\r\nHost: b.test:81\r\n",
      ),
    );
    // One connection serves all that it forwards to.
    assertEquals(proxy.sockets.length, 1);
    assert(!JSON.stringify(client.snapshot()).includes("secret"));
  },
);

socketTest(
  "proxy: a server that speaks TLS is reached through a tunnel",
  async () => {
    await using server = Deno.serve(
      {
        hostname: "127.0.0.1",
        port: 0,
        onListen() {},
        cert: pem("server.pem"),
        key: pem("server.key"),
      },
      (request) =>
        new Response(request.headers.get("proxy-authorization") ?? "none"),
    );
    await using proxy = await answering(tunnelTo(server.addr.port));
    await using client = new HttpClient({
      proxy: { url: proxy.url.replace("http://", "http://me:secret@") },
      tls: { caCerts: [pem("ca.pem")] },
    });
    for (let n = 0; n < 2; n++) {
      const answer = await run(client.get("https://localhost/"));
      assertEquals(await run(answer.text()), "none");
      assertEquals(answer.connection.reused, n > 0);
      assertEquals(answer.timings.tls > 0, n === 0);
    }
    assertEquals(proxy.requests, [
      "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n" +
      `Proxy-Authorization: Basic ${btoa("me:secret")}\r\n\r\n`,
    ]);
    client.close();
  },
);

socketTest(
  "proxy: one that refuses, or says too much, is told from the server",
  async () => {
    await using server = await answering(
      response("407 Proxy Authentication Required", ""),
      "HTTP/1.1 200 OK\r\n\r\nsmuggled",
      "HTTP/1.1 20",
    );
    await using client = new HttpClient({
      proxy: server.url,
      deadlines: { connect: 50 },
    });
    const get = () => run(client.get("https://localhost/"));
    const refused = await assertRejects(
      get,
      TransportError,
      "it answered with 407",
    );
    assertEquals([refused.phase, refused.requestMayHaveBeenProcessed], [
      "proxy",
      false,
    ]);
    const smuggled = await assertRejects(
      get,
      ProtocolError,
      "more than its answer",
    );
    assertEquals(smuggled.phase, "proxy");
    const silent = await assertRejects(get, Error, "deadlines.connect");
    assertEquals((silent as TransportError).phase, "proxy");
  },
);

socketTest("proxy: what is excepted is reached straight", async () => {
  await using server = await answering(ok("straight"));
  await using proxy = await answering(ok("by proxy"));
  await using client = new HttpClient({
    proxy: { url: proxy.url, except: "127.0.0.0/8" },
  });
  const text = async (url: string) => {
    const answer = await run(client.get(url));
    return await run(answer.text());
  };
  assertEquals(await text(server.url), "straight");
  assertEquals(await text("http://a.test/"), "by proxy");
});

Deno.test("proxy: what is reached without one, as NO_PROXY says it", () => {
  const cases: [except: string, url: string, covers: boolean][] = [
    ["*", "http://any.test/", true],
    ["", "http://any.test/", false],
    ["example.com", "http://example.com/", true],
    ["example.com", "http://www.EXAMPLE.com/", true],
    ["example.com", "http://notexample.com/", false],
    [".example.com", "http://example.com/", false],
    [".example.com", "http://www.example.com/", true],
    ["*.example.com", "http://www.example.com/", true],
    ["a.test, b.test c.test", "http://c.test/", true],
    ["a.test:8080", "http://a.test:8080/", true],
    ["a.test:8080", "http://a.test/", false],
    ["a.test:443", "https://a.test/", true],
    ["10.0.0.1", "http://10.0.0.1/", true],
    ["10.0.0.1", "http://10.0.0.10/", false],
    ["10.0.0.0/8", "http://10.200.3.4/", true],
    ["10.0.0.0/8", "http://11.0.0.1/", false],
    ["10.0.0.0/8", "http://10.test/", false],
    ["::1", "http://[::1]/", true],
    ["[::1]:80", "http://[::1]/", true],
    ["[::1]:81", "http://[::1]/", false],
    ["fd00::/8", "http://[fd12::1]/", true],
    ["fd00::/8", "http://10.0.0.1/", false],
  ];
  for (const [except, url, covers] of cases) {
    assertEquals(
      new NoProxy(except).covers(parseTarget(url)),
      covers,
      `${except} for ${url}`,
    );
  }
});

Deno.test("proxy: one that cannot be used is refused when the client is made", () => {
  for (
    const proxy of [
      "https://proxy.test/",
      "socks5://proxy.test/",
      "nowhere",
      { url: "http://a b/" },
    ]
  ) {
    const error = assertThrows(() => new HttpClient({ proxy }), RequestError);
    assertEquals(error.phase, "request");
  }
});

/** What a client of a program with these variables asks a proxy for. */
async function childAsks(
  env: Record<string, string>,
  url: string,
  grants: string[],
): Promise<string> {
  const child = new URL("./_proxy_child.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "--no-check",
      "--allow-net",
      ...grants,
      child,
      url,
    ],
    env,
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("proxy: the environment is heeded as far as it may be read", async () => {
  await using proxy = await answering(ok("by proxy"));
  const env = { HTTP_PROXY: proxy.url, NO_PROXY: "skipped.invalid" };
  const every = ["--allow-env"];
  const here = "http://here.invalid/";
  assertEquals(await childAsks(env, here, every), "by proxy\n");
  assertEquals(
    await childAsks(
      { http_proxy: proxy.url.slice("http://".length) },
      here,
      every,
    ),
    "by proxy\n",
  );
  assertEquals(
    await childAsks({ ALL_PROXY: proxy.url }, here, every),
    "by proxy\n",
  );
  for (
    const [variables, url, grants] of [
      [env, "http://skipped.invalid/", every],
      [env, here, []],
      [{ ...env, REQUEST_METHOD: "GET" }, here, every],
      [{ HTTPS_PROXY: proxy.url }, here, every],
    ] as const
  ) {
    assertEquals(await childAsks(variables, url, [...grants]), "resolve\n");
  }
});
