import { assert, assertEquals, assertThrows } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import {
  type Context,
  Future,
  FutureMovedError,
  noopWaker,
  Pending,
  type Poll,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { Done, pinStream, type Stream } from "../../../future/stream/mod.ts";
import { Source } from "../../future/stream/_world.ts";
import { LogHost } from "../_log_host.ts";
import { operators } from "./_operators.ts";

/** Polls so many times, a millisecond apart, then drops and completes. */
class DropAfter extends Future<void> {
  readonly #stream: Stream<unknown>;
  readonly #executor: Executor;
  #left: number;
  readonly given: unknown[] = [];
  hasEnded = false;
  #timer = sleep(0);

  constructor(stream: Stream<unknown>, executor: Executor, polls: number) {
    super();
    this.#stream = stream;
    this.#executor = executor;
    this.#left = polls;
  }

  override poll(cx: Context): Poll<void> {
    while (this.#left > 0 && !this.hasEnded) {
      if (this.#timer.poll(cx) === Pending) return Pending;
      this.#timer = sleep(1);
      this.#left--;
      const item = this.#stream.pollNext(cx);
      if (item === Done) this.hasEnded = true;
      else if (item !== Pending) this.given.push(...[item].flat());
    }
    this.#timer[Symbol.dispose]();
    this.#stream[Symbol.dispose]();
    assertEquals(this.#executor.timerCount, 0, "a timer is left");
  }
}

for (const [name, make] of Object.entries(operators)) {
  const keepsAll = name === "throttle" || name === "timeoutStream";
  Deno.test(`${name}: dropped after any number of polls, it leaves no timer, and ${keepsAll ? "nothing of its source is lost" : "only what it held is lost"}`, () => {
    let lost = 0;
    for (let polls = 0;; polls++) {
      assert(polls < 100, "it never ends");
      const host = new LogHost();
      using executor = new Executor({ host });
      const source = new Source([1, 2, Pending, 3, 4]);
      const ms = name === "timeoutStream" ? 50 : 2.5;
      const stream = make(pinStream(source), ms);
      const drop = new DropAfter(stream, executor, polls);
      executor.spawn(drop);
      host.advance(10);
      if (source.isWaiting) source.fire();
      host.advance(100);
      assertEquals(host.errors, []);
      assertEquals([executor.taskCount, host.set.size], [0, 0]);
      if (drop.hasEnded) break;

      source.claim(); // nobody holds it
      assertEquals(source.drops, 0);
      assertThrows(
        () => stream.pollNext({ waker: noopWaker }),
        PolledAfterCompletionError,
        "it was dropped",
      );
      const all = [...drop.given, ...rest(source)] as number[];
      assertEquals(all, all.toSorted(), `after ${polls} polls`);
      if (all.length < 4) lost++;
    }
    assertEquals(lost > 0, !keepsAll);
  });

  Deno.test(`${name}: it adopts its source, does nothing before its first poll, and drops it once`, () => {
    const source = new Source([1]);
    const stream = make(source, 10);
    assertThrows(() => source.claim(), FutureMovedError);
    assertThrows(() => make(source, 10), FutureMovedError);
    assertEquals([source.polls, source.drops], [0, 0]);
    stream[Symbol.dispose]();
    stream[Symbol.dispose]();
    assertEquals([source.polls, source.drops], [0, 1]);
    source.claim();
  });

  Deno.test(`${name}: what makes no sense is refused, and the source is not adopted`, () => {
    const source = new Source([1]);
    assertThrows(() => make(source, -1), RangeError, "negative, got -1");
    assertThrows(() => make(source, NaN), RangeError, "must not be NaN");
    assertThrows(() => make(source, "5" as never), TypeError, "got string");
    assertThrows(() => make([1] as never, 5), TypeError, "is not a Stream");
    source.claim();
  });
}

/** What is left in the source. */
function rest(source: Source<number>): number[] {
  const items: number[] = [];
  while (source.ended === null) {
    const item = source.pollNext({ waker: noopWaker });
    if (item === Pending) source.fire();
    else if (item !== Done) items.push(item);
  }
  return items;
}
