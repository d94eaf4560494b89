/**
 * The answer of a poll that is not ready: the future has stored the waker and
 * will call it. Compare with `===`; there is one such value in a process, also
 * when two copies of this module are loaded. Mirrors `Poll::Pending`.
 *
 * @example Usage
 * ```ts
 * import { noopWaker, Pending, pending, ready } from "@pollen/futures/future";
 * import { assertEquals, assertStrictEquals } from "@std/assert";
 *
 * const cx = { waker: noopWaker };
 * assertStrictEquals(pending().poll(cx), Pending);
 * assertEquals(ready(1).poll(cx), 1);
 * ```
 */
// `Symbol.for`: two copies loaded by two URLs still agree on what "not yet" is.
export const Pending: unique symbol = Symbol.for("@pollen/futures.Pending");

/** The type of {@linkcode Pending}. */
export type Pending = typeof Pending;

/**
 * What a poll answers: the value itself when it is ready, else
 * {@linkcode Pending}. Nothing is wrapped, so nothing is allocated. Mirrors
 * `std::task::Poll`; failure is a thrown exception, not a third case.
 */
export type Poll<T> = T | Pending;
