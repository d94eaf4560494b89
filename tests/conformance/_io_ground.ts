import { assert } from "@std/assert";
import { run as runOnDefault } from "../../executor/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { type Future, Pending } from "../../future/mod.ts";
import { type AsyncRead, type AsyncWrite, writeAll } from "../../net/io/mod.ts";
import { fillFrom } from "./_pattern.ts";

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

/** What the parts of the suite stand on. */
export interface IoGround
  extends Required<Omit<ConformanceOptions, "makeResettable">> {
  readonly makePair: () => Future<Pair>;
  readonly makeResettable: (() => Future<Resettable>) | undefined;
  /** Registers a test. */
  test(what: string, body: () => Promise<void>): void;
  /** A test with two ends that are connected. */
  pairTest(what: string, body: (a: End, b: End) => Promise<void>): void;
  /** Writes until the way is full: a write that has to wait, and its bytes. */
  stuckWrite(
    end: End,
  ): Promise<{ future: Future<void>; length: number; sent: number }>;
}

/** The ground with its defaults. */
export function ioGround(
  name: string,
  makePair: () => Future<Pair>,
  options: ConformanceOptions,
): IoGround {
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

  return {
    makePair,
    makeResettable,
    run,
    turn,
    after,
    megabytes,
    drops,
    largest,
    test,
    pairTest,
    stuckWrite,
  };
}
