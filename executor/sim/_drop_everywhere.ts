import type { Context } from "../../future/context.ts";
import { adopt, Future, release } from "../../future/future.ts";
import type { Inspection } from "../../future/inspection.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { assertCount } from "./_check.ts";
import { Explorer, type MakeWorld } from "./_explorer.ts";
import { KeptWakers } from "./_kept_wakers.ts";
import { Natives } from "./_natives.ts";
import type { World } from "./_world.ts";
import { type ExploreOptions, type Settings, settingsOf } from "./options.ts";
import { fifo } from "./schedules.ts";

/** How a future is dropped everywhere. All of it may be left out. */
export interface DropOptions extends Omit<ExploreOptions, "replay"> {
  /**
   * When to drop: right after a poll that was `Pending` (`"polled"`), or when
   * the next poll was asked for and would come now (`"woken"`), with what was
   * granted meanwhile in hand. Both by default.
   */
  moments?: readonly ("polled" | "woken")[];
  /** Whether the future may fail when it is not dropped: `false` by default. */
  mayFail?: boolean;
  /**
   * Whether what the future has polled may live on when it is dropped, with the
   * waker of that poll until its next: as behind `pin` and `shield`, and as a
   * stream, a reader or a `JoinSet` does whose `next()` is dropped. `false` by
   * default: then a waker that is kept is a failure.
   */
  lends?: boolean;
  /** How many polls it may take: 1000 by default. */
  polls?: number;
}

/** What `cancelEverywhere` has done. */
export interface CancelReport {
  /** How many polls the future takes to its end, the last one included. */
  readonly polls: number;
  /** In how many ways it was run: for each moment, `polls` of them and one. */
  readonly runs: number;
}

type Moment = "polled" | "woken";

/**
 * Polls a future so many times, then drops it, and is done. Its wakers are lent,
 * so that it is noticed if one is kept.
 */
class DropAfter extends Future<void> {
  readonly #inner: Future<unknown>;
  readonly #wakers: KeptWakers | null;
  readonly #after: number;
  readonly #moment: Moment;
  readonly #mayFail: boolean;
  readonly #onPoll: (polls: number) => void;
  #polls = 0;
  #ended = false;

  constructor(
    inner: Future<unknown>,
    after: number,
    moment: Moment,
    mayFail: boolean,
    wakers: KeptWakers | null,
    onPoll: (polls: number) => void,
  ) {
    super();
    adopt(this, inner);
    this.#inner = inner;
    this.#wakers = wakers;
    this.#after = after;
    this.#moment = moment;
    this.#mayFail = mayFail;
    this.#onPoll = onPoll;
  }

  override poll(cx: Context): Poll<void> {
    if (this.#polls < this.#after) {
      this.#onPoll(++this.#polls);
      if (this.#hasEnded(cx)) return this.#end();
      if (this.#polls < this.#after || this.#moment === "woken") return Pending;
    }
    this[Symbol.dispose]();
  }

  #hasEnded(cx: Context): boolean {
    try {
      return this.#inner.poll(this.#wakers?.lend(cx) ?? cx) !== Pending;
    } catch (error) {
      this.#end();
      if (!this.#mayFail) throw error;
      return true;
    }
  }

  override inspect(): Inspection {
    return {
      name: "dropped later",
      children: this.#ended ? [] : [this.#inner],
    };
  }

  #end(): void {
    this.#ended = true;
    release(this.#inner);
    this.#wakers?.close();
  }

  override [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    release(this.#inner);
    // While they are dropped, its parts may still wake one another.
    this.#inner[Symbol.dispose]();
    this.#wakers?.close();
  }
}

/**
 * Drops a future at every moment: the engine of `cancelEverywhere`, which is
 * given the kind of world.
 *
 * @param worldFor Makes what makes the worlds of one exploration.
 * @param more The options that the worlds have besides, to be shown.
 */
export function dropEverywhere<W extends World>(
  worldFor: (settings: Settings, natives: Natives) => MakeWorld<W>,
  make: (world: W) => Future<unknown>,
  options: DropOptions,
  more: object,
): CancelReport {
  const {
    moments = ["polled", "woken"],
    mayFail = false,
    lends = false,
    polls: most = 1000,
    ...rest
  } = options;
  assertCount("cancel everywhere", "polls", most, 1);
  const schedule = rest.schedule ?? fifo();
  const settings = settingsOf("cancel everywhere", {
    ...rest,
    schedule,
    runs: rest.runs ?? (schedule.isSystematic ? Infinity : 1),
  });
  const natives = new Natives();
  let runs = 0;
  /** Drops after so many polls; how many polls there were at most. */
  const sweep = (after: number, moment: Moment): number => {
    let most = 0;
    const title = after === Infinity
      ? "cancelEverywhere, without a drop"
      : `cancelEverywhere, dropped after ${after} polls, ${moment}`;
    const explorer = new Explorer(
      settings,
      worldFor(settings, natives),
      (world) => {
        const wakers = lends ? null : new KeptWakers((how) =>
          world.fail(
            "leak",
            `leak: a waker of the future was ${how} after its end: whoever did that has kept it`,
          )
        );
        const onPoll = (polls: number) => {
          if (polls > most) most = polls;
        };
        const inner = make(world);
        return new DropAfter(inner, after, moment, mayFail, wakers, onPoll);
      },
      natives,
      {
        title,
        repeat: () => "call it again: it goes through the same runs",
        options: more,
      },
    );
    const step = explorer.explore().next();
    if (!step.done) {
      throw new Error(
        "Cannot cancel everywhere: it waits for a native promise",
      );
    }
    runs += step.value.runs;
    return most;
  };
  const polls = sweep(Infinity, "polled");
  if (polls > most) {
    throw new RangeError(
      `Cannot cancel everywhere: the future takes ${polls} polls; allow for them with the option polls`,
    );
  }
  for (const moment of moments) {
    // Before its first poll, it has not been woken either.
    for (let after = moment === "polled" ? 0 : 1; after < polls; after++) {
      sweep(after, moment);
    }
  }
  return { polls, runs };
}
