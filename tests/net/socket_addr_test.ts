import {
  assert,
  assertEquals,
  assertNotMatch,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { SimpleHttpClient } from "../../net/http/mod.ts";
import {
  lookupHost,
  NetError,
  type SocketAddr,
  TcpListener,
  TcpStream,
} from "../../net/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { type ScriptedNetwork, scriptedTest } from "./_scripted_network.ts";

const SPACE = "it contains white space or control characters";
const PORT = "the port must be a whole number from 1 to 65535";
const HOST =
  "the host may contain letters, digits, dots, hyphens and underscores only (write an international name in its xn-- form)";
const ALONE = 'it must be "host:port" alone, without scheme, user or path';
const NO_PORT = 'it has no port; write "host:port"';
const IPV4 = "the IPv4 address is malformed";
const IPV6 = "the IPv6 address is malformed";
const BRACKETS = "an IPv6 address needs brackets, as in [::1]:80";
const EMPTY_PART = "the host has an empty part between its dots";

/** Malformed wherever an address is taken as text. */
const MALFORMED: [address: string, why: string][] = [
  ["", NO_PORT],
  ["localhost", NO_PORT],
  ["[::1]", NO_PORT],
  ["localhost:", PORT],
  ["localhost:0", PORT],
  ["localhost:65536", PORT],
  ["localhost:99999999999999999999", PORT],
  ["localhost:-1", PORT],
  ["localhost:+80", PORT],
  ["localhost:0x50", PORT],
  ["localhost:8e1", PORT],
  ["localhost:80.0", PORT],
  ["localhost:١٢", PORT], // digits, but not ours
  ["localhost:http", PORT],
  ["[::1]:", PORT],
  ["[::1]:65536", PORT],
  [":80", "the host is empty"],
  ["[]:80", "only an IPv6 address stands in brackets"],
  [" localhost:80", SPACE],
  ["localhost:80 ", SPACE],
  ["local host:80", SPACE],
  ["localhost: 80", SPACE],
  ["localhost:\t80", SPACE],
  ["localhost\u00a0:80", SPACE],
  ["localhost\u2028:80", SPACE],
  ["localhost:80\r\n", SPACE],
  ["localhost\r\nHost: evil:80", SPACE],
  ["localhost\n:80", SPACE],
  ["local\0host:80", SPACE],
  ["local\x7fhost:80", SPACE],
  ["local\x9bhost:80", SPACE],
  ["[::\n1]:80", SPACE],
  ["bücher.example:80", HOST],
  ["local\u202ehost:80", HOST],
  ["local\u200bhost:80", HOST],
  ["💐:80", HOST],
  ["local,host:80", HOST],
  ["local%68ost:80", HOST],
  ["*:80", HOST],
  ["localhost?x:80", HOST],
  ["http://localhost:80", ALONE],
  ["localhost:80/path", ALONE],
  ["//localhost:80", ALONE],
  ["user@localhost:80", ALONE],
  ["user:secret@localhost:80", ALONE],
  ["::1:80", BRACKETS],
  ["fe80::1:80", BRACKETS],
  ["localhost:80:80", BRACKETS],
  ["[localhost]:80", "only an IPv6 address stands in brackets"],
  ["[127.0.0.1]:80", "only an IPv6 address stands in brackets"],
  ["[:]:80", IPV6],
  ["[::1::]:80", IPV6],
  ["[12345::]:80", IPV6],
  ["[::g]:80", IPV6],
  ["[1:2:3:4:5:6:7]:80", IPV6],
  ["[1:2:3:4:5:6:7:8:9]:80", IPV6],
  ["[::1%eth0]:80", IPV6],
  ["[[::1]]:80", IPV6],
  ["[::1]x:80", BRACKETS],
  ["256.1.1.1:80", IPV4],
  ["999.999.999.999:80", IPV4],
  ["1.1.1.01:80", IPV4],
  [".example.com:80", EMPTY_PART],
  ["a..b:80", EMPTY_PART],
  [".:80", EMPTY_PART],
  [`${"a".repeat(254)}:80`, "the host is longer than 253 characters"],
];

/** Malformed only in parts, where no text is there to be parsed. */
const MALFORMED_PARTS: [hostname: unknown, port: unknown, why: string][] = [
  ["", 80, "the host is empty"],
  [undefined, 80, "the host must be text, got undefined"],
  [null, 80, "the host must be text, got null"],
  [127, 80, "the host must be text, got number"],
  [Symbol("host"), 80, "the host must be text, got symbol"],
  ["[::1]", 80, IPV6],
  ["::1]/path", 80, IPV6],
  ["::\r\n1", 80, IPV6],
  ["::1 ", 80, IPV6],
  ["::1#", 80, IPV6],
  ["localhost:80", 80, IPV6],
  ["local host", 80, HOST],
  ["localhost\r\n", 80, HOST],
  ["localhost\n", 80, HOST],
  ["local/host", 80, HOST],
  ["localhost", 0.5, PORT],
  ["localhost", NaN, PORT],
  ["localhost", Infinity, PORT],
  ["localhost", -1, PORT],
  ["localhost", 65536, PORT],
  ["localhost", "80", PORT],
  ["localhost", 80n, PORT],
  ["localhost", undefined, PORT],
  ["localhost", Symbol("port"), PORT],
];

/** Checks the error of an address, and that it came before any I/O. */
function assertMalformed(
  network: ScriptedNetwork,
  act: () => unknown,
  why: string,
): void {
  const error = assertThrows(act, NetError);
  assertEquals(error.name, "NetError");
  assertEquals(error.phase, "address");
  assertStringIncludes(error.message, "Cannot use the address ");
  assert(error.message.endsWith(`: ${why}`), `${error.message} (not: ${why})`);
  assertNotMatch(error.message, /[\p{C}\p{Zl}\p{Zp}]/u, "steers a terminal");
  assertEquals(network.log, []);
}

scriptedTest(
  "address: malformed text is refused before any I/O, with what is wrong",
  (network) => {
    for (const [address, why] of MALFORMED) {
      const request = new Uint8Array(1);
      for (
        const act of [
          () => TcpStream.connect(address, { network }),
          () => new SimpleHttpClient(address, request, { network }),
        ]
      ) {
        assertMalformed(network, act, why);
        assertEquals(assertThrows(act, NetError).address, address);
      }
    }
  },
);

scriptedTest(
  "address: lookupHost refuses the same, a missing port aside",
  (network) => {
    for (const [address, why] of MALFORMED) {
      if (why === NO_PORT || why === BRACKETS) continue;
      assertMalformed(network, () => lookupHost(address, { network }), why);
    }
    const malformed = [
      ["", "the host is empty"],
      ["local host", HOST],
      ["localhost\r\n", HOST],
      ["[localhost]", HOST],
      ["[]", HOST],
      ["a..b", EMPTY_PART],
      ["1.2.3.256", IPV4],
      ["localhost:80:80", BRACKETS],
      ["::1::", BRACKETS],
      ["::\n1", SPACE],
    ] as const;
    for (const [address, why] of malformed) {
      assertMalformed(network, () => lookupHost(address, { network }), why);
    }
  },
);

scriptedTest(
  "address: malformed parts are refused before any I/O, with what is wrong",
  (network) => {
    for (const [hostname, port, why] of MALFORMED_PARTS) {
      const addr = { hostname, port } as SocketAddr;
      assertMalformed(network, () => TcpStream.connect(addr, { network }), why);
      assertMalformed(network, () => lookupHost(addr, { network }), why);
    }
    const zero = { hostname: "localhost", port: 0 };
    assertMalformed(network, () => TcpStream.connect(zero, { network }), PORT);
  },
);

scriptedTest(
  "address: a listener refuses the same parts, port 0 and no host aside",
  (network) => {
    for (const [hostname, port, why] of MALFORMED_PARTS) {
      if (hostname === undefined) continue;
      assertMalformed(
        network,
        () =>
          TcpListener.bind({ ...({ hostname, port } as SocketAddr), network }),
        why === PORT ? why.replace("1", "0") : why,
      );
    }
    using listener = TcpListener.bind({ port: 0, network });
    assertEquals(listener.addr, { hostname: "127.0.0.1", port: 0 });
  },
);

Deno.test("address: what is neither text nor an object is a TypeError", () => {
  const wrong = [
    [undefined, "undefined"],
    [null, "null"],
    [80, "number"],
    [true, "boolean"],
    [() => "localhost:80", "function"],
  ] as const;
  for (const [value, what] of wrong) {
    const address = value as unknown as string;
    const message =
      `Cannot use an address: pass "host:port" or { hostname, port }, got ${what}`;
    assertThrows(() => TcpStream.connect(address), TypeError, message);
    assertThrows(() => lookupHost(address), TypeError, message);
    assertThrows(
      () => new SimpleHttpClient(address, new Uint8Array(0)),
      TypeError,
      message,
    );
  }
});

Deno.test("address: a long one is cut short in the message", () => {
  const error = assertThrows(
    () => TcpStream.connect(`${"x".repeat(1_000_000)}:80`),
    NetError,
    "the host is longer than 253 characters",
  );
  assertEquals(error.address, `${"x".repeat(300)}…`);
  assert(error.message.length < 400);
});

Deno.test("address: the message quotes control characters, C1 ones and bidi marks too", () => {
  const error = assertThrows(
    () => TcpStream.connect("a\r\n\x1b\x7f\x9b\u202e\u2029\u{e0001}\ud800:1"),
    NetError,
  );
  assertStringIncludes(
    error.message,
    String
      .raw`"a\r\n\u001b\u{7f}\u{9b}\u{202e}\u{2029}\u{e0001}\ud800:1"`,
  );
});

scriptedTest(
  "address: every good form reaches the network as it is",
  (network) => {
    const good: [address: string | SocketAddr, asked: string][] = [
      ["localhost:80", "localhost:80"],
      ["127.0.0.1:65535", "127.0.0.1:65535"],
      ["0.0.0.0:1", "0.0.0.0:1"],
      ["255.255.255.255:1", "255.255.255.255:1"],
      ["localhost:00080", "localhost:80"],
      ["[::1]:80", "[::1]:80"],
      ["[::]:80", "[::]:80"],
      ["[FE80::A]:80", "[FE80::A]:80"],
      ["[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80"],
      ["[1:2:3:4:5:6:7:8]:80", "[1:2:3:4:5:6:7:8]:80"],
      ["a_b-c.example:80", "a_b-c.example:80"],
      ["xn--bcher-kva.example.:80", "xn--bcher-kva.example.:80"],
      [`${"a".repeat(253)}:80`, `${"a".repeat(253)}:80`],
      [{ hostname: "localhost", port: 80 }, "localhost:80"],
      [{ hostname: "::1", port: 80 }, "[::1]:80"],
      [{ hostname: "127.0.0.1", port: 65535 }, "127.0.0.1:65535"],
    ];
    for (const [address, asked] of good) {
      using connect = TcpStream.connect(address, { network });
      pollOnce(connect);
      const isName = /[a-z]/.test(asked) && !asked.startsWith("[");
      const host = asked.replace(/:\d+$/, "");
      assertEquals(
        network.log.at(-1),
        isName ? `resolve ${host}` : `connect ${asked}`,
      );
    }
  },
);

scriptedTest("address: it is read once, when it is passed", (network) => {
  const addr = { hostname: "first.test", port: 1 };
  using connect = TcpStream.connect(addr, { network });
  addr.hostname = "evil\r\n";
  addr.port = 0;
  pollOnce(connect);
  assertStrictEquals(network.log[0], "resolve first.test");
  network.take("resolve").done.resolve(["10.0.0.1"]);
  pollOnce(connect);
  assertStrictEquals(network.log[1], "connect 10.0.0.1:1");
});
