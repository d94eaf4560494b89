import { assertEquals } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { co, join } from "../../../future/mod.ts";
import { answering, clientTest, ok, settled } from "./_answers.ts";

clientTest(
  "pool totals: what has happened is counted",
  async (client) => {
    let more: () => unknown = () => {};
    await using server = await answering(
      ok("1"),
      (socket) => socket.resetAndDestroy(), // 2, which is sent again
      ok("2"),
      ok("3"),
      ok("4"),
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n");
        more = () => socket.write("rest");
      },
      ok("6", "connection: close"),
    );
    const get = () =>
      co(function* () {
        using response = yield* client.get(server.url);
        return yield* response.text();
      });
    assertEquals(client.snapshot().totals, {
      opened: 0,
      reused: 0,
      queued: 0,
      stale: 0,
      drained: 0,
      closed: {},
    });
    assertEquals(await run(get()), "1");
    assertEquals(await run(get()), "2");
    assertEquals(await run(join([get(), get()])), ["3", "4"]);
    (await run(client.get(server.url)))[Symbol.dispose]();
    more();
    await settled(client);
    assertEquals(await run(get()), "6");
    assertEquals(client.snapshot().totals, {
      opened: 2, // the second when the first had turned out to be stale
      reused: 5, // by 2, 3, 4, the one that was dropped, and 6
      queued: 1, // 4 waited for 3
      stale: 1,
      drained: 1,
      closed: { "the request failed": 1, "the server wanted it closed": 1 },
    });
  },
  { pool: { maxPerOrigin: 1 } },
);
