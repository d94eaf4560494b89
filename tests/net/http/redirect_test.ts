import { assert, assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { run } from "../../../executor/mod.ts";
import { iter } from "../../../future/stream/mod.ts";
import {
  HttpClient,
  type HttpRequest,
  RequestError,
  TooManyRedirects,
} from "../../../net/http/mod.ts";
import { CA, SERVER } from "../_certs.ts";
import { explore, fifo, SimNetwork } from "../../../net/sim/mod.ts";
import { bytes, socketTest } from "../_sockets.ts";
import { MemoryWatch } from "./_attacks.ts";
import {
  answering,
  type AnsweringServer,
  clientTest,
  ok,
  response,
  settled,
} from "./_answers.ts";
import { serveSim } from "./_sim_server.ts";

const SECRETS = {
  Authorization: "Bearer s3cret",
  cookie: "s3cret=1",
  "PROXY-authorization": "Basic s3cret",
  "x-kept": "1",
};

function to(location: string, status = "302 Found"): string {
  return response(status, "", `location: ${location}`);
}

async function textOf(client: HttpClient, request: HttpRequest) {
  const response = await run(client.request(request));
  return await run(response.text());
}

function assertStripped(request: string): void {
  assert(!request.includes("s3cret"), request);
  assert(request.includes("x-kept: 1"), request);
}

clientTest(
  "redirect: credentials stay with their origin, and the port counts",
  async (client) => {
    await using other = await answering(ok("there"));
    await using server = await answering(to("/b"), to(`${other.url}/`));
    const request = { url: `${server.url}/a`, headers: SECRETS };
    assertEquals(await textOf(client, request), "there");
    for (const each of server.requests) {
      assertEquals(each.match(/s3cret/g)?.length, 3);
    }
    assertStripped(other.requests[0]!);
    assert(other.requests[0]!.includes(`Host: 127.0.0.1:${other.port}\r\n`));
  },
);

clientTest(
  "redirect: credentials do not come back where they came from (CVE-2024-45336)",
  async (client) => {
    await using server = await answering(
      (socket, request) =>
        socket.write(
          request.startsWith("GET /home") ? ok("home") : to(`${other.url}/`),
        ),
    );
    const other: AnsweringServer = await answering(
      () => other.sockets[0]!.write(to("/again")),
      () => other.sockets[0]!.write(to(`${server.url}/home`)),
    );
    await using _other = other;
    const request = { url: server.url, headers: SECRETS };
    assertEquals(await textOf(client, request), "home");
    assert(server.requests[0]!.includes("s3cret"));
    assertStripped(server.requests[1]!);
    for (const each of other.requests) assertStripped(each);
    assertEquals(other.requests.length, 2);
  },
);

clientTest(
  "redirect: the credentials of a URL stay with its origin, and are not shown",
  async (client) => {
    await using other = await answering(ok("there"));
    await using server = await answering(to("/b"), to(`${other.url}/`));
    const url = `http://user:s3cret@127.0.0.1:${server.port}/`;
    const answer = await run(client.get(url));
    assertEquals(answer.url, `${other.url}/`);
    const basic = `authorization: Basic ${btoa("user:s3cret")}\r\n`;
    for (const each of server.requests) assert(each.includes(basic));
    assert(!other.requests[0]!.includes("authorization"));
    assert(!/referer/i.test(other.requests[0]!));
  },
);

clientTest(
  "redirect: what the caller says of himself goes before what the URL says",
  async (client) => {
    await using server = await answering(to("/b"), ok("there"));
    const url = `http://user:pass@127.0.0.1:${server.port}/`;
    const headers = { Authorization: "Bearer token" };
    assertEquals(await textOf(client, { url, headers }), "there");
    for (const each of server.requests) {
      assertEquals(each.match(/authorization: .*/gi), [
        "Authorization: Bearer token",
      ]);
    }
  },
);

socketTest("redirect: the scheme counts as well", async () => {
  let got = new Headers();
  await using secure = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...SERVER },
    (request) => {
      got = request.headers;
      return new Response("there");
    },
  );
  await using server = await answering(
    to(`https://localhost:${secure.addr.port}/`),
  );
  await using client = new HttpClient({ tls: { caCerts: [CA] } });
  const request = { url: server.url, headers: SECRETS };
  assertEquals(await textOf(client, request), "there");
  assertEquals(got.get("authorization"), null);
  assertEquals(got.get("cookie"), null);
  assertEquals(got.get("x-kept"), "1");
});

