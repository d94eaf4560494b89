/**
 * Pollen brings poll-based futures to Deno: lazy values that make progress only
 * when polled, that are cancelled by dropping them, and that run on an executor
 * over real sockets and timers.
 *
 * This module has what most programs need. All of it, and more, is in
 * `./future`, `./stream`, `./sync`, `./executor`, `./observe`, `./time`, `./net`,
 * `./io`, `./http`, `./http/har`, `./http/h1`, `./fetch` and `./testing`.
 *
 * @example Sequential code
 * ```ts
 * import { co, run, select, sleep } from "@pollen/futures";
 * import { assertEquals } from "@std/assert";
 *
 * const winner = await run(co(function* () {
 *   const { key } = yield* select({ hare: sleep(5), tortoise: sleep(500) });
 *   return key;
 * })); // the tortoise's timer is gone: select has dropped it
 * assertEquals(winner, "hare");
 * ```
 *
 * @module
 */

export * from "./future/mod.ts";
export * from "./executor/mod.ts";
export * from "./executor/time/mod.ts";
export * from "./net/mod.ts";
export * from "./net/http/mod.ts";
