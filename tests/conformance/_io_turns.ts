import { assert, assertEquals, assertMatch } from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { join } from "../../future/mod.ts";
import { read, writeAll } from "../../net/io/mod.ts";
import type { IoGround } from "./_io_ground.ts";
import { readPattern } from "./_pattern.ts";
import { eventually, failure, finish, mustWait, randomFrom } from "./_tools.ts";

/** One reader and one writer at a time, and whom a wake reaches. */
export function turnsConformance(ground: IoGround): void {
  const { run, turn, pairTest, stuckWrite } = ground;

  pairTest(
    "a second reader hears of the first, who is not disturbed",
    async (a, b) => {
      const [first, second] = [new Uint8Array(4), new Uint8Array(4)];
      const waiting = read(a, first);
      const waker = wakeCounter();
      mustWait(waiting, waker);
      const error = await failure(run(read(a, second)));
      assertMatch(error.message, /another read is waiting/);
      await run(writeAll(b, new Uint8Array([1, 2])));
      await eventually("the first is woken", turn, () => waker.isWoken);
      const n = await run(waiting);
      assert(n !== null && n > 0);
      assertEquals([first[0], second[0]], [1, 0]);
    },
  );

  pairTest(
    "a second writer hears of the first, whose bytes are all sent",
    async (a, b) => {
      const { future, length, sent } = await stuckWrite(a);
      const error = await failure(run(writeAll(a, new Uint8Array(4).fill(9))));
      assertMatch(error.message, /another write is waiting/);
      const all = readPattern(b, 0, sent + length, randomFrom(1), 1);
      await run(join([future, all]));
    },
  );

  pairTest("the waker of the last poll is called, of a read", async (a, b) => {
    const waiting = read(a, new Uint8Array(1));
    const [old, last] = [wakeCounter(), wakeCounter()];
    mustWait(waiting, old);
    mustWait(waiting, last);
    await run(writeAll(b, new Uint8Array(1)));
    await eventually("it is woken", turn, () => last.isWoken);
    assertEquals(old.count, 0);
    assertEquals(await finish(waiting, turn), 1);
  });

  pairTest("the waker of the last poll is called, of a write", async (a, b) => {
    const { future } = await stuckWrite(a);
    const [old, last] = [wakeCounter(), wakeCounter()];
    mustWait(future, old);
    mustWait(future, last);
    const buffer = new Uint8Array(64 * 1024);
    await eventually("it is woken", async () => {
      await run(read(b, buffer));
      await turn();
    }, () => last.isWoken);
    assertEquals(old.count, 0);
    future[Symbol.dispose]();
  });

  pairTest("a reader that was dropped is not woken", async (a, b) => {
    const waiting = read(a, new Uint8Array(1));
    const waker = wakeCounter();
    mustWait(waiting, waker);
    waiting[Symbol.dispose]();
    const other = read(a, new Uint8Array(1));
    const next = wakeCounter();
    mustWait(other, next);
    await run(writeAll(b, new Uint8Array(1)));
    await eventually("the other is woken", turn, () => next.isWoken);
    assertEquals(waker.count, 0);
    assertEquals(await finish(other, turn), 1);
  });
}
