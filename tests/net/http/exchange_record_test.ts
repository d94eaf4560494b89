import { assert, assertEquals, assertRejects } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { pollOnce } from "../../../executor/sim/mod.ts";
import {
  DeadlineExceeded,
  type ExchangeRecord,
  HttpClient,
} from "../../../net/http/mod.ts";
import { socketTest } from "../_sockets.ts";
import { answering, ok, response } from "./_answers.ts";

socketTest("exchanges: each is told once, however it ends", async () => {
  await using server = await answering(
    response("503 Busy", "no"),
    ok("yes"),
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
    () => {},
  );
  const told: ExchangeRecord[] = [];
  await using client = new HttpClient({
    onExchange: (exchange) => told.push(exchange),
    retry: { first: 0 },
  });
  {
    using again = await run(client.get(server.url));
    assertEquals(told.map(({ end }) => end), ["dropped", "whole"]);
    await run(again.text());
  }
  assertEquals(told.map(({ response }) => response?.status), [503, 200]);
  assertEquals(told[0]!.connection?.reused, false);
  for (const { timings } of told) {
    assert(timings.startedAt <= timings.acquiredAt);
    assert(timings.sentAt <= timings.firstByteAt);
    assert(timings.firstByteAt <= timings.endedAt);
  }
  {
    using _unread = await run(client.get(server.url));
    assertEquals(told.length, 2, "its body is still to come");
  }
  assertEquals(told[2]!.end, "dropped");
  assertEquals(told[2]!.connection?.reused, true);
  {
    using asked = client.get(server.url);
    pollOnce(asked);
  }
  assertEquals(told.length, 4);
  assertEquals(told[3]!.end, "dropped");
  assertEquals(told[3]!.response, null);
  using _never = client.get(server.url);
  assertEquals(told.length, 4, "what never began is no exchange");
});

socketTest(
  "exchanges: one that finds its connection stale is one that failed",
  async () => {
    await using server = await answering(
      ok("one"),
      (socket) => socket.destroy(),
      ok("two"),
    );
    const told: ExchangeRecord[] = [];
    await using client = new HttpClient({
      onExchange: (exchange) => told.push(exchange),
    });
    for (const expected of ["one", "two"]) {
      using got = await run(client.get(server.url));
      assertEquals(await run(got.text()), expected);
    }
    assertEquals(told.map(({ end }) => end), ["whole", "failed", "whole"]);
    assertEquals(told[1]!.connection?.id, told[0]!.connection?.id);
    assertEquals(told[1]!.response, null);
  },
);

socketTest(
  "exchanges: one that gets no connection has nothing of the one before",
  async () => {
    await using server = await answering(
      "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
      (socket) =>
        socket.write(
          response(
            "302 Found",
            "",
            `location: http://localhost:${server.port}/`,
          ),
        ),
    );
    const told: ExchangeRecord[] = [];
    await using client = new HttpClient({
      onExchange: (exchange) => told.push(exchange),
      pool: { maxPerOrigin: 1 },
      deadlines: { queue: 20 },
    });
    using _held = await run(client.get(`http://localhost:${server.port}/`));
    await assertRejects(
      () => run(client.get(server.url)),
      DeadlineExceeded,
      "deadlines.queue",
    );
    const [redirect, stuck] = told;
    assertEquals(redirect!.response?.status, 302);
    assertEquals(stuck!.connection, null);
    assertEquals(stuck!.timings.acquiredAt, 0);
    assertEquals(stuck!.timings.sentAt, 0);
  },
);

socketTest("exchanges: what a listener throws breaks nothing", async () => {
  const thrown: unknown[] = [];
  const onThrown = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    thrown.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", onThrown);
  try {
    await using server = await answering(ok("hello"));
    await using client = new HttpClient({
      onExchange() {
        throw new Error("mine");
      },
    });
    using got = await run(client.get(server.url));
    assertEquals(await run(got.text()), "hello");
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    globalThis.removeEventListener("unhandledrejection", onThrown);
  }
  assertEquals(thrown.map(String), ["Error: mine"]);
});
