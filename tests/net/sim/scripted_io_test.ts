import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { noopWaker, Pending } from "../../../future/mod.ts";
import {
  scriptedIo,
  type ScriptStep,
  wakeCounter,
} from "../../../net/sim/mod.ts";

const cx = { waker: noopWaker };
const bytes = (text: string) => new TextEncoder().encode(text);

function read(io: ReturnType<typeof scriptedIo>, room = 64) {
  const into = new Uint8Array(room);
  const n = io.pollRead(cx, into);
  return typeof n === "number"
    ? new TextDecoder().decode(into.subarray(0, n))
    : n;
}

Deno.test("scriptedIo: it reads and writes what the script says, in its order", () => {
  using io = scriptedIo([
    { write: "ping" },
    { read: "pong" },
    { shutdown: true },
    { end: true },
  ]);
  assertStrictEquals(read(io), Pending);
  assertEquals(io.pollWrite(cx, bytes("ping")), 4);
  assertEquals(read(io, 3), "pon");
  assertEquals(read(io), "g");
  assertStrictEquals(io.pollShutdown(cx), undefined);
  assertEquals(read(io), null);
});

Deno.test("scriptedIo: `using` fails the test if the script was not done", () => {
  assertThrows(
    () => {
      using _io = scriptedIo([{ write: "ping" }, { end: true }]);
    },
    Error,
    'Cannot end the script: 2 of 2 steps are left, the next is write "ping"',
  );
});

Deno.test("scriptedIo: bytes may take several reads and writes", () => {
  using io = scriptedIo([{ read: "abcde" }, { write: "vwxyz" }], { chunk: 2 });
  assertEquals([read(io), read(io, 1), read(io)], ["ab", "c", "de"]);
  assertEquals(io.pollWrite(cx, bytes("vwxyz")), 2);
  assertEquals(io.pollWrite(cx, bytes("x")), 1);
  assertEquals(io.pollWrite(cx, bytes("yz")), 2);
  io.assertDone();
});

Deno.test("scriptedIo: what was not expected fails, and says what", () => {
  const io = scriptedIo([{ write: "ping" }]);
  assertThrows(
    () => io.pollWrite(cx, bytes("pong")),
    Error,
    'at step 1 of 1: unexpected wrote "pong", expected "ping"',
  );
  assertThrows(
    () => read(io),
    Error,
    "unexpected read, and the script has none",
  );
  assertThrows(() => io.pollShutdown(cx), Error, "unexpected shutdown");
  const done = scriptedIo([]);
  assertThrows(() => done.pollWrite(cx, bytes("x")), Error, 'write of "x"');
});

Deno.test("scriptedIo: errors come once, to the side that they are for", () => {
  using io = scriptedIo([
    { readError: new RangeError("r") },
    { writeError: new TypeError("w") },
  ]);
  assertStrictEquals(io.pollWrite(cx, bytes("x")), Pending);
  assertThrows(() => read(io), RangeError, "r");
  assertThrows(() => io.pollWrite(cx, bytes("x")), TypeError, "w");
});

Deno.test("scriptedIo: pending polls wake by themselves; waiting for the other side does when it is done", () => {
  using io = scriptedIo([{ pending: 2 }, { write: "a" }, { read: "b" }]);
  const waker = wakeCounter();
  const into = new Uint8Array(4);
  assertStrictEquals(io.pollRead({ waker }, into), Pending);
  assertStrictEquals(io.pollRead({ waker }, into), Pending);
  assertEquals(waker.count, 2);
  assertStrictEquals(io.pollRead({ waker }, into), Pending);
  assertEquals(waker.count, 2);
  io.pollWrite(cx, bytes("a"));
  assertEquals(waker.count, 3);
  assertEquals(io.pollRead({ waker }, into), 1);
});

Deno.test("scriptedIo: after its end there is nothing to read, ever after", () => {
  const io = scriptedIo([{ end: true }]);
  assertEquals([read(io), read(io), io.left], [null, null, 0]);
});

Deno.test("scriptedIo: a script that makes no sense is refused", () => {
  const bad: ScriptStep[] = [{ pending: 0 }, { pending: 1.5 }, { read: "" }, {
    write: new Uint8Array(0),
  }];
  for (const step of bad) assertThrows(() => scriptedIo([step]), RangeError);
  assertThrows(() => scriptedIo([], { chunk: 0 }), RangeError);
});
