import type { Context } from "../../future/context.ts";
import { adopt, Future, release } from "../../future/future.ts";
import type { Inspection } from "../../future/inspection.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { assertCount } from "./_check.ts";
import { Explorer } from "./_explorer.ts";
import { Natives } from "./_natives.ts";
import { World } from "./_world.ts";
import { type ExploreOptions, settingsOf } from "./options.ts";
import { fifo } from "./schedules.ts";
import type { Sim } from "./sim.ts";

/** How {@linkcode cancelEverywhere} goes about it. All of it may be left out. */
export interface CancelOptions extends Omit<ExploreOptions, "replay"> {
  /**
   * When to drop: right after a poll that was `Pending` (`"polled"`), or when
   * the next poll was asked for and would come now (`"woken"`), with what was
   * granted meanwhile in hand. Both by default.
   */
  moments?: readonly ("polled" | "woken")[];
  /** Whether the future may fail when it is not dropped: `false` by default. */
  mayFail?: boolean;
  /** How many polls it may take: 1000 by default. */
  polls?: number;
}

/** What {@linkcode cancelEverywhere} has done. */
export interface CancelReport {
  /** How many polls the future takes to its end, the last one included. */
  readonly polls: number;
  /** In how many ways it was run: for each moment, `polls` of them and one. */
  readonly runs: number;
}

type Moment = "polled" | "woken";

/** Polls a future so many times, then drops it, and is done. */
class DropAfter extends Future<void> {
  readonly #inner: Future<unknown>;
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
    onPoll: (polls: number) => void,
  ) {
    super();
    adopt(this, inner);
    this.#inner = inner;
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
      return this.#inner.poll(cx) !== Pending;
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
  }

  override [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#end();
    this.#inner[Symbol.dispose]();
  }
}

/**
 * Drops a future at every moment at which it can be dropped: before its first
 * poll, and after each of its polls, right away and when it was just woken; and
 * runs it to its end. Each time, everything else in the simulation must come to
 * its end all the same, and nothing may be left behind: no task, no timer, and
 * nothing that {@linkcode Sim.ledger} counts.
 *
 * @param make Makes the future, and starts whatever it deals with; anew for each
 * run.
 * @param options When to drop, in which orders tasks are polled: `fifo()` by
 * default, once for each moment.
 * @returns How many polls and runs there were.
 * @throws {SimFailure} If a run fails. It says after which poll.
 * @throws {RangeError} If an option is out of range.
 *
 * @example A lock that is waited for
 * ```ts
 * import { cancelEverywhere } from "@pollen/futures/testing";
 * import { Mutex } from "@pollen/futures/sync";
 * import { co } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const report = cancelEverywhere((sim) => {
 *   const mutex = new Mutex(0);
 *   const holder = mutex.tryLock()!;
 *   sim.spawn(function* () {
 *     yield* sim.sleep(10);
 *     holder.release();
 *   });
 *   sim.ledger("locks", () => mutex.isLocked ? 1 : 0);
 *   return co(function* () {
 *     using _guard = yield* mutex.lock();
 *     yield* sim.sleep(1);
 *   });
 * });
 * assertEquals(report.polls, 3); // in line, holding the lock, done
 * ```
 */
export function cancelEverywhere(
  make: (sim: Sim) => Future<unknown>,
  options: CancelOptions = {},
): CancelReport {
  const {
    moments = ["polled", "woken"],
    mayFail = false,
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
      (host, seed, sometimes) =>
        new World(host, seed, settings, sometimes, natives),
      (sim) =>
        new DropAfter(make(sim), after, moment, mayFail, (polls) => {
          if (polls > most) most = polls;
        }),
      natives,
      {
        title,
        repeat: () => "call it again: it goes through the same runs",
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
