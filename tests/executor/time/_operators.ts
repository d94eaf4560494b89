import { assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import {
  chunksTimeout,
  debounce,
  sample,
  sleepUntil,
  throttle,
  timeoutStream,
} from "../../../executor/time/mod.ts";
import { co, type Context, Pending, type Poll } from "../../../future/mod.ts";
import { Done, Stream } from "../../../future/stream/mod.ts";
import type { Failure } from "../../future/stream/_world.ts";
import { LogHost } from "../_log_host.ts";

// The operators that need a clock, and what they give.
type Operator = (
  stream: Stream<number>,
  ms: number,
) => Stream<number | number[]>;

export const operators: Record<string, Operator> = {
  chunksTimeout: (stream, ms) => chunksTimeout(stream, 3, ms),
  debounce,
  sample,
  throttle,
  timeoutStream,
};

/** Numbers, each from its time on, and an end or a failure at a time. */
export class Timed extends Stream<number> {
  readonly #times: readonly number[];
  readonly #end: number;
  readonly #failure: Failure | undefined;
  #timer = sleepUntil(-Infinity);
  #next = 0;
  drops = 0;

  constructor(times: readonly number[], end: number, failure?: Failure) {
    super();
    this.#times = times;
    this.#end = end;
    this.#failure = failure;
    this.#timer = sleepUntil(times[0] ?? end);
  }

  override pollNext(cx: Context): Poll<number | Done> {
    if (this.#timer.poll(cx) === Pending) return Pending;
    const at = this.#next++;
    if (at === this.#times.length) {
      if (this.#failure !== undefined) throw this.#failure.error;
      return Done;
    }
    this.#timer = sleepUntil(this.#times[at + 1] ?? this.#end);
    return at;
  }

  override [Symbol.dispose](): void {
    this.drops++;
    this.#timer[Symbol.dispose]();
  }
}

export type Entry = [at: number, item: unknown];

/** What comes out, and when, for a consumer that always asks. */
export function observe(stream: Stream<unknown>): Entry[] {
  const host = new LogHost();
  using executor = new Executor({ host });
  const log: Entry[] = [];
  executor.spawn(co(function* () {
    using source = stream;
    try {
      for (;;) {
        const item = yield* source.next();
        log.push([host.now(), item === Done ? "end" : item]);
        if (item === Done) return;
      }
    } catch (error) {
      log.push([host.now(), error]);
    }
  }));
  host.advance(1e6);
  if (executor.taskCount === 0) assertEquals(executor.timerCount, 0);
  assertEquals(host.errors, []);
  return log;
}
