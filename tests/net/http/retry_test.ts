import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { HttpClient, TransportError } from "../../../net/http/mod.ts";
import {
  type Answer,
  answering,
  clientTest,
  ok,
  response,
} from "./_answers.ts";

const retry = { first: 1, attempts: 4 };
const reset: Answer = (socket) => socket.resetAndDestroy();
const busy = response("503 Service Unavailable", "busy");

clientTest(
  "retry: failures and busy servers are tried again",
  async (client) => {
    await using server = await answering(reset, busy, reset, ok("there"));
    const answer = await run(client.get(server.url));
    assertEquals(await run(answer.text()), "there");
    assertEquals(answer.connection.attempts, 4);
    assertEquals(server.requests.length, 4);
  },
  { retry },
);

clientTest(
  "retry: the last answer and the last failure are passed on",
  async (client) => {
    await using server = await answering(busy);
    const answer = await run(client.get(server.url));
    assertEquals([answer.status, await run(answer.text())], [503, "busy"]);
    assertEquals(server.requests.length, 4);
    await using broken = await answering(reset);
    const error = await assertRejects(
      () => run(client.get(broken.url)),
      TransportError,
    );
    assertEquals(error.attempt, 4);
    assertEquals(broken.requests.length, 4);
  },
  { retry },
);

clientTest(
  "retry: a POST that the server may have seen is not sent again",
  async (client) => {
    await using server = await answering(reset, busy);
    const post = () =>
      run(client.request({ url: server.url, method: "POST", body: "x" }));
    await assertRejects(post, TransportError);
    assertEquals((await post()).status, 503);
    assertEquals(server.requests.length, 2);
  },
  { retry },
);

clientTest("retry: a POST that was not sent at all is", async (client) => {
  const error = await assertRejects(
    () =>
      run(
        client.request({
          url: "http://127.0.0.1:1/",
          method: "POST",
          body: "x",
        }),
      ),
    TransportError,
  );
  assertEquals(error.attempt, 4);
}, { retry });

clientTest(
  "retry: a body that cannot be read again is not sent again",
  async (client) => {
    await using server = await answering(busy);
    const answer = await run(client.request({
      url: server.url,
      method: "PUT",
      body: new Blob(["once"]).stream(),
    }));
    assertEquals(answer.status, 503);
    assertEquals(server.requests.length, 1);
  },
  { retry },
);

clientTest(
  "retry: Retry-After is heeded, unless it is too long",
  async (client) => {
    const date = (seconds: number) =>
      new Date(Date.UTC(2030, 0, 1, 0, 0, seconds)).toUTCString();
    await using server = await answering(
      response("429 Too Many", "", "retry-after: 0"),
      response("503 Busy", "", `date: ${date(0)}`, `retry-after: ${date(0)}`),
      response("503 Busy", "", `date: ${date(0)}`, `retry-after: ${date(61)}`),
    );
    const answer = await run(client.get(server.url));
    assertEquals(answer.status, 503);
    assertEquals(server.requests.length, 3);
  },
  { retry },
);

clientTest(
  "retry: a Retry-After far beyond what is waited for is too long in each form",
  async (client) => {
    const far = ["99999999999999999999", "Fri, 31 Dec 2199 23:59:59 GMT"];
    await using server = await answering(
      ...far.map((value) => response("503 Busy", "", `retry-after: ${value}`)),
    );
    for (const _ of far) {
      assertEquals((await run(client.get(server.url))).status, 503);
    }
    assertEquals(server.requests.length, far.length);
  },
  { retry },
);

clientTest(
  "retry: there are no more than the budget allows",
  async (client) => {
    await using server = await answering(busy);
    const before = 20;
    for (let n = 0; n < before; n++) await run(client.get(server.url));
    // Ten are free; a request earns none here.
    assertEquals(server.requests.length, before + 10);
  },
  { retry: { ...retry, budget: 0 } },
);

clientTest("retry: not without being asked to", async (client) => {
  await using server = await answering(busy);
  await run(client.get(server.url));
  assertEquals(server.requests.length, 1);
});

Deno.test("retry: bad options are refused when the client is made", () => {
  for (
    const bad of [
      { attempts: 0 },
      { first: -1 },
      { budget: NaN },
      { retryAfter: -1 },
      { statuses: [1] },
      { statuses: 503 as unknown as number[] },
    ]
  ) {
    const error = assertThrows(() => new HttpClient({ retry: bad }));
    assert(error instanceof RangeError || error instanceof TypeError);
  }
});
