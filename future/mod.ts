/**
 * Poll-based futures: lazy values that make progress only when polled, and are
 * cancelled by dropping them. This module knows neither a clock nor a host.
 *
 * | here | in Rust |
 * |---|---|
 * | {@linkcode Future}, {@linkcode Poll}, {@linkcode Pending} | `std::future::Future`, `std::task::Poll` |
 * | {@linkcode Context}, {@linkcode Waker} | `std::task` |
 * | `[Symbol.dispose]`, `using` | `Drop` |
 * | {@linkcode co} | an `async` block |
 * | {@linkcode pin} | `std::pin::pin!` and `&mut future` |
 * | {@linkcode select}, {@linkcode join} | `tokio::select!`, `tokio::try_join!` |
 *
 * @example Usage
 * ```ts
 * import { co, join, ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const answer = await run(co(function* () {
 *   const [a, b] = yield* join([ready(40), ready(2)]);
 *   return a + b;
 * }));
 * assertEquals(answer, 42);
 * ```
 *
 * @module
 */

export type { Futures, Outputs } from "./_shape.ts";
export * from "./abortable.ts";
export * from "./any.ts";
export { Budget, proceed } from "./budget.ts";
export * from "./co.ts";
export type * from "./context.ts";
export * from "./errors.ts";
export * from "./flat_map.ts";
export * from "./from_promise.ts";
export * from "./from_signal.ts";
export { adopt, Future, type Output, release } from "./future.ts";
export * from "./futures_ordered.ts";
export * from "./futures_unordered.ts";
export type * from "./inspection.ts";
export * from "./join.ts";
export * from "./join_settled.ts";
export * from "./lazy.ts";
export * from "./map.ts";
export * from "./map_error.ts";
export * from "./now_or_never.ts";
export * from "./pending.ts";
export * from "./pin.ts";
export * from "./poll.ts";
export * from "./poll_fn.ts";
export * from "./race.ts";
export * from "./ready.ts";
export * from "./recover.ts";
export * from "./retry.ts";
export * from "./select.ts";
export * from "./settle.ts";
export * from "./shared.ts";
export * from "./waker.ts";
