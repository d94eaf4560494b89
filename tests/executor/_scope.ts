import { type Scope, scope } from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { co, type Future, map, pending } from "../../future/mod.ts";

/** Waits for ever, and says when it is cleaned up. */
export function waiting(log: string[], name: string): Future<never> {
  return co(function* () {
    try {
      return yield* pending();
    } finally {
      log.push(`${name} cleaned up`);
    }
  });
}

/** A future that fails after a time. */
export function failing(ms: number, error: unknown): Future<never> {
  return map(sleep(ms), () => {
    throw error;
  });
}

/** The scope as the whole of a body. */
export function* scopeOf<T>(
  body: (s: Scope) => Generator<Future<unknown>, T, unknown>,
  options?: Parameters<typeof scope>[1],
): Generator<Future<unknown>, T, unknown> {
  return yield* scope(body, options);
}

/** The errors of a chain of `SuppressedError`s, the first failure last. */
export function chain(error: unknown): unknown[] {
  const errors: unknown[] = [];
  while (error instanceof SuppressedError) {
    errors.push(error.error);
    error = error.suppressed;
  }
  return [...errors, error];
}