interface Rewrite {
  status: string;
  from: string;
  to: string;
  keepsBody: boolean;
}

const REWRITES: Rewrite[] = [
  { status: "301 Moved", from: "POST", to: "GET", keepsBody: false },
  { status: "302 Found", from: "POST", to: "GET", keepsBody: false },
  { status: "302 Found", from: "PUT", to: "PUT", keepsBody: true },
  { status: "303 See Other", from: "POST", to: "GET", keepsBody: false },
  { status: "303 See Other", from: "PUT", to: "GET", keepsBody: false },
  { status: "303 See Other", from: "HEAD", to: "HEAD", keepsBody: false },
  { status: "307 Temporary", from: "POST", to: "POST", keepsBody: true },
  { status: "308 Permanent", from: "DELETE", to: "DELETE", keepsBody: true },
];

for (const { status, from, to: method, keepsBody } of REWRITES) {
  clientTest(
    `redirect: ${status} makes ${method} of ${from} (CVE-2023-45803)`,
    async (client) => {
      await using server = await answering(
        to("/b", status),
        (socket) =>
          socket.write(method === "HEAD" ? `HTTP/1.1 200 OK\r\n\r\n` : ok("x")),
      );
      await run(client.request({
        url: server.url,
        method: from,
        body: from === "HEAD" ? null : "body",
        headers: { "content-type": "text/a", "Content-Language": "de" },
      }));
      const [line] = server.requests[1]!.split("\r\n");
      assertEquals(line, `${method} /b HTTP/1.1`);
      assertEquals(server.requests[1]!.endsWith("body"), keepsBody);
      const described = /content-(type|language)/i.test(server.requests[1]!);
      assertEquals(described, keepsBody || from === "HEAD");
      const length = /content-length: (\d+)/i.exec(server.requests[1]!)?.[1];
      assertEquals(length, keepsBody ? "4" : undefined);
    },
  );
}

clientTest(
  "redirect: a stream cannot be sent again, unless it is not asked for",
  async (client) => {
    await using server = await answering(
      to("/b", "307 Temporary Redirect"),
      to("/b", "303 See Other"),
      ok("got"),
    );
    const post = () =>
      textOf(client, {
        url: server.url,
        method: "POST",
        body: iter([bytes("body")]),
      });
    const error = await assertRejects(post, RequestError, "cannot be replayed");
    assertEquals(error.requestMayHaveBeenProcessed, true);
    assertEquals(await post(), "got");
    assertEquals(server.requests.length, 3);
  },
);

clientTest(
  "redirect: a host that the caller has named is for its origin alone",
  async (client) => {
    await using other = await answering(ok("there"));
    await using server = await answering(to("/b"), to(`${other.url}/`));
    const headers = { Host: "named.test" };
    assertEquals(await textOf(client, { url: server.url, headers }), "there");
    for (const each of server.requests) {
      assert(each.includes("\r\nHost: named.test\r\n"));
    }
    assert(
      other.requests[0]!.includes(`\r\nHost: 127.0.0.1:${other.port}\r\n`),
    );
  },
);

Deno.test("redirect: of two schemes at one host each is its own origin", () => {
  explore({ schedule: fifo(), runs: 1 }, function* (sim) {
    const net = new SimNetwork(sim);
    const heads: string[] = [];
    const answers = (_line: string, head: string): string[] => {
      heads.push(head);
      return [heads.length === 1 ? to("https://a.test/") : ok("there")];
    };
    serveSim(sim, net, { name: "a.test", answers });
    serveSim(sim, net, { name: "a.test", answers, secure: true });
    const client = new HttpClient({ network: net });
    const url = "http://a.test/";
    using response = yield* client.request({ url, headers: SECRETS });
    assertEquals(yield* response.text(), "there");
    assert(heads[0]!.includes("s3cret"));
    assertStripped(heads[1]!);
    client.close();
  });
});

