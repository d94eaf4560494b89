import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { run } from "../../../executor/mod.ts";
import { co, type Future } from "../../../future/mod.ts";
import { HttpClient, HttpError } from "../../../net/http/mod.ts";
import { H1Error } from "../../../net/http/h1/mod.ts";
import { explore, fifo, SimNetwork } from "../../../net/sim/mod.ts";
import { socketTest, turn } from "../_sockets.ts";
import { type Answer, answering, ok, response } from "./_answers.ts";
import { serveSim, type Step } from "./_sim_server.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** What comes over the wire, whole; behind it the connection ends. */
const WIRES: Record<string, string> = {
  "a body with a length": ok("hello", "x-a: b"),
  "no body": response("200 OK", ""),
  "a 204": "HTTP/1.1 204 No Content\r\na: b\r\n\r\n",
  "chunks and trailers":
    `${CHUNKED}2\r\nab\r\n3;x="y"\r\ncde\r\n0\r\nt: u\r\n\r\n`,
  "a body to the end": `${OK}\r\nto the end`,
  "HTTP/1.0": "HTTP/1.0 200 OK\r\n\r\nold",
  "interim responses": `HTTP/1.1 103 Early\r\na: b\r\n\r\n${ok("late")}`,
  "no reason phrase": "HTTP/1.1 200 \r\ncontent-length: 1\r\n\r\nx",
  "a bad chunk": `${CHUNKED}2\r\nab\r\nx\r\n`,
  "a chunk that is too long": `${CHUNKED}2\r\nabc\r\n0\r\n\r\n`,
  "a bare LF": `${OK}a: b\nc: d\r\n\r\n`,
  "two lengths": `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
  "a short body": `${OK}content-length: 9\r\n\r\nshort`,
  "no last chunk": `${CHUNKED}2\r\nab\r\n`,
  "half a head": `${OK}a: b`,
  "a TLS alert": "\x15\x03\x01\0\x02\x02\x46",
  "another protocol": "RTSP/1.0 200 OK\r\n\r\n",
};

/** What came of it, in all that a caller can see. */
function outcome(client: HttpClient, url: string): Future<string> {
  return co(function* () {
    let status = 0;
    try {
      using response = yield* client.get(url);
      status = response.status;
      const text = yield* response.text();
      const { trailers, interim, headers, connection: { fate } } = response;
      return JSON.stringify([
        status,
        text,
        fate,
        [...headers],
        trailers && [...trailers],
        interim.length,
      ]);
    } catch (error) {
      assert(error instanceof HttpError, `${error}`);
      const { name, phase, bytesReceived, cause } = error;
      const code = cause instanceof H1Error ? cause.code : null;
      return JSON.stringify([status, name, phase, code, bytesReceived > 0]);
    }
  });
}

/** At every place, in simulated time: each part comes by itself. */
function inTwo(wire: string): Step[][] {
  const all: Step[][] = [[wire, 1, "FIN"]];
  for (let at = 1; at < wire.length; at++) {
    all.push([wire.slice(0, at), 1, wire.slice(at), 1, "FIN"]);
  }
  all.push([...[...wire].flatMap((byte) => [byte, 1]), "FIN"]);
  return all;
}

for (const [name, wire] of Object.entries(WIRES)) {
  Deno.test(`splits: ${name}: cut anywhere, it is the same`, () => {
    explore({ schedule: fifo(), runs: 1 }, function* (sim) {
      const net = new SimNetwork(sim);
      let steps: Step[] = [];
      serveSim(sim, net, { name: "a.test", answers: () => steps });
      const client = new HttpClient({ network: net });
      let whole: string | null = null;
      for (steps of inTwo(wire)) {
        const got = yield* outcome(client, "http://a.test/");
        whole ??= got;
        assertEquals(got, whole, JSON.stringify(steps));
        yield* sim.sleep(5); // until its end is noticed
        client.closeIdle();
      }
      client.close();
    });
  });
}

/** Over sockets, where parts may come together all the same. */
function* overSockets(wire: string): Generator<Answer> {
  const parts = (...all: string[]): Answer => async (socket) => {
    for (const part of all) {
      socket.write(part, "latin1");
      await turn();
      await turn();
    }
    socket.end();
  };
  yield parts(wire);
  const step = Math.ceil(wire.length / 10);
  for (let at = 1; at < wire.length; at += step) {
    yield parts(wire.slice(0, at), wire.slice(at));
  }
  yield parts(...wire);
}

for (const [name, wire] of Object.entries(WIRES)) {
  socketTest(`splits: ${name}: over sockets too`, async () => {
    await using client = new HttpClient();
    await using server = await answering(...overSockets(wire));
    let whole: string | null = null;
    for (const _answer of overSockets(wire)) {
      const got = await run(outcome(client, server.url));
      whole ??= got;
      assertEquals(got, whole);
      client.closeIdle();
    }
  });
}

socketTest("splits: a coded body, over sockets", async () => {
  await using client = new HttpClient();
  const body = gzipSync("coded").toString("latin1");
  const wire = ok(body, "content-encoding: gzip");
  await using server = await answering(...overSockets(wire));
  for (const _answer of overSockets(wire)) {
    assert((await run(outcome(client, server.url))).includes('200,"coded"'));
    client.closeIdle();
  }
});
