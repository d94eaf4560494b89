import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { yieldNow } from "../../executor/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { co, map } from "../../future/mod.ts";
import {
  flushWriter,
  read,
  readExact,
  readToEnd,
  shutdownWriter,
  writeAll,
} from "../../net/io/mod.ts";
import type { IoGround } from "./_io_ground.ts";
import { DropAfter, failure, mustWait } from "./_tools.ts";

/** Ends, shutdowns and closes, of this side and of the other. */
export function endsConformance(ground: IoGround): void {
  const { run, pairTest, stuckWrite } = ground;

  pairTest(
    "each side ends by itself, and the other way stays open",
    async (a, b) => {
      await run(co(function* () {
        yield* writeAll(a, new Uint8Array([1, 2]));
        yield* shutdownWriter(a);
        assertEquals(yield* readToEnd(b), new Uint8Array([1, 2]));
        yield* writeAll(b, new Uint8Array([3]));
        assertEquals(yield* readExact(a, 1), new Uint8Array([3]));
        yield* shutdownWriter(b);
        assertStrictEquals(yield* read(a, new Uint8Array(1)), null);
      }));
    },
  );

  pairTest("the end of the stream is said again and again", async (a, b) => {
    await run(co(function* () {
      yield* shutdownWriter(a);
      for (let i = 0; i < 3; i++) {
        assertStrictEquals(yield* read(b, new Uint8Array(1)), null);
      }
    }));
  });

  pairTest(
    "after the shutdown nothing is written, and a second one is none",
    async (a, b) => {
      await run(shutdownWriter(a));
      const error = await failure(run(writeAll(a, new Uint8Array(1))));
      assertEquals(error.phase, "write");
      assertMatch(error.message, /shut down/);
      await run(co(function* () {
        yield* shutdownWriter(a);
        assertEquals(yield* readToEnd(b), new Uint8Array(0));
        yield* writeAll(b, new Uint8Array([7]));
        assertEquals(yield* readExact(a, 1), new Uint8Array([7]));
      }));
    },
  );

  pairTest("a shutdown that is dropped at any poll goes on", async (a, b) => {
    await run(writeAll(a, new Uint8Array(3)));
    for (let polls = 0; polls < 4; polls++) {
      await run(new DropAfter(map(shutdownWriter(a), () => true), polls));
    }
    await run(shutdownWriter(a));
    assertEquals((await run(readToEnd(b))).byteLength, 3);
  });

  pairTest("no bytes are read and written at once", async (a, b) => {
    const waker = wakeCounter();
    assertStrictEquals(read(a, new Uint8Array(0)).poll({ waker }), 0);
    assertStrictEquals(a.pollWrite({ waker }, new Uint8Array(0)), 0);
    await run(writeAll(a, new Uint8Array(0)));
    await run(writeAll(a, new Uint8Array([1])));
    assertEquals(await run(readExact(b, 1)), new Uint8Array([1]));
    assertStrictEquals(await run(read(b, new Uint8Array(0))), 0);
  });

  pairTest("what was written before the close is read", async (a, b) => {
    await run(co(function* () {
      yield* writeAll(a, new Uint8Array([1, 2, 3]));
      yield* flushWriter(a);
    }));
    a[Symbol.dispose]();
    assertEquals(await run(readToEnd(b)), new Uint8Array([1, 2, 3]));
  });

  pairTest(
    "writing to a peer that has closed fails, in the end",
    async (a, b) => {
      b[Symbol.dispose]();
      const error = await failure(run(co(function* () {
        for (;;) {
          yield* writeAll(a, new Uint8Array(1000));
          yield* yieldNow();
        }
      })));
      assertEquals(error.phase, "write");
      await failure(run(writeAll(a, new Uint8Array(1))));
    },
  );

  pairTest("closing fails a read that waits", async (a, b) => {
    const waiting = read(a, new Uint8Array(1));
    const waker = wakeCounter();
    mustWait(waiting, waker);
    a[Symbol.dispose]();
    assert(waker.isWoken);
    assertEquals((await failure(run(waiting))).phase, "read");
    await failure(run(read(a, new Uint8Array(1))));
    assertStrictEquals(await run(read(b, new Uint8Array(1))), null);
  });

  pairTest("closing fails a write that waits", async (a) => {
    const { future } = await stuckWrite(a);
    const waker = wakeCounter();
    mustWait(future, waker);
    a[Symbol.dispose]();
    assert(waker.isWoken);
    assertEquals((await failure(run(future))).phase, "write");
    for (const next of [writeAll(a, new Uint8Array(1)), flushWriter(a)]) {
      await failure(run(next));
    }
    await failure(run(shutdownWriter(a)));
  });
}
