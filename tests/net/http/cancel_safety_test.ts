import { assert, assertEquals } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { run } from "../../../executor/mod.ts";
import { Pending } from "../../../future/mod.ts";
import * as http from "../../../net/http/mod.ts";
import { eventually, socketTest, turn } from "../_sockets.ts";
import { answering, ok } from "./_answers.ts";
import { asks, eventsFor, FUTURES, others, type Row } from "./_claims.ts";

const { HttpClient, HttpResponse } = http;

/** Half of the response comes with the head, the rest on demand. */
const HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 100000\r\n\r\n";
const HALF = '"' + "x".repeat(49_999);
const REST = "x".repeat(49_999) + '"';

/** Drops the future after some polls; whether it was still pending then. */
async function dropAfter(row: Row, polls: number): Promise<boolean> {
  await using server = await answering((socket, request) => {
    if (request.startsWith("GET /whole")) socket.write(ok("whole"));
    else if (request.startsWith("GET /events")) {
      socket.write(eventsFor(request));
    } else {
      socket.write(HEAD + HALF);
      setImmediate(() => socket.write(REST));
    }
  });
  await using client = new HttpClient();
  const response = asks(row) ? null : await run(client.get(server.url));
  let isPending = true;
  {
    using future = row.make(() => response!, { client, url: server.url });
    for (let n = 0; n < polls && isPending; n++) {
      // The host gets turns, so that the next poll finds something new.
      for (let wait = 0; wait < 3; wait++) await turn();
      const value = pollOnce(future);
      isPending = value === Pending;
      if (value instanceof HttpResponse) value[Symbol.dispose]();
    }
  }
  await eventually(
    "no connection is in use",
    () =>
      client.snapshot().dialling === 0 &&
      client.snapshot().connections.every(({ state }) => state === "idle"),
  );
  assertEquals(client.snapshot().waiting, 0);
  // And the next request is answered.
  using next = await run(client.get(`${server.url}/whole`));
  assertEquals(await run(next.text()), "whole");
  return isPending;
}

for (const [name, row] of Object.entries(FUTURES)) {
  socketTest(
    `cancel safety: ${name}, dropped after any poll, leaves nothing and no harm`,
    async () => {
      let polls = 0;
      while (await dropAfter(row, polls)) polls++;
      assert(polls > 1, "it was ready at once");
    },
  );
}

Deno.test("cancel safety: the documentation of each future of http says the same", () => {
  for (const [name, { documented, claim }] of Object.entries(FUTURES)) {
    const [file, declaration] = documented;
    const url = new URL(`../../../net/http/${file}`, import.meta.url);
    const lines = Deno.readTextFileSync(url).split("\n");
    const at = lines.findIndex((line) =>
      line.trimStart().startsWith(declaration)
    );
    assert(at > 0, `${declaration} in ${file}`);
    const start = lines.findLastIndex((line, i) =>
      i < at && line.trimStart().startsWith("/**")
    );
    const doc = lines.slice(start, at).join(" ").replaceAll(/\s+\*\s+/g, " ");
    assertEquals(/Cancel safety: ([a-z ]+)[.:;]/.exec(doc)?.[1], claim, name);
  }
});

Deno.test("cancel safety: no future that http exports is missing here", () => {
  const exported = [
    ...Object.entries(http)
      .filter(([, value]) => !(value.prototype instanceof Error))
      .map(([name]) => name),
    ...[HttpClient, HttpResponse].flatMap((each) =>
      Object.getOwnPropertyNames(each.prototype)
        .filter((name) => name !== "constructor")
        .map((name) => `${each.name}.${name}`)
    ),
  ];
  assertEquals(exported.sort(), [...others, ...Object.keys(FUTURES)].sort());
});
