import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertStrictEquals,
} from "@std/assert";
import { yieldNow } from "../../executor/mod.ts";
import { co, join, map } from "../../future/mod.ts";
import {
  flushWriter,
  read,
  readToEnd,
  shutdownWriter,
  writeAll,
} from "../../net/io/mod.ts";
import type { End, IoGround } from "./_io_ground.ts";
import { checkFrom, fillFrom, readPattern, writePattern } from "./_pattern.ts";
import { DropAfter, randomFrom } from "./_tools.ts";

const SEEDS = [1, 2, 3, 4, 5];

/** All bytes come, once and in order, whatever is dropped meanwhile. */
export function bytesConformance(ground: IoGround): void {
  const { run, after, makePair, megabytes, drops, largest, test, pairTest } =
    ground;

  for (const seed of SEEDS) {
    pairTest(
      `every byte is read once and in order, both ways at once, seed ${seed}`,
      async (a, b) => {
        const random = randomFrom(seed);
        const most = Math.min([10, 1_000, 50_000][random(3)]!, largest);
        const total = most * 20 + random(1000);
        const oneWay = (from: End, to: End) =>
          join([
            co(function* () {
              yield* writePattern(from, total, most, random);
              yield* shutdownWriter(from);
            }),
            co(function* () {
              yield* readPattern(to, 0, total, random, seed);
              assertStrictEquals(yield* read(to, new Uint8Array(1)), null);
            }),
          ]);
        await run(join([oneWay(a, b), oneWay(b, a)]));
      },
    );
  }

  pairTest(
    `${drops} dropped reads lose none of ${megabytes} MB`,
    async (a, b) => {
      const seed = 4711;
      const random = randomFrom(seed);
      const total = megabytes * 1_000_000;
      const size = Math.ceil(3 * total / drops); // fewer messages than drops
      let dropped = 0;
      let sent = 0;
      const sending = co(function* () {
        const message = new Uint8Array(size);
        // On until enough were dropped, too.
        while (sent < total || dropped < drops) {
          const bytes = message.subarray(0, 1 + random(size));
          yield* writeAll(a, fillFrom(sent, bytes));
          yield* flushWriter(a);
          sent += bytes.byteLength;
        }
        yield* shutdownWriter(a);
      });
      const receiving = co(function* () {
        const buffer = new Uint8Array(2 * size);
        for (let got = 0;;) {
          const into = buffer.subarray(0, 1 + random(buffer.byteLength));
          // The first poll as a rule finds nothing yet, and that is that.
          const polls = random(4) > 0 ? 1 : Infinity;
          const reading = map(read(b, into), (n) => ({ n }));
          const answer = yield* new DropAfter(reading, polls);
          if (answer === null) {
            dropped++;
            yield* yieldNow();
          } else if (answer.n === null) {
            return got;
          } else {
            checkFrom(got, into.subarray(0, answer.n), seed);
            got += answer.n;
          }
        }
      });
      const [, got] = await run(join([sending, receiving]));
      assertEquals(got, sent);
      assertGreaterOrEqual(got, total);
      assertGreaterOrEqual(dropped, drops);
    },
  );

  for (const seed of SEEDS) {
    pairTest(
      `a dropped write has sent a beginning of its bytes, and none of them later, seed ${seed}`,
      async (a, b) => {
        const random = randomFrom(seed);
        /** The messages in order: each is a number of times the same byte. */
        const messages: { length: number; completed: boolean }[] = [];
        const writing = co(function* () {
          for (let i = 0; i < 200; i++) {
            const length = 1 + random([20, largest, 10 * largest][random(3)]!);
            const bytes = new Uint8Array(length).fill(i);
            const message = { length, completed: false };
            messages.push(message);
            const polls = random(2) === 0 ? random(4) : 1_000_000;
            const written = map(writeAll(a, bytes), () => true);
            message.completed = (yield* new DropAfter(written, polls)) !== null;
          }
          yield* shutdownWriter(a);
        });
        const [, wire] = await run(join([writing, readToEnd(b)]));
        let at = 0;
        for (const [i, { length, completed }] of messages.entries()) {
          let n = 0;
          while (n < length && wire[at] === i) {
            n++;
            at++;
          }
          if (completed) assertEquals(n, length, `message ${i}, seed ${seed}`);
        }
        assertEquals(at, wire.byteLength, `strange bytes, seed ${seed}`);
        assert(messages.some(({ completed }) => !completed));
        assert(messages.some(({ completed }) => completed));
      },
    );
  }

  test("a connection that is given up at any poll leaves nothing", async () => {
    let polls = 0;
    for (;; polls++) {
      const pair = await run(new DropAfter(makePair(), polls));
      if (pair !== null) {
        pair[0][Symbol.dispose]();
        pair[1][Symbol.dispose]();
        break;
      }
      await after();
    }
    assertGreaterOrEqual(polls, 1);
  });
}
