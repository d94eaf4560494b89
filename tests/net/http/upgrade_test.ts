import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { openResources } from "../../../net/mod.ts";
import { ProtocolError, RequestError } from "../../../net/http/mod.ts";
import { text } from "../_sockets.ts";
import { answering, clientTest, ok } from "./_answers.ts";

const SWITCHED =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n";
const headers = { connection: "upgrade", upgrade: "test" };

clientTest(
  "upgrade: the connection is handed over with what came behind the head",
  async (client) => {
    await using server = await answering(`${SWITCHED}first`);
    const response = await run(client.get(server.url, { headers }));
    assertEquals(response.status, 101);
    assertEquals(response.connection.fate, "handed over");
    assertEquals(client.snapshot().connections, []);
    using stream = response.upgrade();
    const into = new Uint8Array(16);
    const n = await run(stream.read(into));
    assertEquals(text(into.subarray(0, n!)), "first");
    await run(stream.writeAll(new Uint8Array([120, 13, 10, 13, 10])));
    assertThrows(() => response.upgrade(), RequestError, "taken before");
    response[Symbol.dispose](); // it is not the response's any more
    assertEquals(openResources().streams, 1);
  },
);

clientTest(
  "upgrade: a response that is dropped closes the connection",
  async (client) => {
    await using server = await answering(SWITCHED);
    {
      using _response = await run(client.get(server.url, { headers }));
      assertEquals(openResources().streams, 1);
    }
    assertEquals(openResources().streams, 0);
  },
);

clientTest(
  "upgrade: a server that does not switch is answered as ever",
  async (client) => {
    await using server = await answering(ok("no"));
    const response = await run(client.get(server.url, { headers }));
    assertThrows(() => response.upgrade(), RequestError, "not switched");
    assertEquals(await run(response.text()), "no");
    assertEquals(response.connection.fate, "kept");
  },
);

clientTest(
  "upgrade: a switch that nobody asked for is an error",
  async (client) => {
    await using server = await answering(SWITCHED, ok("next"));
    await assertRejects(() => run(client.get(server.url)), ProtocolError);
    assertEquals(client.snapshot().connections, []);
    const response = await run(client.get(server.url));
    assertEquals(await run(response.text()), "next");
  },
);

clientTest(
  "upgrade: the place of the connection is free for another",
  async (client) => {
    await using server = await answering(SWITCHED, ok("next"));
    const response = await run(client.get(server.url, { headers }));
    using _stream = response.upgrade();
    const next = await run(client.get(server.url));
    assertEquals(await run(next.text()), "next");
  },
  { pool: { maxPerOrigin: 1 } },
);