clientTest("redirect: no more than allowed", async (client) => {
  await using server = await answering((socket, request) =>
    socket.write(to(`/${Number(/\d+/.exec(request)) + 1}`))
  );
  const error = await assertRejects(
    () => textOf(client, { url: `${server.url}/0`, limits: { redirects: 3 } }),
    TooManyRedirects,
  );
  assertEquals(error.phase, "redirect");
  assertEquals(server.requests.length, 4);
  await settled(client);
  assertEquals(server.sockets.length, 1);
});

clientTest(
  "redirect: where it is wanted it is handed out, or an error",
  async (client) => {
    await using server = await answering(to("/b"));
    const url = server.url;
    const answer = await run(client.request({ url, redirect: "manual" }));
    assertEquals([answer.status, answer.redirected], [302, false]);
    assertEquals(answer.headers.get("location"), "/b");
    await assertRejects(
      () => textOf(client, { url, redirect: "error" }),
      RequestError,
    );
    assertEquals(server.requests.length, 2);
  },
);

clientTest(
  "redirect: a location that is none is refused, without repeating it",
  async (client) => {
    for (
      const location of [
        "ftp://s3cret/",
        "http://s3cret:x@[::1/",
        "http://127.0.0.1:99999/s3cret",
        "/a\ts3cret",
        "javascript:s3cret",
        "file:///etc/s3cret",
      ]
    ) {
      await using server = await answering(to(location));
      const error = await assertRejects(
        () => textOf(client, { url: server.url }),
        RequestError,
      );
      assertEquals(error.phase, "redirect", location);
      assert(!Deno.inspect(error).includes("s3cret"), Deno.inspect(error));
      assertEquals(server.requests.length, 1);
    }
    await settled(client);
  },
);

clientTest(
  "redirect: a space in a location is encoded, and two that agree are one",
  async (client) => {
    await using server = await answering(
      to("/my file"),
      response("302 Found", "", "location: /b", "Location: /b"),
      ok("here"),
    );
    assertEquals(await textOf(client, { url: server.url }), "here");
    assertEquals(
      server.requests.map((request) => request.split(" ")[1]),
      ["/", "/my%20file", "/b"],
    );
  },
);

clientTest(
  "redirect: several locations that differ lead nowhere",
  async (client) => {
    await using server = await answering(
      response("302 Found", "", "location: /a", "location: /b"),
    );
    await assertRejects(
      () => textOf(client, { url: server.url }),
      RequestError,
      "several locations",
    );
    assertEquals(server.requests.length, 1);
  },
);

clientTest(
  "redirect: one that leads nowhere is the answer",
  async (client) => {
    await using server = await answering(
      response("302 Found", "here"),
      response("300 Multiple", "here", "location: /b"),
    );
    assertEquals(await textOf(client, { url: server.url }), "here");
    assertEquals(await textOf(client, { url: server.url }), "here");
  },
);

const BOMB = gzipSync(new Uint8Array(64 * 1024 * 1024));

for (
  const [what, framing] of [
    ["small", `content-length: ${BOMB.length}`],
    ["endless", "x: y"],
  ] as const
) {
  clientTest(
    `redirect: a bomb in its body is not decoded: ${what} (CVE-2026-44432)`,
    async (client) => {
      const memory = new MemoryWatch();
      await using server = await answering((socket) => {
        socket.write(
          `HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-encoding: gzip\r\n${framing}\r\n\r\n`,
        );
        socket.write(BOMB);
      }, ok("there"));
      assertEquals(await textOf(client, { url: server.url }), "there");
      await settled(client);
      memory.assertBelow(16);
      assertEquals(
        client.snapshot().connections.length,
        what === "small" ? 2 : 1,
      );
    },
  );
}
