// What is polled by hand allocates nothing: not for a poll, an item or a wake.
import { assert } from "@std/assert";
import { getHeapStatistics } from "node:v8";
import { Executor } from "../../executor/mod.ts";
import { type Future, FuturesUnordered, join, race } from "../../future/mod.ts";
import {
  filterStream,
  fold,
  mapStream,
  merge,
  take,
} from "../../future/stream/mod.ts";
import { mpsc, Mutex } from "../../future/sync/mod.ts";
import {
  Busy,
  Consume,
  LockAndAdd,
  Ping,
  Pong,
  Produce,
  UpTo,
} from "../bench/_hand_written.ts";

// A turn of the host's does allocate: so all is done in one turn of ours.
const executor = new Executor({ turn: { polls: Infinity, ms: Infinity } });

/** A group over nothing but futures that wake themselves. */
const busy = (n: number) => [new Busy(n / 2), new Busy(n / 2)];

/** What does `n` things, each of which may be several polls. */
const paths: Record<string, (n: number) => Future<unknown>[]> = {
  "a wake and a poll of a task": (n) => [new Busy(n)],
  "a round trip through mpsc": (n) => {
    const [toB, atB] = mpsc<number>(1);
    const [toA, atA] = mpsc<number>(1);
    return [new Ping(toB, atA, n), new Pong(toA, atB, n)];
  },
  "a value through mpsc": (n) => {
    const [sender, receiver] = mpsc<number>(64);
    return [new Produce(sender, n), new Consume(receiver)];
  },
  "a hand-over of a mutex": (n) => {
    const mutex = new Mutex(0);
    return Array.from({ length: 10 }, () => new LockAndAdd(mutex, n / 10));
  },
  "a wake and a poll of a child of join": (n) => [join(busy(n))],
  "a wake and a poll of a child of race": (n) => [race(busy(n))],
  "a wake and a poll of a child of FuturesUnordered": (n) => [
    new Consume(mapStream(new FuturesUnordered(busy(n)), () => 0)),
  ],
  "an item of merge": (n) => [
    new Consume(merge(new UpTo(n / 2), new UpTo(n / 2))),
  ],
  "an item through operators": (n) => {
    const odd = filterStream(new UpTo(n), (i) => i % 2 === 1);
    const doubled = mapStream(odd, (i) => i * 2);
    return [fold(take(doubled, n), 0, (sum, i) => sum + (i & 7))];
  },
};

function allocatedInAll(): number {
  const { total_allocated_bytes: bytes } = getHeapStatistics() as {
    total_allocated_bytes?: number;
  };
  return bytes!;
}

/** Bytes that are allocated for `n` things. */
async function allocated(
  n: number,
  make: (n: number) => Future<unknown>[],
): Promise<number> {
  const before = allocatedInAll();
  await Promise.all(make(n).map((future) => executor.run(future)));
  return allocatedInAll() - before;
}

for (const [name, make] of Object.entries(paths)) {
  Deno.test(`allocation: ${name} allocates nothing`, async () => {
    const n = 50_000;
    const each: number[] = [];
    // V8 itself allocates until it has compiled it all: so one time is enough.
    for (let round = 0; round < 20; round++) {
      const few = await allocated(n, make);
      const many = await allocated(4 * n, make);
      each.push((many - few) / (3 * n));
      if (each.at(-1)! < 0.5) return;
    }
    assert(false, `bytes for each, round by round: ${each.join(", ")}`);
  });
}
