import { co, join, noopWaker } from "../../future/mod.ts";
import {
  CancellationToken,
  JoinSet,
  run,
  scope,
  spawn,
  taskLocal,
  yieldNow,
} from "../../executor/mod.ts";
import { compare, table } from "./_harness.ts";

/** Scopes, sets, tokens and task-locals, beside what they are built on. */
export async function structure(): Promise<void> {
  table(
    "A child that yields once, spawned and waited for",
    "ns",
    await compare(50_000, {
      "scope": (n, time) =>
        time(() =>
          run(scope(function* (s) {
            for (let i = 0; i < n; i++) s.spawn(yieldNow());
            yield* yieldNow();
          }))
        ),
      "JoinSet": (n, time) =>
        time(() =>
          run(co(function* () {
            using set = new JoinSet<void>();
            for (let i = 0; i < n; i++) set.spawn(yieldNow());
            while (set.size > 0) yield* set.joinNext();
          }))
        ),
      "join of handles": (n, time) =>
        time(() =>
          run(co(function* () {
            yield* join(Array.from({ length: n }, () => spawn(yieldNow())));
          }))
        ),
      "Promise.all of async functions": (n, time) => {
        const once = async () => {
          await undefined;
        };
        return time(() => Promise.all(Array.from({ length: n }, once)));
      },
    }),
  );

  table(
    "Waiting for a cancellation, and giving up",
    "ns",
    await compare(50_000, {
      "token, alone": (n, time) => time(() => wait(new CancellationToken(), n)),
      "token, beside 10,000 that wait": (n, time) => {
        const token = new CancellationToken();
        for (let i = 0; i < 10_000; i++) {
          token.cancelled().poll({ waker: noopWaker });
        }
        time(() => wait(token, n));
      },
      "AbortSignal, a listener added and removed": (n, time) => {
        const { signal } = new AbortController();
        const listener = () => {};
        time(() => {
          for (let i = 0; i < n; i++) {
            signal.addEventListener("abort", listener);
            signal.removeEventListener("abort", listener);
          }
        });
      },
    }),
  );

  const local = taskLocal<number>("number", 0);
  table(
    "yield* yieldNow() inside co",
    "ns",
    await compare(100_000, {
      "plain": (n, time) => time(() => run(yields(n))),
      "with a task-local around it": (n, time) =>
        time(() => run(local.with(1, yields(n)))),
      "as the body of a scope": (n, time) =>
        time(() =>
          run(scope(function* () {
            yield* yields(n);
          }))
        ),
    }),
  );
}

function wait(token: CancellationToken, n: number): void {
  for (let i = 0; i < n; i++) {
    const waiting = token.cancelled();
    waiting.poll({ waker: noopWaker });
    waiting[Symbol.dispose]();
  }
}

function yields(n: number) {
  return co(function* () {
    for (let i = 0; i < n; i++) yield* yieldNow();
  });
}
