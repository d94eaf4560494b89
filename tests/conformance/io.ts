/**
 * What holds for every connection of bytes, whatever it goes over: sockets, a
 * pipe in memory, a simulated network. Nothing here looks at a clock, and nothing
 * knows how large the buffers on the way are.
 */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { run as runOnDefault, yieldNow } from "../../executor/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { co, type Future, join, map, Pending } from "../../future/mod.ts";
import {
  type AsyncRead,
  type AsyncWrite,
  flushWriter,
  read,
  readExact,
  readToEnd,
  shutdownWriter,
  writeAll,
} from "../../net/io/mod.ts";
import { checkFrom, fillFrom } from "./_pattern.ts";
import {
  DropAfter,
  eventually,
  failure,
  finish,
  mustWait,
  type Random,
  randomFrom,
} from "./_tools.ts";

/** One end; dropping it closes it. */
export type End = AsyncRead & AsyncWrite & Disposable;

/** A connection. */
export type Pair = readonly [End, End];

/** An end whose peer can reset the connection. */
export interface Resettable extends Disposable {
  readonly end: End;
  /** The peer sends bytes; done when they have left it. */
  send(bytes: Uint8Array): Future<void>;
  /** The peer ends its side. */
  shutdown(): Future<void>;
  /** The peer resets the connection. */
  reset(): void;
}

/** What a suite may be told besides. */
export interface ConformanceOptions {
  /** Runs a future to its end; on the default executor without it. */
  run?: <T>(future: Future<T>) => Promise<T>;
  /** Lets the host, or the simulation, go on by a turn. */
  turn?: () => Promise<void>;
  /** Is called after each test: checks that nothing is left. */
  after?: () => Promise<void>;
  /** Makes a connection that can be reset; without it that is not tested. */
  makeResettable?: () => Future<Resettable>;
  /** How much goes past the checksum while reads are dropped: 8 by default. */
  megabytes?: number;
  /** How many reads are dropped meanwhile: 10,000 by default. */
  drops?: number;
  /** How large a piece may be: 50,000 bytes by default, less if all is slow. */
  largest?: number;
}

const SEEDS = [1, 2, 3, 4, 5];

/**
 * Registers the tests.
 *
 * @param name What the connection goes over.
 * @param makePair Connects two ends, as a future that may be dropped.
 * @param options See there.
 */
