import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { pollOnce, wakeCounter } from "../../../executor/sim/mod.ts";
import { Budget, Pending } from "../../../future/mod.ts";
import * as io from "../../../net/io/mod.ts";
import { randomFrom } from "../../conformance/_tools.ts";
import { bytes, cx, now, Pieces, rest, Taker, text } from "./_world.ts";

const no = (value: unknown) => value as never;

Deno.test("duplex: bytes go round its ring in order, whatever is read and written at a time", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomFrom(seed);
    const [a, b] = io.duplex(1 + random(9));
    let [written, got] = ["", ""];
    for (let step = 0; step < 300; step++) {
      if (random(2) === 0) {
        const piece = String.fromCharCode(65 + step % 57).repeat(random(8));
        const n = a.pollWrite(cx, bytes(piece));
        if (n !== Pending) written += piece.slice(0, n);
      } else {
        const into = new Uint8Array(random(5));
        const n = b.pollRead(cx, into);
        if (n !== Pending) got += text(into.subarray(0, n ?? 0));
      }
    }
    a.close();
    assertEquals(got + rest(b), written, `seed ${seed}`);
  }
});

Deno.test("duplex: each answer takes from the budget of the task", () => {
  const [a, b] = io.duplex(8);
  const waker = wakeCounter();
  const spent = { waker, budget: new Budget(1) };
  assertEquals(a.pollWrite(spent, bytes("ab")), 2);
  assertEquals([a.pollWrite(spent, bytes("c")), waker.count], [Pending, 1]);
  assertEquals([b.pollRead(spent, new Uint8Array(1)), waker.count], [
    Pending,
    2,
  ]);
  assertEquals(b.pollRead(cx, new Uint8Array(1)), 1);
});

Deno.test("split: the halves are of one stream, which is dropped with the second", () => {
  const [a, b] = io.duplex(8);
  const [reading, writing] = io.split(a);
  assertThrows(() => io.split(a), TypeError, "it is split already");
  now(io.writeAll(writing, bytes("abc")));
  now(io.flushWriter(writing));
  writing[Symbol.dispose]();
  writing[Symbol.dispose]();
  assertThrows(
    () => writing.pollWrite(cx, bytes("d")),
    TypeError,
    "it was dropped",
  );
  b.pollWrite(cx, bytes("xyz"));
  assertEquals(text(now(io.readExact(new io.BufReader(reading), 3))), "xyz");
  using more = b.read(new Uint8Array(8));
  assertEquals(pollOnce(more), 3);
  reading[Symbol.dispose]();
  assertEquals(rest(b), "");
});

Deno.test("reunite: only of one stream, and the halves are nothing after it", () => {
  const [a, b] = io.duplex(8);
  const [ofA, ofB] = [io.split(a), io.split(b)];
  assertThrows(() => io.reunite(ofA[0], ofB[1]), TypeError, "two streams");
  assertThrows(
    () => io.reunite(no(a), ofA[1]),
    TypeError,
    "pass the two halves",
  );
  assertStrictEquals(io.reunite(...ofA), a);
  for (const half of ofA) half[Symbol.dispose]();
  assertThrows(
    () => ofA[0].pollRead(cx, new Uint8Array(1)),
    TypeError,
    "reunited",
  );
  assertThrows(() => io.reunite(...ofA), TypeError, "reunited");
  ofB[0][Symbol.dispose]();
  assertThrows(() => io.reunite(...ofB), TypeError, "was dropped");
  a.pollWrite(cx, bytes("still open"));
  const again = io.split(a);
  assert("pollFillBuf" in again[0]);
});

Deno.test("split: a source that shows no buffer has halves that show none", () => {
  const sink = new Taker();
  const pieces = new Pieces("ab");
  const both = {
    pollRead: pieces.pollRead,
    pollWrite: sink.pollWrite,
    pollFlush: sink.pollFlush,
    pollShutdown: sink.pollShutdown,
  };
  const [reading, writing] = io.split(both);
  assert(!("pollFillBuf" in reading));
  now(io.shutdownWriter(writing));
  assertEquals([now(io.read(reading, new Uint8Array(8))), sink.shutdowns], [
    2,
    1,
  ]);
});
