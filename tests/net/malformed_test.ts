import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  cachingResolver,
  type CachingResolverOptions,
  type ConnectOptions,
  lookupHost,
  NetError,
  publicOnly,
  TcpListener,
  TcpStream,
  TlsListener,
  TlsStream,
  UnixListener,
  UnixStream,
} from "../../net/mod.ts";
import { CLIENT, SERVER } from "./_certs.ts";
import {
  openStream,
  type ScriptedNetwork,
  scriptedTest,
} from "./_scripted_network.ts";

// deno-lint-ignore no-explicit-any
type Anything = any;

type Kind = "address" | "type" | "range";

/** A call with bad input, how it fails, and what the message must speak of. */
type Case = [call: () => unknown, kind: Kind, about: string];

function assertMalformed([call, kind, about]: Case, i: number): void {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  const where = `case ${i}: ${call}`;
  assert(error instanceof Error, where);
  const expected = kind === "type"
    ? TypeError
    : kind === "range"
    ? RangeError
    : NetError;
  assert(error instanceof expected, `${where} throws ${error}`);
  if (error instanceof NetError) assertEquals(error.phase, "address", where);
  assert(/^Cannot /.test(error.message), `${where}: ${error.message}`);
  assert(error.message.includes(about), `${where}: ${error.message}`);
  assert(!error.message.endsWith("."), where);
}

/** Bad addresses to connect to. The table of good ones is socket_addr_test. */
const BAD_ADDRESSES: [unknown, Kind, string][] = [
  ["", "address", "no port"],
  ["localhost", "address", "no port"],
  ["localhost:", "address", "the port"],
  ["localhost:0", "address", "the port"],
  ["localhost:65536", "address", "the port"],
  ["localhost:-1", "address", "the port"],
  ["localhost:1e3", "address", "the port"],
  [":80", "address", "empty"],
  ["::1:80", "address", "brackets"],
  ["[localhost]:80", "address", "brackets"],
  ["[::1", "address", "brackets"],
  ["[::g]:80", "address", "IPv6"],
  ["1.2.3.256:80", "address", "IPv4"],
  ["01.2.3.4:80", "address", "IPv4"],
  ["a b:80", "address", "white space"],
  ["a\n:80", "address", "white space"],
  ["http://a:80", "address", "scheme"],
  ["u@a:80", "address", "user"],
  ["bücher:80", "address", "xn--"],
  ["a..b:80", "address", "dots"],
  [`${"a".repeat(254)}:80`, "address", "253"],
  [{ hostname: "a", port: "80" }, "address", "the port"],
  [{ hostname: "a", port: 1.5 }, "address", "the port"],
  [{ hostname: "a", port: NaN }, "address", "the port"],
  [{ hostname: 4, port: 80 }, "address", "text"],
  [{}, "address", "the host"],
  [80, "type", "host:port"],
  [null, "type", "host:port"],
  [undefined, "type", "host:port"],
];

/** Bad options of every connect, under the name that the message has. */
const BAD_OPTIONS: [options: unknown, kind: Kind, about: string][] = [
  [null, "type", "options"],
  [5, "type", "options"],
  [{ timeout: -1 }, "range", "timeout"],
  [{ timeout: NaN }, "range", "timeout"],
  [{ timeout: "1" }, "type", "timeout"],
  [{ timeout: null }, "type", "timeout"],
  [{ deadlines: 5 }, "type", "deadlines"],
  [{ deadlines: { resolve: -1 } }, "range", "deadlines.resolve"],
  [{ deadlines: { connect: "1" } }, "type", "deadlines.connect"],
  [{ deadlines: { handshake: NaN } }, "range", "deadlines.handshake"],
  [{ attemptDelay: -1 }, "range", "attemptDelay"],
  [{ attemptDelay: "1" }, "type", "attemptDelay"],
  [{ onPhase: "log" }, "type", "onPhase"],
  [{ policy: [] }, "type", "policy"],
  [{ resolver: "1.1.1.1" }, "type", "resolver"],
  [{ resolver: {} }, "type", "resolver"],
  [{ resolver: null }, "type", "resolver"],
  [{ noDelay: 1 }, "type", "noDelay"],
  [{ keepAlive: "yes" }, "type", "keepAlive"],
  [{ network: {} }, "type", "network"],
  [{ network: null }, "type", "network"],
  [{ polizy: () => {} }, "type", "option polizy: there is none"],
  [{ deadlines: { tls: 5 } }, "type", "option deadlines.tls: there is none"],
];

