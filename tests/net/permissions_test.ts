import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { run } from "../../executor/mod.ts";
import { SimpleHttpClient } from "../../net/http/mod.ts";
import {
  lookupHost,
  NetError,
  TcpListener,
  TcpStream,
  TlsListener,
  TlsStream,
} from "../../net/mod.ts";
import { CLIENT, SERVER } from "./_certs.ts";
import type { Outcome } from "./_permission_child.ts";

const ANSWER = "HTTP/1.0 200 OK\r\n\r\n";

/** A server on loopback that gives one answer to everyone. */
function answering(): { port: number } & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const conn of listener) {
      // The request first: to close before it arrived would reset the client.
      const n = await conn.read(new Uint8Array(256));
      if (n !== null) await conn.write(new TextEncoder().encode(ANSWER));
      conn.close();
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

/** Does things in a process that has been granted just this. */
async function under(grants: string[], actions: string[]): Promise<Outcome[]> {
  const child = new URL("_permission_child.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-prompt",
      ...grants,
      child,
      JSON.stringify({ server: SERVER, client: CLIENT }),
      ...actions,
    ],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The flag that an error's text names. */
function flagIn(message: string): string {
  const flag = /it is not permitted; run again with (--allow-net=\S+)/.exec(
    message,
  )?.[1];
  assert(flag !== undefined, message);
  return flag;
}

Deno.test({
  name: "permissions: with none, all fail with a NetError that names the flag",
  permissions: { net: false },
  async fn() {
    const refused = [
      ["127.0.0.1:80", () => run(TcpStream.connect("127.0.0.1:80"))],
      ["localhost:80", () => run(TcpStream.connect("localhost:80"))],
      ["[::1]:80", () => run(TcpStream.connect("[::1]:80"))],
      ["127.0.0.1:443", () => run(TlsStream.connect("127.0.0.1:443"))],
      ["localhost:443", () => run(TlsStream.connect("localhost:443"))],
      [
        "localhost:443",
        () => run(TlsStream.connect("localhost:443", { tls: CLIENT })),
      ],
      ["localhost", () => run(lookupHost("localhost:80"))],
      [
        "localhost:80",
        () => run(new SimpleHttpClient("localhost:80", new Uint8Array(1))),
      ],
      [
        "[::1]:80",
        () => run(new SimpleHttpClient("[::1]:80", new Uint8Array(1))),
      ],
    ] as const;
    for (const [grant, act] of refused) {
      const error = await assertRejects<NetError>(act, NetError);
      assertEquals(flagIn(error.message), `--allow-net=${grant}`);
    }
    const error = assertThrows(
      () => TcpListener.bind({ hostname: "::1", port: 0 }),
      NetError,
    );
    assertEquals(flagIn(error.message), "--allow-net=[::1]:0");
    const tlsError = assertThrows(
      () => TlsListener.bind({ port: 0, ...SERVER }),
      NetError,
    );
    assertEquals(flagIn(tlsError.message), "--allow-net=127.0.0.1:0");
    assertEquals(error.phase, "listen");
    assert(error.cause instanceof Deno.errors.NotCapable);
  },
});

Deno.test("permissions: the flag that an error names is enough", async () => {
  await using server = answering();
  const { port } = server;
  const actions = [
    `connect=127.0.0.1:${port}`,
    `connect=localhost:${port}`,
    `http=127.0.0.1:${port}`,
    `http=localhost:${port}`,
    `lookup=localhost:${port}`,
    "bind=127.0.0.1:0",
    "bindTls=127.0.0.1:0",
    "bind=localhost:0",
    "bind=::1:0",
  ];
  const refusals = await under([], actions);
  assertEquals(refusals.length, actions.length);
  const byFlag = Map.groupBy(
    refusals,
    ({ error, what }) => flagIn(error?.message ?? `${what} is permitted`),
  );
  assertEquals([...byFlag.keys()], [
    `--allow-net=127.0.0.1:${port}`,
    `--allow-net=localhost:${port}`,
    "--allow-net=localhost",
    "--allow-net=127.0.0.1:0",
    "--allow-net=localhost:0",
    "--allow-net=[::1]:0",
  ]);
  const outcomes = await Promise.all(
    [...byFlag].map(([flag, refused]) =>
      under([flag], refused.map(({ what }) => what))
    ),
  );
  for (const { what, value, error } of outcomes.flat()) {
    assertEquals(error, undefined, what);
    assert(value);
  }
});

Deno.test("permissions: with the flag that its error names, TLS gets as far as the handshake", async () => {
  await using server = answering(); // which does not speak TLS
  const { port } = server;
  const actions = ["127.0.0.1", "localhost"].flatMap((host) => [
    `tls=${host}:${port}`,
    `clientCertificate=${host}:${port}`,
  ]);
  const refusals = await under([], actions);
  const outcomes = await Promise.all(refusals.map(({ what, error }) => {
    assertEquals(error?.name, "ConnectionFailed", what);
    return under([flagIn(error!.message)], [what]);
  }));
  for (const { what, error } of outcomes.flat()) {
    assertEquals(error?.name, "TlsHandshakeFailed", what);
  }
});

Deno.test("permissions: a grant for a name or an address is enough for that one, and not for the other", async () => {
  await using server = answering();
  const { port } = server;
  const name = `localhost:${port}`;
  const address = `127.0.0.1:${port}`;
  const grants: [grant: string, allowed: string[]][] = [
    ["--allow-net=localhost", [name]],
    [`--allow-net=${name}`, [name]],
    ["--allow-net=127.0.0.1", [address]],
    [`--allow-net=${address}`, [address]],
    ["--allow-net=127.0.0.0/8", [address]],
    ["--allow-net=localhost,127.0.0.1", [name, address]],
    ["--allow-net", [name, address]],
  ];
  await Promise.all(grants.map(async ([grant, allowed]) => {
    const outcomes = await under([grant], [
      `http=${name}`,
      `connect=${name}`,
      `http=${address}`,
      `connect=${address}`,
    ]);
    for (const { what, value, error } of outcomes) {
      const [action, to] = what.split("=") as [string, string];
      if (allowed.includes(to)) {
        assertEquals(error, undefined, `${what} under ${grant}`);
        assertEquals(value, action === "http" ? ANSWER : "connected");
      } else {
        assertEquals(error?.name, "ConnectionFailed", `${what} under ${grant}`);
        assertEquals(error?.cause, "NotCapable");
        assertEquals(flagIn(error!.message), `--allow-net=${to}`);
      }
    }
  }));
});

Deno.test("permissions: looking up takes a grant for the host without a port", async () => {
  const lookup = ["lookup=localhost:80", "lookup=localhost"];
  const [granted, refused] = await Promise.all([
    under(["--allow-net=localhost"], lookup),
    under(["--allow-net=localhost:80"], lookup),
  ]);
  assertEquals(granted.map(({ value }) => value), [true, true]);
  for (const { error } of refused) {
    assertEquals(error?.name, "DnsResolutionFailed");
    assertEquals(
      error?.message,
      "Cannot resolve localhost: it is not permitted; run again with --allow-net=localhost (a grant for one port does not cover looking a name up)",
    );
  }
});

Deno.test("permissions: with them, an unknown host is a DnsResolutionFailed", async () => {
  // A label of 64 letters: no such host, and no name server is asked.
  const host = "x".repeat(64);
  const outcomes = await under(["--allow-net"], [
    `lookup=${host}`,
    `connect=${host}:80`,
    `http=${host}:80`,
  ]);
  for (const { error } of outcomes) {
    assertEquals(error?.name, "DnsResolutionFailed");
    assertEquals(error?.phase, "resolve");
    assertMatch(error!.message, /^Cannot resolve x+(:80)?: there is no such/);
    assertEquals(error?.cause, "Error");
  }
});
