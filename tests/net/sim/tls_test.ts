import { assertEquals } from "@std/assert";
import { co } from "../../../future/mod.ts";
import { NetError, TlsListener, TlsStream } from "../../../net/mod.ts";
import {
  type CertificateFault,
  type NetSim,
  simCertificate,
  simulate,
} from "../../../net/sim/mod.ts";
import { readAll } from "./_scene.ts";

/** What a client gets from a server that says "hello" over TLS. */
async function hello(options: {
  names?: string[];
  fault?: CertificateFault;
  /** The clients that the server asks for. */
  clients?: string[];
  /** What the client shows. */
  own?: ReturnType<typeof simCertificate>;
  spoil?: (sim: NetSim) => void;
  /** Whether the server just closes. */
  abrupt?: boolean;
  protocols?: string[];
}): Promise<string[]> {
  const { names = ["a.test"], own, spoil, abrupt, protocols, ...certificate } =
    options;
  const all = new Set<string>();
  await simulate(
    { runs: 20, net: { latency: [1, 9], chunk: [1, 30] } },
    function* (sim) {
      sim.host("a.test", function* (host) {
        using listener = TlsListener.bind({
          hostname: host.address,
          port: 443,
          network: host,
          alpnProtocols: ["h2", "http/1.1"],
          ...simCertificate(names, certificate),
        });
        for (;;) {
          try {
            using stream = yield* listener.accept();
            yield* stream.writeAll(new TextEncoder().encode("hello"));
            if (!abrupt) yield* stream.shutdown();
          } catch (error) {
            if (!(error instanceof NetError)) throw error;
          }
        }
      });
      spoil?.(sim);
      all.add(
        yield* co(function* () {
          try {
            using stream = yield* TlsStream.connect("a.test:443", {
              network: sim.net,
              tls: { alpnProtocols: protocols ?? [], ...own },
            });
            return `${stream.alpnProtocol}: ${yield* readAll(stream as never)}`;
          } catch (error) {
            if (!(error instanceof NetError)) throw error;
            const { truncated } = error as { truncated?: boolean };
            return `${error.name}${
              truncated ? ", truncated" : ""
            }: ${error.message}`;
          }
        }),
      );
    },
  );
  return [...all];
}

Deno.test("sim tls: both sides agree on a protocol, and the end is announced", async () => {
  assertEquals(await hello({}), ["null: hello"]);
  assertEquals(await hello({ abrupt: true }), ["null: hello"]);
  assertEquals(await hello({ protocols: ["http/1.1"] }), ["http/1.1: hello"]);
});

Deno.test("sim tls: a certificate that is not right fails the handshake, in so many words", async () => {
  const failed = "TlsHandshakeFailed: Cannot agree on TLS with a.test:443:";
  assertEquals(await hello({ names: ["b.test"] }), [
    `${failed} its certificate is for another host`,
  ]);
  assertEquals(await hello({ fault: "expired" }), [
    `${failed} its certificate has expired`,
  ]);
  assertEquals(await hello({ fault: "unknown issuer" }), [
    `${failed} its certificate was issued by nobody that is trusted here`,
  ]);
});

Deno.test("sim tls: a connection that is cut is truncated, not ended", async () => {
  const [how, ...others] = await hello({
    spoil: (sim) => void sim.net.link("a.test", "client").endAfterBytes(87),
  });
  assertEquals(others, []);
  assertEquals(
    how,
    "ConnectionLost, truncated: Cannot read from 10.0.0.2:443: the connection was cut before its end was announced",
  );
});

Deno.test("sim tls: a server that asks for a certificate talks to whom it names alone", async () => {
  const clients = ["b.test", "me.test"];
  const own = (
    ...given: Parameters<typeof simCertificate>
  ) => ({ own: simCertificate(...given) });
  const cut =
    "ConnectionLost, truncated: Cannot read from 10.0.0.2:443: the connection was cut before its end was announced";
  const mine = ["me.test"];
  assertEquals(await hello({ clients, ...own(mine) }), ["null: hello"]);
  assertEquals(await hello(own(mine)), ["null: hello"]); // nobody asks
  assertEquals(await hello({ clients, ...own(mine), names: ["b.test"] }), [
    "TlsHandshakeFailed: Cannot agree on TLS with a.test:443: its certificate is for another host",
  ]);
  for (
    const turnedAway of [{}, own(["c.test"]), own(mine, "expired")]
  ) assertEquals(await hello({ clients, ...turnedAway }), [cut]);
});

Deno.test("sim tls: what a server has against a client, its listener is told", async () => {
  const told = new Set<string>();
  await simulate({ runs: 5 }, function* (sim) {
    sim.host("a.test", function* (host) {
      using listener = TlsListener.bind({
        hostname: host.address,
        port: 443,
        network: host,
        onHandshakeError: (error) => told.add(String(error.cause)),
        ...simCertificate(["a.test"], { clients: ["me.test"] }),
      });
      yield* listener.accept();
    });
    for (const names of [[], ["b.test"]]) {
      using stream = yield* TlsStream.connect("a.test:443", {
        network: sim.net,
        tls: names.length === 0 ? {} : simCertificate(names),
      });
      try {
        yield* stream.read(new Uint8Array(1));
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
      }
    }
  });
  assertEquals(
    [...told],
    [
      "InvalidData: peer sent no certificates",
      'InvalidData: invalid peer certificate: certificate not valid for name "me.test"',
    ],
  );
});
