/**
 * A program that uses the entries which need no Deno, and says "all well" where
 * it runs: in Deno, in Node, in a browser. It names no global of a host but the
 * console, which each of them has.
 */
import {
  Executor,
  JoinError,
  run,
  scope,
  spawn,
  yieldNow,
} from "../../executor/mod.ts";
import { observe } from "../../executor/observe/mod.ts";
import {
  interval,
  now,
  sleep,
  throttle,
  timeout,
  TimeoutError,
} from "../../executor/time/mod.ts";
import { co, fromPromise, join, pending, select } from "../../future/mod.ts";
import { collect, iter, mapStream } from "../../future/stream/mod.ts";
import { mpsc, Semaphore } from "../../future/sync/mod.ts";

function check(what: string, holds: boolean): void {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

const futures = co(function* () {
  const [a, b] = yield* join([
    fromPromise(() => Promise.resolve(1)),
    fromPromise(Promise.resolve(2)),
  ]);
  check("promises come in", a + b === 3);
  const { key } = yield* select({ hare: sleep(1), tortoise: sleep(60_000) });
  check("select", key === "hare");
});

const time = co(function* () {
  const start = now();
  yield* sleep(3);
  check("a timer is not early", now() - start >= 3);
  const beat = interval(2);
  for (let i = 0; i < 3; i++) yield* beat.tick();
  beat[Symbol.dispose]();
  check("ticks are a period apart", now() - start >= 7);
  try {
    yield* timeout(pending(), 2);
    check("a timeout fails", false);
  } catch (error) {
    check("with a TimeoutError", error instanceof TimeoutError);
  }
});

const streams = co(function* () {
  const items = mapStream(throttle(iter([1, 2, 3]), 1), (n) => n * 2);
  check("streams", (yield* collect(items)).join() === "2,4,6");
});

const sync = co(function* () {
  const [sender, receiver] = mpsc<number>(1);
  const sending = spawn(co(function* () {
    for (let i = 0; i < 100; i++) yield* sender.send(i);
    sender[Symbol.dispose]();
  }));
  let sum = 0;
  for (let i = 0; i < 100; i++) sum += (yield* receiver.next()) as number;
  yield* sending;
  check("a channel", sum === 4950);
  const permit = yield* new Semaphore(1).acquire();
  permit[Symbol.dispose]();
});

/** Tasks that never wait let timers through: the executor yields to the host. */
const fair = co(function* () {
  let done = false;
  const spinning = spawn(co(function* () {
    while (!done) yield* yieldNow();
  }));
  yield* sleep(5);
  done = true;
  yield* spinning;
});

const structure = co(function* () {
  try {
    yield* scope(function* (s) {
      s.spawn(pending());
      s.spawn(co(function* () {
        yield* sleep(1);
        throw new Error("one fails");
      }));
      yield* pending();
    });
    check("a scope fails with its child", false);
  } catch (error) {
    check("all of them", `${error}`.includes("one fails"));
  }
  try {
    yield* timeout(
      co(function* () {
        try {
          yield* pending();
        } finally {
          // deno-lint-ignore no-unsafe-finally
          throw new Error("thrown while dropped");
        }
      }),
      1,
    );
  } catch (error) {
    const name = (error as Error).name;
    check("an error while dropping is added", name === "SuppressedError");
  }
});

const sight = co(function* () {
  const observation = observe({ trace: true });
  yield* spawn(yieldNow());
  check("an observation counts", observation.metrics().tasksCompleted === 1);
  check("and keeps a trace", observation.trace!.size > 2);
  observation[Symbol.dispose]();
});

const parts = { futures, time, streams, sync, fair, structure, sight };
try {
  for (const part of Object.values(parts)) await run(timeout(part, 20_000));
  const reported: JoinError[] = [];
  const executor = new Executor({ unjoined: (error) => reported.push(error) });
  executor.spawn(co(function* () {
    yield* sleep(1);
    throw new Error("nobody joins");
  })).detach();
  // On a busy machine both timers may be due at once, and the report is to come.
  for (let i = 0; i < 20 && reported.length === 0; i++) {
    await executor.run(sleep(10));
  }
  check("a failure is reported", reported[0] instanceof JoinError);
  report(`all well: ${Object.keys(parts).join(", ")}`);
} catch (error) {
  report(`${error}`);
}

function report(text: string): void {
  console.log(text);
  // In a browser, which prints its document at the end.
  const { document } = globalThis as unknown as {
    document?: { body: { textContent: string } };
  };
  if (document !== undefined) document.body.textContent = text;
}
