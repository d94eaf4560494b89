import { assertEquals, assertRejects } from "@std/assert";
import { co, type Future } from "../../../future/mod.ts";
import { TcpStream } from "../../../net/mod.ts";
import {
  type FixtureHandler,
  httpFixture,
  simulate,
} from "../../../net/sim/mod.ts";
import { bytes, readAll } from "./_scene.ts";

/** What a fixture answers to bytes that are sent to it, whatever their pieces. */
async function answers(
  handler: string | FixtureHandler,
  sent: string,
): Promise<Set<string>> {
  const all = new Set<string>();
  await simulate({ runs: 20, net: { chunk: [1, 20] } }, function* (sim) {
    sim.host("a.test", httpFixture(handler));
    using stream = yield* TcpStream.connect("a.test:80", { network: sim.net });
    yield* stream.writeAll(bytes(sent));
    yield* stream.shutdown();
    all.add(yield* readAll(stream));
  });
  return all;
}

Deno.test("httpFixture: it answers each request of a connection, bodies included", async () => {
  const got = await answers(
    ({ method, target, headers, body }) =>
      [method, target, headers.get("x-tea"), body].join(" "),
    "GET /a HTTP/1.1\r\nX-Tea: green\r\n\r\n" +
      "POST /b HTTP/1.1\r\nContent-Length: 4\r\n\r\nmïlHEAD /c HTTP/1.1\r\n\r\n",
  );
  assertEquals([...got], [
    "HTTP/1.1 200 Simulated\r\ncontent-length: 13\r\n\r\nGET /a green " +
    "HTTP/1.1 200 Simulated\r\ncontent-length: 13\r\n\r\nPOST /b  mïl" +
    "HTTP/1.1 200 Simulated\r\ncontent-length: 9\r\n\r\n",
  ]);
});

Deno.test("httpFixture: it closes when it is told to, and goes on to no other request", async () => {
  const got = await answers(
    () => ({ status: 503, headers: { "x-a": "b" }, body: "no", close: true }),
    "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
  );
  assertEquals([...got], [
    "HTTP/1.1 503 Simulated\r\nx-a: b\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno",
  ]);
});

Deno.test("sim.host: a program listens when it returns, and what it throws at once is thrown", async () => {
  await simulate({ runs: 20 }, function* (sim) {
    sim.host("a.test", httpFixture("here"));
    using stream = yield* TcpStream.connect("a.test:80", { network: sim.net });
    yield* stream.shutdown();
  });
  await assertRejects(
    () =>
      simulate({ runs: 1 }, (sim) => {
        sim.host("a.test", httpFixture("one"));
        sim.host("a.test", httpFixture("two"));
      }),
    Error,
    "the address is in use",
  );
});

Deno.test("sim.client: it is closed with the run, when all that the body has started is done", async () => {
  await simulate({ runs: 20 }, function* (sim) {
    sim.host("a.test", httpFixture("late"));
    const client = sim.client();
    const get = (): Future<void> =>
      co(function* () {
        yield* sim.sleep(50);
        using response = yield* client.get("http://a.test/");
        sim.always("it still works", (yield* response.text()) === "late");
      });
    sim.spawn(get());
    yield* sim.sleep(1); // the body ends before its task
  });
});