const BAD_TLS: [tls: unknown, about: string][] = [
  [null, "options"],
  [{ caCert: [] }, "option caCert: there is none"],
  [{ serverName: 4 }, "serverName"],
  [{ serverName: "" }, "serverName"],
  [{ serverName: "a b" }, "serverName"],
  [{ serverName: "a:443" }, "serverName"],
  [{ caCerts: "pem" }, "caCerts"],
  [{ caCerts: [4] }, "caCerts[0]"],
  [{ caCerts: [SERVER.cert, "nonsense"] }, "caCerts[1]"],
  [{ caCerts: [SERVER.key] }, "caCerts[0]"],
  [{ caCerts: [SERVER.cert.replace("\n", "\n*")] }, "caCerts[0]"],
  [{ caCerts: [SERVER.cert.replace("END", "FIN")] }, "caCerts[0]"],
  [{ alpnProtocols: "h2" }, "alpnProtocols"],
  [{ alpnProtocols: [""] }, "alpnProtocols"],
  [{ alpnProtocols: ["h2", 4] }, "alpnProtocols"],
  [{ alpnProtocols: ["x".repeat(256)] }, "alpnProtocols"],
  [{ alpnProtocols: ["ü".repeat(128)] }, "alpnProtocols"],
];

const BAD_PATHS: [path: unknown, kind: Kind, about: string][] = [
  ["", "address", "empty"],
  ["a\0b", "address", "NUL"],
  ["x".repeat(108), "address", "107"],
  ["ü".repeat(54), "address", "107"],
  [4, "type", "text"],
  [null, "type", "text"],
  [undefined, "type", "text"],
];

