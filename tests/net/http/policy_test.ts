import { assert, assertEquals, assertRejects } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { ready } from "../../../future/mod.ts";
import { HttpClient, TransportError } from "../../../net/http/mod.ts";
import {
  ConnectionFailed,
  publicOnly,
  type Resolver,
} from "../../../net/mod.ts";
import { socketTest } from "../_sockets.ts";
import { answering, ok, response } from "./_answers.ts";

/** Gives the addresses in turn, the last one again and again. */
function inTurn(...addresses: string[]): Resolver {
  let asked = 0;
  const next = () => addresses[Math.min(asked++, addresses.length - 1)]!;
  return { resolve: () => ready([next()]) };
}

async function textOf(client: HttpClient, url: string): Promise<string> {
  return await run((await run(client.get(url))).text());
}

async function assertRefused(client: HttpClient, url: string): Promise<void> {
  const error = await assertRejects(
    () => textOf(client, url),
    TransportError,
    "the policy refuses it",
  );
  assert(error.cause instanceof ConnectionFailed);
  assertEquals(error.cause.phase, "policy");
}

const only = (hostname: string) => (addr: { hostname: string }) =>
  addr.hostname === hostname ? undefined : "not allowed";

socketTest(
  "policy: a name that leads elsewhere the second time is caught (DNS rebinding)",
  async () => {
    await using server = await answering(ok("good", "connection: close"));
    await using client = new HttpClient({
      policy: only("127.0.0.1"),
      resolver: inTurn("127.0.0.1", "127.0.0.2", "::1", "127.0.0.1"),
    });
    const url = `http://rebound.test:${server.port}/`;
    assertEquals(await textOf(client, url), "good");
    await assertRefused(client, url);
    await assertRefused(client, url);
    assertEquals(server.sockets.length, 1);
    assertEquals(await textOf(client, url), "good");
  },
);

socketTest(
  "policy: it sees the address of every hop of a redirect",
  async () => {
    await using inner = await answering(ok("inner"));
    await using server = await answering(
      response("302 Found", "", `location: http://inner.test:${inner.port}/`),
      response("302 Found", "", `location: http://127.0.0.2:${inner.port}/`),
      response("302 Found", "", `location: http://[::1]:${inner.port}/`),
    );
    await using client = new HttpClient({
      policy: only("127.0.0.1"),
      resolver: inTurn("127.0.0.2"),
    });
    const url = `http://127.0.0.1:${server.port}/`;
    for (let n = 0; n < 3; n++) await assertRefused(client, url);
    assertEquals(server.requests.length, 3);
    assertEquals(inner.sockets, []);
  },
);

socketTest(
  "policy: what is not public is refused in whatever form it comes",
  async () => {
    await using inner = await answering(ok("inner"));
    for (
      const address of [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "0.0.0.0",
        "169.254.169.254",
      ]
    ) {
      await using client = new HttpClient({
        policy: publicOnly,
        resolver: inTurn(address),
      });
      await assertRefused(client, `http://rebound.test:${inner.port}/`);
    }
    // And in the forms that a URL may write it.
    await using client = new HttpClient({ policy: publicOnly });
    for (
      const host of ["127.1", "2130706433", "0x7f000001", "[::ffff:7f00:1]"]
    ) {
      await assertRefused(client, `http://${host}:${inner.port}/`);
    }
    assertEquals(inner.sockets, []);
  },
);
