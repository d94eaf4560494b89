import { co, type Future, join, lazy } from "../../future/mod.ts";
import { run, spawn, yieldNow } from "../../executor/mod.ts";
import {
  filterStream,
  fold,
  iter,
  mapStream,
  take,
} from "../../future/stream/mod.ts";
import { mpsc, Mutex, oneshot } from "../../future/sync/mod.ts";
import { allocated, compare, table } from "./_harness.ts";
import {
  counted,
  filtered,
  mapped,
  PromiseMutex,
  PromiseQueue,
} from "./_promise_forms.ts";

/** Joins, channels, locks and streams, beside their promise forms. */
export async function sync(): Promise<void> {
  for (const n of [10, 1_000, 100_000]) {
    table(
      `join of ${n.toLocaleString("en")} children that yield once, each`,
      "ns",
      await compare(n, {
        "join": (n, time) =>
          time(() => run(join(Array.from({ length: n }, yieldNow)))),
        "Promise.all": (n, time) => {
          const once = async () => {
            await undefined;
          };
          time(() => Promise.all(Array.from({ length: n }, once)));
        },
      }),
    );
  }

  table(
    "mpsc ping-pong, a round trip",
    "ns",
    await compare(50_000, {
      "mpsc": (n, time) => time(() => run(pingPong(n))),
      "promise queue": (n, time) => time(() => promisePingPong(n)),
    }),
  );

  for (const senders of [1, 16]) {
    table(
      `mpsc, ${senders} to 1, capacity 64, a value`,
      "ns",
      await compare(160_000, {
        "mpsc": (n, time) => time(() => run(manyToOne(senders, n))),
        "promise queue": (n, time) => time(() => promiseManyToOne(senders, n)),
      }),
    );
  }

  table(
    "oneshot: made, sent, received",
    "ns",
    await compare(100_000, {
      "oneshot": (n, time) =>
        time(() =>
          run(co(function* () {
            for (let i = 0; i < n; i++) {
              const [sender, receiver] = oneshot<number>();
              sender.send(i);
              yield* receiver;
            }
          }))
        ),
      "Promise.withResolvers": (n, time) =>
        time(async () => {
          for (let i = 0; i < n; i++) {
            const { promise, resolve } = Promise.withResolvers<number>();
            resolve(i);
            await promise;
          }
        }),
    }),
  );

  table(
    "mutex: hand-over among 100 tasks",
    "ns",
    await compare(100_000, {
      "Mutex": (n, time) => time(() => run(handOver(n))),
      "promise chain": (n, time) => time(() => promiseHandOver(n)),
    }),
  );

  table(
    "a stream through five operators, an item",
    "ns",
    await compare(200_000, {
      "stream": (n, time) => time(() => run(pipeline(n))),
      "async generators": (n, time) => time(() => promisePipeline(n)),
    }),
  );

  const items = 100_000;
  const bytes = await allocated(() => run(pipeline(items)).then(() => {}));
  console.log(
    `\nMemory\n  an item through five operators  ${
      (bytes / items).toFixed(2)
    } bytes`,
  );
}

function pingPong(n: number): Future<unknown> {
  const [toB, atB] = mpsc<number>(1);
  const [toA, atA] = mpsc<number>(1);
  return join([
    co(function* () {
      for (let i = 0; i < n; i++) {
        yield* toB.send(i);
        yield* atA.next();
      }
    }),
    co(function* () {
      for (let i = 0; i < n; i++) {
        yield* toA.send((yield* atB.next()) as number);
      }
    }),
  ]);
}

async function promisePingPong(n: number): Promise<void> {
  const toB = new PromiseQueue<number>(1);
  const toA = new PromiseQueue<number>(1);
  await Promise.all([
    (async () => {
      for (let i = 0; i < n; i++) {
        await toB.put(i);
        await toA.take();
      }
    })(),
    (async () => {
      for (let i = 0; i < n; i++) await toA.put(await toB.take());
    })(),
  ]);
}

function manyToOne(senders: number, n: number): Future<unknown> {
  const [sender, receiver] = mpsc<number>(64);
  return lazy(() => {
    for (let s = 0; s < senders; s++) {
      const mine = sender.clone();
      spawn(co(function* () {
        using _ = mine;
        for (let i = 0; i < n / senders; i++) yield* mine.send(i);
      })).detach();
    }
    sender[Symbol.dispose]();
    return fold(receiver, 0, (count) => count + 1);
  });
}

async function promiseManyToOne(senders: number, n: number): Promise<void> {
  const queue = new PromiseQueue<number>(64);
  const sending = Array.from({ length: senders }, async () => {
    for (let i = 0; i < n / senders; i++) await queue.put(i);
  });
  for (let i = 0; i < n; i++) await queue.take();
  await Promise.all(sending);
}

const TASKS = 100;

function handOver(n: number): Future<unknown> {
  const mutex = new Mutex(0);
  return join(Array.from({ length: TASKS }, () =>
    co(function* () {
      for (let i = 0; i < n / TASKS; i++) {
        using guard = yield* mutex.lock();
        guard.value++;
      }
    })));
}

async function promiseHandOver(n: number): Promise<void> {
  const mutex = new PromiseMutex();
  let value = 0;
  await Promise.all(Array.from({ length: TASKS }, async () => {
    for (let i = 0; i < n / TASKS; i++) {
      const unlock = await mutex.lock();
      value++;
      unlock();
    }
  }));
  if (value !== n) throw new Error("an update was lost");
}

function* upTo(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}

function pipeline(n: number): Future<number> {
  const plusOne = mapStream(iter(upTo(n)), (i) => i + 1);
  const odd = filterStream(plusOne, (i) => i % 2 === 1);
  const doubled = mapStream(odd, (i) => i * 2);
  const small = filterStream(doubled, (i) => i >= 0);
  return fold(take(small, n), 0, (sum, i) => sum + i);
}

async function promisePipeline(n: number): Promise<number> {
  const plusOne = mapped(counted(n), (i) => i + 1);
  const odd = filtered(plusOne, (i) => i % 2 === 1);
  const doubled = mapped(odd, (i) => i * 2);
  const small = filtered(doubled, (i) => i >= 0);
  let sum = 0;
  for await (const item of mapped(small, (i) => i)) sum += item;
  return sum;
}
