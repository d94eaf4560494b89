/**
 * Byte streams to poll: what reads and what writes.
 *
 * @example Reading from whatever can be read from
 * ```ts
 * import type { AsyncRead } from "@pollen/futures/io";
 * import { type Future, Pending, pollFn } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * function firstByte(source: AsyncRead): Future<number | null> {
 *   const into = new Uint8Array(1);
 *   return pollFn((cx) => {
 *     const n = source.pollRead(cx, into);
 *     return n === Pending ? Pending : n === null ? null : into[0]!;
 *   });
 * }
 * assertEquals(await run(firstByte({ pollRead: () => null })), null);
 * ```
 *
 * @module
 */

export * from "./async_read.ts";
export * from "./async_write.ts";
