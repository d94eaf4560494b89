/**
 * Channels and locks: how tasks wait for each other. Pure state machines, with
 * no clock and no host.
 *
 * All waiting is first come, first served, and can be given up by dropping the
 * future: what was granted to it and not yet taken goes to the next in line.
 * What is held, a permit, a guard or one end of a channel, is given back by
 * `using` or by its own method; JavaScript runs no code when it is forgotten.
 *
 * | here | for |
 * |---|---|
 * | {@linkcode oneshot} | one value, from one to one |
 * | {@linkcode mpsc} | many values, from many to one, with backpressure |
 * | {@linkcode broadcast} | many values, each to all |
 * | {@linkcode watch} | the latest value, to all |
 * | {@linkcode Mutex}, {@linkcode RwLock} | something that one may change at a time |
 * | {@linkcode Semaphore} | so many at a time |
 * | {@linkcode Notify} | that something has happened |
 * | {@linkcode Barrier} | until all have come |
 * | {@linkcode OnceCell} | a value that is made once |
 *
 * All mirror what `tokio::sync` has under these names.
 *
 * @example Usage
 * ```ts
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { mpsc } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = mpsc<number>(1);
 * const producer = co(function* () {
 *   using mine = sender;
 *   for (let i = 1; i <= 3; i++) yield* mine.send(i);
 * });
 * const consumer = co(function* () {
 *   let sum = 0;
 *   for (let i = 1; i <= 3; i++) sum += (yield* receiver.recv()) as number;
 *   return sum;
 * });
 * assertEquals((await run(join([producer, consumer])))[1], 6);
 * ```
 *
 * @module
 */

export * from "./barrier.ts";
export * from "./broadcast.ts";
export * from "./errors.ts";
export * from "./mpsc.ts";
export * from "./mutex.ts";
export * from "./notify.ts";
export * from "./once_cell.ts";
export * from "./oneshot.ts";
export * from "./rw_lock.ts";
export * from "./semaphore.ts";
export * from "./watch.ts";
