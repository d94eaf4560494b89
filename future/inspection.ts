/**
 * What a future, a stream or a sink says of itself when somebody looks: the
 * answer of its method `inspect`. All of it may be left out.
 *
 * The method may be called at any time, also while the future is polled, and only
 * when somebody looks: until then it costs nothing. It changes nothing and polls
 * nothing. If it throws, the dump shows that in its place. What it says ends up
 * in logs, so it keeps secrets out.
 *
 * @example A future that says what it waits for
 * ```ts
 * import { type Context, Future, type Inspection, Pending, type Poll } from "@pollen/futures/future";
 * import { Executor } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * class Keypress extends Future<string> {
 *   override poll(_cx: Context): Poll<string> {
 *     return Pending; // it would keep the waker, and wait for the key
 *   }
 *   override inspect(): Inspection {
 *     return { waits: "for the any key" };
 *   }
 * }
 *
 * using executor = new Executor();
 * executor.spawn(new Keypress());
 * const [task] = executor.snapshot().tasks;
 * assertEquals(task?.waitsFor, { type: "Keypress", waits: "for the any key" });
 * ```
 */
export interface Inspection {
  /** What it is called: the name of its class by default. */
  name?: string;
  /**
   * What it waits for, or how far it is, in a few words that read well in
   * brackets: `"3200 ms left"`.
   */
  waits?: string;
  /**
   * Those that it waits for in turn: futures, streams and sinks. Only the first
   * few are asked for.
   */
  children?: Iterable<Inspectable>;
  /**
   * What would look like a mistake, but is meant: `"never"`, that nothing wakes
   * it; `"yield"`, that it wakes itself to let others run.
   */
  intent?: "never" | "yield";
}

/** What can be asked: {@linkcode Future}s, streams, and sinks that answer. */
export interface Inspectable {
  /** Says what it waits for. */
  inspect?(): Inspection;
}
