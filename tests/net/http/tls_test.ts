import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "node:net";
import { run, spawn } from "../../../executor/mod.ts";
import { co } from "../../../future/mod.ts";
import {
  HttpClient,
  IncompleteBody,
  TransportError,
} from "../../../net/http/mod.ts";
import { TlsHandshakeFailed, TlsListener } from "../../../net/mod.ts";
import { socketTest } from "../_sockets.ts";
import { serve, type TestServer } from "./_server.ts";

const pem = (name: string) =>
  Deno.readTextFileSync(new URL(`../certs/${name}`, import.meta.url));

const TLS = { cert: pem("server.pem"), key: pem("server.key") };

/** Deno's own server, with our certificate. */
function secureServer(handler: (request: Request) => Response) {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...TLS },
    handler,
  );
}

socketTest(
  "tls: a server with a private CA is talked to, again and again",
  async () => {
    await using server = secureServer((request) => new Response(request.url));
    await using client = new HttpClient({ tls: { caCerts: [pem("ca.pem")] } });
    const url = `https://localhost:${server.addr.port}/a`;
    for (let n = 0; n < 3; n++) {
      const response = await run(client.get(url));
      assertEquals(await run(response.text()), url);
      assertEquals(response.connection.reused, n > 0);
      assertEquals(response.timings.tls > 0, n === 0);
      assertEquals(response.timings.connect > 0, n === 0);
    }
    client.close();
  },
);

socketTest(
  "tls: a certificate that nobody vouches for is refused",
  async () => {
    await using server = secureServer(() => new Response());
    await using client = new HttpClient();
    const error = await assertRejects(
      () => run(client.get(`https://localhost:${server.addr.port}/`)),
      TransportError,
    );
    assert(error.cause instanceof TlsHandshakeFailed);
    assertEquals(error.phase, "tls");
    assertEquals(error.requestMayHaveBeenProcessed, false);
  },
);

socketTest(
  "tls: the certificate must name the host, or whom the options say",
  async () => {
    await using server = secureServer(() => new Response("ok"));
    const url = `https://127.0.0.2:${server.addr.port}/`;
    const tls = { caCerts: [pem("ca.pem")] };
    const { port } = server.addr;
    const sent = `https://127.0.0.1:${port}/`;
    await using named = new HttpClient({
      tls: { ...tls, serverName: "localhost" },
    });
    const response = await run(named.get(sent));
    assertEquals(await run(response.text()), "ok");
    await using other = new HttpClient({
      tls: { ...tls, serverName: "other.test" },
    });
    const error = await assertRejects(
      () => run(other.get(sent)),
      TransportError,
    );
    assertEquals(error.phase, "tls");
    assert(url.length > 0);
  },
);

/** Answers one connection with these bytes, and ends it with or without a goodbye. */
function truncating(answer: string, goodbye: boolean) {
  const listener = TlsListener.bind({ port: 0, ...TLS });
  const handle = spawn(co(function* () {
    using stream = yield* listener.accept();
    yield* stream.read(new Uint8Array(4096));
    yield* stream.writeAll(new TextEncoder().encode(answer));
    if (goodbye) yield* stream.shutdown();
  }));
  return { listener, handle };
}

socketTest(
  "tls: a body that ends with the connection ends with a goodbye",
  async () => {
    const { listener, handle } = truncating(
      "HTTP/1.1 200 OK\r\n\r\nwhole",
      true,
    );
    using _listener = listener;
    await using client = new HttpClient({ tls: { caCerts: [pem("ca.pem")] } });
    const response = await run(
      client.get(`https://localhost:${listener.addr.port}/`),
    );
    assertEquals(await run(response.text()), "whole");
    assertEquals(response.connection.fate, "closed");
    await run(handle);
  },
);

/** Passes on what client and server send, until the test cuts the line. */
function relayTo(port: number): Promise<TestServer> {
  return serve((socket) => {
    const server = connect({ port, host: "127.0.0.1" });
    socket.on("data", (data) => server.write(data));
    server.on("data", (data) => socket.write(data));
    server.on("error", () => {});
    socket.on("close", () => server.destroy());
  });
}

for (
  const [what, head] of [
    ["ends with the connection", ""],
    ["has a length", "content-length: 9\r\n"],
    ["is chunked", "transfer-encoding: chunked\r\n"],
  ] as const
) {
  socketTest(
    `tls: a body that ${what} is incomplete if the line is cut`,
    async () => {
      const body = head.startsWith("t") ? "4\r\nhalf\r\n" : "half";
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {}, ...TLS },
        () => new Response(),
      );
      using listener = TlsListener.bind({ port: 0, ...TLS });
      using _serving = spawn(co(function* () {
        using stream = yield* listener.accept();
        yield* stream.read(new Uint8Array(4096));
        const answer = `HTTP/1.1 200 OK\r\n${head}\r\n${body}`;
        yield* stream.writeAll(new TextEncoder().encode(answer));
        yield* stream.read(new Uint8Array(1)); // until the line is cut
      }));
      await using relay = await relayTo(listener.addr.port);
      await using client = new HttpClient({
        tls: { caCerts: [pem("ca.pem")] },
      });
      const response = await run(
        client.get(`https://localhost:${relay.port}/`),
      );
      const stream = response.stream();
      assertEquals(await run(stream.next()), new TextEncoder().encode("half"));
      const rest = run(stream.next());
      relay.sockets[0]!.end();
      const error = await assertRejects(() => rest, IncompleteBody);
      assertEquals(error.phase, "body");
      assertEquals(response.connection.fate, "closed");
      const good = `https://localhost:${server.addr.port}/`;
      assertEquals((await run(client.get(good))).status, 200);
      client.close();
    },
  );
}

Deno.test("tls: a wrong option is refused when the client is made", () => {
  const bad: unknown[] = [
    { tls: { caCerts: "x" } },
    { tls: { caCerts: ["no pem"] } },
    { tls: { cert: "x" } },
    { unixSocket: "" },
    { resolver: 5 },
    { policy: 5 },
    { decode: 1 },
    { headers: { "a b": "c" } },
    { proxies: 1 },
  ];
  for (const options of bad) {
    let refused: unknown;
    try {
      new HttpClient(options as ConstructorParameters<typeof HttpClient>[0]);
    } catch (error) {
      refused = error;
    }
    assert(refused instanceof Error, JSON.stringify(options));
  }
});
