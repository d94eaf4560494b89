import type { TaskIdentity } from "../inspect/snapshot.ts";
import type { WaitInfo } from "../inspect/_waits.ts";

/**
 * What can be found:
 *
 * - `"never-yields"`: one poll took so long that nothing else could run. A poll
 *   that never returns cannot be reported.
 * - `"self-wake-storm"`: so many polls in a row have done nothing but ask for the
 *   next one, outside of `yieldNow` and without a ready answer for which the
 *   task's budget was spent.
 * - `"lost-waker"`: the task waits, and nobody is left who could wake it: either
 *   no poll has asked for the waker, which is found as soon as the executor is
 *   idle; or all who were given it have let go of it, which is found once the
 *   garbage collector has been there. Such a finding is never wrong. Not found
 *   is a waker that was lost below a combinator that gives each child one of its
 *   own, as `join` and `select` do, one that is kept where nobody calls it, and
 *   those of tasks that were spawned before the observation began.
 * - `"grant-not-taken"`: a lock, permit or notice was granted to a future, and
 *   its task has run, or is gone, without polling it. All who wait behind it are
 *   held up ("futurelock"). A future that is polled again later, by a loop that
 *   has lent it with `pin`, holds up the others meanwhile and is reported, too.
 *   So is one that is polled by hand, outside of any task.
 */
export type LintKind =
  | "never-yields"
  | "self-wake-storm"
  | "lost-waker"
  | "grant-not-taken";

/** Something that looks ill, and why. */
export interface Lint {
  /** What it is. */
  kind: LintKind;
  /** What was found, in a sentence. */
  reason: string;
  /** The task that it was found in; null if it cannot be told which. */
  task: TaskIdentity | null;
  /** What that waits for; null if it has ended, or if no task is known. */
  waitsFor: WaitInfo | null;
  /** When it was found, by the executor's clock. */
  foundAtMs: number;
}

/** From when on something is reported. */
export interface LintLimits {
  /** The milliseconds of one poll: 50 by default. */
  pollMs?: number;
  /** How many polls in a row only ask for the next one: 1000 by default. */
  selfWakes?: number;
  /**
   * The milliseconds that a grant may lie about while its task is idle: 1000 by
   * default.
   */
  grantMs?: number;
}