/** Every public constructor with everything that can be wrong with its input. */
function cases(network: ScriptedNetwork): Case[] {
  const { stream } = openStream(network);
  using _stream = stream;
  const tls = (each: unknown) => each as Anything;
  return [
    ...BAD_ADDRESSES.flatMap(([address, kind, about]): Case[] => [
      [() => TcpStream.connect(tls(address), { network }), kind, about],
      [() => TlsStream.connect(tls(address), { network }), kind, about],
    ]),
    ...BAD_OPTIONS.flatMap(([options, kind, about]): Case[] => {
      const given = options !== null && typeof options === "object"
        ? { network, ...options }
        : options;
      return [
        [() => TcpStream.connect("a:1", given as ConnectOptions), kind, about],
        [() => TlsStream.connect("a:1", given as ConnectOptions), kind, about],
      ];
    }),
    ...BAD_TLS.map(([bad, about]): Case => [
      () => TlsStream.connect("a:1", { network, tls: tls(bad) }),
      "type",
      about,
    ]),
    ...BAD_TLS.map(([bad, about]): Case => [
      () =>
        stream.startTls(
          bad === null ? tls(bad) : { serverName: "a", ...tls(bad) },
        ),
      "type",
      about,
    ]),
    ...BAD_PATHS.flatMap(([path, kind, about]): Case[] => [
      [() => UnixStream.connect(tls(path), { network }), kind, about],
      [() => UnixListener.bind({ path: tls(path), network }), kind, about],
    ]),
    [() => stream.startTls(tls({})), "type", "serverName"],
    [
      () => stream.startTls({ serverName: "a", timeout: -1 }),
      "range",
      "timeout",
    ],
    [
      () => TlsStream.connect("a:1", { network, tls: { cert: SERVER.cert } }),
      "type",
      "key",
    ],
    [
      () => TlsStream.connect("a:1", { network, tls: { key: SERVER.key } }),
      "type",
      "cert",
    ],
    [
      () =>
        TlsStream.connect("a:1", {
          network,
          tls: { ...CLIENT, serverName: "b" },
        }),
      "type",
      "client certificate",
    ],
    [
      () =>
        TlsStream.connect("a:1", {
          network,
          resolver: tls(() => {}),
          tls: CLIENT,
        }),
      "type",
      "client certificate",
    ],
    [() => UnixStream.connect("/a", tls(null)), "type", "options"],
    [
      () => UnixStream.connect("/a", { network, timeout: -1 }),
      "range",
      "timeout",
    ],
    [() => TcpListener.bind(tls(undefined)), "type", "options"],
    [
      () => TcpStream.connect("a:1", tls({ network, tls: {} })),
      "type",
      "option tls: there is none",
    ],
    [
      () => UnixStream.connect("/a", tls({ network, noDelay: true })),
      "type",
      "option noDelay: there is none",
    ],
    ...[
      () => UnixStream.connect("/a", tls({ network, timeOut: 1 })),
      () => TcpStream.connect("a:1", tls({ network, timeOut: 1 })),
      () => UnixListener.bind(tls({ network, path: "/a", timeOut: 1 })),
      () => TcpListener.bind(tls({ network, port: 0, timeOut: 1 })),
      () => TlsListener.bind(tls({ network, port: 0, ...SERVER, timeOut: 1 })),
      () => cachingResolver(tls({ timeOut: 1 })),
    ].map((make): Case => [make, "type", "option timeOut: there is none"]),
    [() => TcpListener.bind({ network, port: -1 }), "address", "the port"],
    [() => TcpListener.bind({ network, port: 65536 }), "address", "the port"],
    [
      () => TcpListener.bind({ network, port: 0, hostname: "" }),
      "address",
      "empty",
    ],
    [
      () => TcpListener.bind({ network, port: 0, backlog: 0 }),
      "range",
      "backlog",
    ],
    [
      () => TcpListener.bind({ network, port: 0, backlog: tls("1") }),
      "type",
      "backlog",
    ],
    [
      () => TcpListener.bind({ network: tls(4), port: 0 }),
      "type",
      "network",
    ],
    [
      () => TlsListener.bind({ network, port: -1, ...SERVER }),
      "address",
      "the port",
    ],
    [() => TlsListener.bind(tls({ network, port: 0 })), "type", "cert"],
    [
      () => TlsListener.bind({ network, port: 0, ...SERVER, key: "x" }),
      "type",
      "key",
    ],
    [
      () => TlsListener.bind({ network, port: 0, ...SERVER, key: SERVER.cert }),
      "type",
      "key",
    ],
    [
      () => TlsListener.bind({ network, port: 0, ...SERVER, cert: SERVER.key }),
      "type",
      "cert",
    ],
    [
      () =>
        TlsListener.bind({ network, port: 0, ...SERVER, alpnProtocols: [""] }),
      "type",
      "alpnProtocols",
    ],
    [
      () =>
        TlsListener.bind({ network, port: 0, ...SERVER, handshakeTimeout: -1 }),
      "range",
      "handshakeTimeout",
    ],
    [
      () => TlsListener.bind({ network, port: 0, ...SERVER, maxHandshakes: 0 }),
      "range",
      "maxHandshakes",
    ],
    [
      () =>
        TlsListener.bind({
          network,
          port: 0,
          ...SERVER,
          onHandshakeError: tls(4),
        }),
      "type",
      "onHandshakeError",
    ],
    [() => UnixListener.bind(tls(null)), "type", "options"],
    [() => lookupHost("a b", { network }), "address", "the host"],
    [() => lookupHost(tls(null), { network }), "type", "host:port"],
    [() => lookupHost("a", tls(null)), "type", "options"],
    [() => lookupHost("a", tls({ netwerk: network })), "type", "netwerk"],
    [() => lookupHost("a", { network: tls(4) }), "type", "network"],
    [() => publicOnly(tls("127.0.0.1")), "type", "hostname"],
    [() => cachingResolver(tls(null)), "type", "options"],
    ...([
      [{ ttl: -1 }, "range", "ttl"],
      [{ ttl: "1" }, "type", "ttl"],
      [{ negativeTtl: NaN }, "range", "negativeTtl"],
      [{ maxEntries: 0 }, "range", "maxEntries"],
      [{ maxEntries: "many" }, "type", "maxEntries"],
      [{ resolver: 4 }, "type", "resolver"],
    ] as const).map(([options, kind, about]): Case => [
      () => cachingResolver(options as CachingResolverOptions),
      kind,
      about,
    ]),
    [() => stream.read(tls("x")), "type", "Uint8Array"],
    [() => stream.read(tls(new ArrayBuffer(1))), "type", "Uint8Array"],
    [() => stream.write(tls("x")), "type", "Uint8Array"],
    [() => stream.writeAll(tls([1])), "type", "Uint8Array"],
  ];
}

scriptedTest(
  "malformed: whatever is wrong with the input is said before any I/O",
  (network) => {
    const all = cases(network);
    network.log.length = 0;
    all.forEach(assertMalformed);
    assertEquals(network.log, []);
    assert(all.length > 150, `${all.length} cases`);
  },
);

scriptedTest(
  "malformed: nothing of a key stands in an error",
  (network) => {
    const secret = "c2VjcmV0";
    for (
      const key of [
        secret,
        `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PUBLIC KEY-----`,
        `-----BEGIN PRIVATE KEY-----\n${secret}=\n-----END PRIVATE KEY-----`,
      ]
    ) {
      const error = assertThrows(
        () => TlsListener.bind({ network, port: 0, ...SERVER, key }),
        TypeError,
      );
      assert(!error.message.includes(secret), error.message);
    }
  },
);
