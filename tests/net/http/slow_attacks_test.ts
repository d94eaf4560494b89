import { assert, assertEquals, assertRejects } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import {
  DeadlineExceeded,
  type Deadlines,
  HttpClient,
} from "../../../net/http/mod.ts";
import { socketTest } from "../_sockets.ts";
import { type Answer, answering, ok, settled } from "./_answers.ts";
import { drip, MemoryWatch } from "./_attacks.ts";

function* forever(piece: string, start = ""): Generator<string> {
  yield start;
  for (;;) yield piece;
}

interface Slow {
  name: string;
  answer: Answer;
  deadlines: Deadlines;
  fails: "head" | "body";
  with: string;
}

const OK = "HTTP/1.1 200 OK\r\n";
const ENDLESS = `${OK}\r\n`;
/**
 * Far more than what is sent at a time takes. The totals leave a busy machine
 * time to get to where they are to pass.
 */
const PATIENT = 20_000;

const SLOW: Slow[] = [
  {
    name: "a head that comes byte by byte",
    answer: drip(forever("a", `${OK}x: `), 5),
    deadlines: { head: 100, read: PATIENT },
    fails: "head",
    with: "head",
  },
  {
    name: "fields that come one by one",
    answer: drip(forever("a: b\r\n", OK), 5),
    deadlines: { head: 100, read: PATIENT },
    fails: "head",
    with: "head",
  },
  {
    name: "interim responses that come one by one",
    answer: drip(forever("HTTP/1.1 103 Early Hints\r\n\r\n"), 25),
    deadlines: { head: 100, read: PATIENT },
    fails: "head",
    with: "head",
  },
  {
    name: "no answer at all",
    answer: () => {},
    deadlines: { head: 50, read: PATIENT },
    fails: "head",
    with: "head",
  },
  {
    name: "a body that stops",
    answer: (socket) => socket.write(`${ENDLESS}abc`),
    deadlines: { head: PATIENT, read: 50 },
    fails: "body",
    with: "read",
  },
  {
    name: "a body that comes byte by byte, without end",
    answer: drip(forever("x", ENDLESS), 5),
    deadlines: { head: PATIENT, read: PATIENT, total: 750 },
    fails: "body",
    with: "total",
  },
  {
    name: "trailers that come one by one",
    answer: drip(
      forever("a: b\r\n", `${OK}transfer-encoding: chunked\r\n\r\n0\r\n`),
      5,
    ),
    deadlines: { head: PATIENT, total: 750 },
    fails: "body",
    with: "total",
  },
  {
    name: "a head that comes byte by byte, under a total",
    answer: drip(forever("a", `${OK}x: `), 5),
    deadlines: { head: PATIENT, total: 500 },
    fails: "head",
    with: "total",
  },
];

for (const { name, answer, deadlines, fails, with: deadline } of SLOW) {
  socketTest(`attack: ${name} (slow-loris)`, async () => {
    // On a machine that is busy, a limit might be reached before a deadline.
    const limits = { fields: 1e6, informational: 1e6 };
    await using client = new HttpClient({ limits });
    await using server = await answering(answer, ok("next"));
    const memory = new MemoryWatch();
    const start = performance.now();
    let at = "head";
    const error = await assertRejects(async () => {
      const response = await run(client.get(server.url, { deadlines }));
      at = "body";
      await run(response.bytes());
    }, DeadlineExceeded);
    assertEquals([at, error.deadline], [fails, `deadlines.${deadline}`]);
    assertEquals(error.phase, fails);
    assertEquals(error.requestMayHaveBeenProcessed, true);
    assert(performance.now() - start < PATIENT / 2);
    memory.assertBelow(32);
    await settled(client);
    assertEquals(client.snapshot().connections, []);
    const next = await run(client.get(server.url));
    assertEquals(await run(next.text()), "next");
  });
}