export function ioConformance(
  name: string,
  makePair: () => Future<Pair>,
  options: ConformanceOptions = {},
): void {
  const {
    run = runOnDefault,
    turn = () => new Promise((resolve) => setImmediate(resolve)),
    after = () => Promise.resolve(),
    makeResettable,
    megabytes = 8,
    drops = 10_000,
    largest = 50_000,
  } = options;

  function test(what: string, body: () => Promise<void>): void {
    Deno.test(`${name}: ${what}`, async () => {
      await body();
      await after();
    });
  }

  /** A test with two ends that are connected. */
  function pairTest(
    what: string,
    body: (a: End, b: End) => Promise<void>,
  ): void {
    test(what, async () => {
      const [a, b] = await run(makePair());
      using _a = a;
      using _b = b;
      await body(a, b);
    });
  }

  /** Writes until the way is full: a write that has to wait, and its bytes. */
  async function stuckWrite(
    end: End,
  ): Promise<{ future: Future<void>; length: number; sent: number }> {
    let sent = 0;
    for (;;) {
      const bytes = fillFrom(sent, new Uint8Array(80 * largest));
      const future = writeAll(end, bytes);
      // It is stuck if many turns of the host bring it no further.
      for (let turns = 0; turns < 100; turns++) {
        const waker = wakeCounter();
        if (future.poll({ waker }) !== Pending) {
          sent += bytes.byteLength;
          break;
        }
        for (let i = 0; i < 50 && !waker.isWoken; i++) await turn();
        if (!waker.isWoken) return { future, length: bytes.byteLength, sent };
      }
      assert(sent < 1 << 30, "it takes everything");
    }
  }

  /** Reads a number of bytes of the pattern. */
  function readPattern(
    end: End,
    from: number,
    length: number,
    random: Random,
    seed: number,
  ): Future<void> {
    return co(function* () {
      const buffer = new Uint8Array(32 * 1024);
      for (let got = 0; got < length;) {
        const most = Math.min(length - got, 1 + random(buffer.byteLength));
        const n = yield* read(end, buffer.subarray(0, most));
        assert(n !== null && n >= 1 && n <= most, `seed ${seed}`);
        checkFrom(from + got, buffer.subarray(0, n), seed);
        got += n;
      }
    });
  }

  /** Writes that many bytes of the pattern, in pieces. */
  function writePattern(
    end: End,
    length: number,
    largest: number,
    random: Random,
  ): Future<void> {
    return co(function* () {
      for (let sent = 0; sent < length;) {
        const size = Math.min(1 + random(largest), length - sent);
        yield* writeAll(end, fillFrom(sent, new Uint8Array(size)));
        sent += size;
        if (random(8) === 0) yield* flushWriter(end);
      }
    });
  }

  // ---------------------------------------------------------------- bytes

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

  // ---------------------------------------------------------------- ends

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

  // ------------------------------------------------------- one at a time

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

  // -------------------------------------------------------------- wakers

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

  // -------------------------------------------------------------- resets

  if (makeResettable === undefined) return;

  /** What holds for an end from its reset on, whatever it did before. */
  async function isReset(end: End): Promise<void> {
    for (let i = 0; i < 2; i++) {
      const error = await failure(run(co(function* () {
        // Bytes that had arrived may still be read; never an end.
        for (;;) {
          const n = yield* read(end, new Uint8Array(1 << 16));
          assert(n !== null, "a reset is no end of the stream");
        }
      })));
      assertEquals([error.name, error.phase], ["ConnectionLost", "read"]);
    }
    assertEquals(
      (await failure(run(co(function* () {
        for (;;) {
          yield* writeAll(end, new Uint8Array(1));
          yield* yieldNow();
        }
      })))).phase,
      "write",
    );
  }

  /** States that an end may be in when its peer resets the connection. */
  const states: Record<
    string,
    (end: End, peer: Resettable) => Promise<Future<unknown>[]>
  > = {
    "while nothing is under way": () => Promise.resolve([]),
    "while a read waits": (end) => {
      const waiting = read(end, new Uint8Array(1));
      mustWait(waiting, wakeCounter());
      return Promise.resolve([waiting]);
    },
    "while a write waits": async (end) => [(await stuckWrite(end)).future],
    "while both wait": async (end) => {
      const waiting = read(end, new Uint8Array(1));
      mustWait(waiting, wakeCounter());
      return [waiting, (await stuckWrite(end)).future];
    },
    "with bytes that were not read": async (_end, peer) => {
      await run(peer.send(new Uint8Array(5)));
      return [];
    },
    "after a read was dropped": (end) => {
      const waiting = read(end, new Uint8Array(1));
      mustWait(waiting, wakeCounter());
      waiting[Symbol.dispose]();
      return Promise.resolve([]);
    },
  };
  for (const [when, enter] of Object.entries(states)) {
    test(`a reset ${when} is no end, and said again and again`, async () => {
      using peer = await run(makeResettable());
      using end = peer.end;
      const waiting = await enter(end, peer);
      peer.reset();
      for (const future of waiting) {
        assertEquals((await failure(run(future))).name, "ConnectionLost");
      }
      await isReset(end);
    });
  }

  test("a reset after this side has ended is no end of the other", async () => {
    using peer = await run(makeResettable());
    using end = peer.end;
    await run(shutdownWriter(end));
    peer.reset();
    const error = await failure(run(read(end, new Uint8Array(1))));
    assertEquals(error.name, "ConnectionLost");
  });
}
