/**
 * What holds for everything that listens and for whoever connects to it, though
 * connects and accepts are dropped at every poll: no connection is lost, and none
 * is left. As in `io.ts`, nothing here looks at a clock.
 */
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
} from "@std/assert";
import { run as runOnDefault, yieldNow } from "../../executor/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { co, type Future, join, race } from "../../future/mod.ts";
import { read, readExact, writeAll } from "../../net/io/mod.ts";
import { ConnectionLost } from "../../net/mod.ts";
import type { End } from "./_io_ground.ts";
import { DropAfter, failure, mustWait, randomFrom } from "./_tools.ts";

/** A listener, and how to connect to it; dropping it closes the listener. */
export interface Listening extends Disposable {
  connect(): Future<End>;
  accept(): Future<End>;
  /**
   * How many sockets at its address there still are in the books of the operating
   * system, which know of those that ours have lost; `null` without such books.
   */
  left?(): Promise<number | null>;
}

/** What a suite may be told besides. */
export interface ListenerOptions {
  /** Runs a future to its end; on the default executor without it. */
  run?: <T>(future: Future<T>) => Promise<T>;
  /** Is called after each test: checks that nothing is left. */
  after?: () => Promise<void>;
}

/** How often the operating system is asked until it has let go. */
const PATIENCE = 20;

/** A message of its own for each connection: one byte. */
const message = (n: number): Uint8Array => new Uint8Array([n]);

/**
 * Registers the tests.
 *
 * @param name What the connections go over.
 * @param listen Begins to listen at an address of its own.
 * @param options See there.
 */
export function listenerConformance(
  name: string,
  listen: () => Listening,
  options: ListenerOptions = {},
): void {
  const { run = runOnDefault, after = () => Promise.resolve() } = options;

  function test(
    what: string,
    body: (listening: Listening) => Promise<void>,
  ): void {
    Deno.test(`${name}: ${what}`, async () => {
      const listening = listen();
      {
        using _closed = listening;
        await body(listening);
      }
      await after();
      if (listening.left === undefined) return;
      for (let asked = 1;; asked++) {
        const left = await listening.left();
        if (left === null || left === 0) return;
        assert(asked < PATIENCE, `${left} sockets are left`);
      }
    });
  }

  /** Takes down what comes, `null` if the client goes without a word; says it. */
  function answer(end: End, heard: (number | null)[]): Future<void> {
    return co(function* () {
      using _closed = end;
      const byte = new Uint8Array(1);
      let n: number | null = null;
      try {
        n = yield* read(end, byte);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
      }
      heard.push(n === null ? null : byte[0]!);
      if (n !== null) yield* writeAll(end, byte);
    });
  }

  /** Says something, and hears it again. */
  function ask(end: End, n: number): Future<void> {
    return co(function* () {
      using _closed = end;
      yield* writeAll(end, message(n));
      assertEquals(yield* readExact(end, 1), message(n));
    });
  }

  test("a connect that is dropped at any poll leaves nobody connected", async (listening) => {
    let polls = 0;
    const connecting = co(function* () {
      for (;; polls++) {
        const end = yield* new DropAfter(listening.connect(), polls);
        if (end !== null) return yield* ask(end, 1);
      }
    });
    const answers: (number | null)[] = [];
    const accepting = co(function* () {
      while (answers.at(-1) !== 1) {
        yield* answer(yield* listening.accept(), answers);
      }
    });
    await run(join([connecting, accepting]));
    assertGreaterOrEqual(polls, 2);
    assertEquals(answers.filter((each) => each !== null), [1]);
  });

  test("an accept that is dropped at any poll loses no connection", async (listening) => {
    const count = 24;
    const connecting = co(function* () {
      for (let i = 0; i < count; i++) {
        yield* ask(yield* listening.connect(), i);
      }
    });
    const dropped = [0, 0, 0, 0];
    const answers: (number | null)[] = [];
    const accepting = co(function* () {
      for (let polls = 0; answers.length < count; polls = (polls + 1) % 4) {
        const end = yield* new DropAfter(listening.accept(), polls);
        if (end !== null) {
          yield* answer(end, answers);
        } else {
          dropped[polls]!++;
          yield* yieldNow();
        }
      }
    });
    await run(join([connecting, accepting]));
    assertEquals(answers, Array.from({ length: count }, (_, i) => i));
    assertGreater(dropped[0], 0);
    assertGreater(dropped[1], 0);
  });

  for (const seed of [1, 2, 3]) {
    test(`connects and accepts are dropped at random, and whoever connects is answered, seed ${seed}`, async (listening) => {
      const random = randomFrom(seed);
      const asked: number[] = [];
      let given = 0;
      const worker = (first: number) =>
        co(function* () {
          for (let n = first; n < first + 15; n++) {
            const polls = random(3) === 0 ? Infinity : random(8);
            const end = yield* new DropAfter(listening.connect(), polls);
            if (end === null) {
              given++;
              yield* yieldNow();
            } else {
              yield* ask(end, n);
              asked.push(n);
            }
          }
        });
      let dropped = 0;
      const answered: (number | null)[] = [];
      const accepting = co(function* () {
        for (;;) {
          const polls = random(2) === 0 ? Infinity : random(4);
          const end = yield* new DropAfter(listening.accept(), polls);
          if (end === null) {
            dropped++;
            yield* yieldNow();
            continue;
          }
          yield* answer(end, answered);
        }
      });
      // Whoever is left in the line when all are done is dropped with it.
      const workers = join([0, 50, 100, 150].map(worker));
      await run(race([workers, accepting]));
      const words = answered.filter((each) => each !== null);
      const sorted = (all: number[]) => all.toSorted((a, b) => a - b);
      assertEquals(sorted(words), sorted(asked), `seed ${seed}`);
      assertGreater(asked.length, 0, `seed ${seed}`);
      assertGreater(given, 0, `seed ${seed}`);
      assertGreater(dropped, 0, `seed ${seed}`);
    });
  }

  test("closing fails an accept that waits", async (listening) => {
    const waiting = listening.accept();
    const waker = wakeCounter();
    mustWait(waiting, waker);
    listening[Symbol.dispose]();
    assert(waker.isWoken);
    assertEquals((await failure(run(waiting))).phase, "accept");
  });
}
