import type { Core } from "../_core.ts";
import { Task } from "../_task.ts";
import { type Grant, GrantWatch } from "./_grant_watch.ts";
import { type TaskRecord, TaskWaker } from "./_record.ts";
import { holds, isMeant, waitsOf } from "../inspect/_waits.ts";
import type { Lint, LintKind, LintLimits } from "./lint.ts";
import { identityOf } from "../inspect/snapshot.ts";

/** How many lints are kept; the oldest go first. */
const KEPT = 256;
/** How often, at most, an idle executor looks for wakers that are gone. */
const SWEEP_MS = 1000;

/** Finds what looks ill; see `LintKind` for what, and for what it cannot find. */
export class Lints {
  readonly #core: Core;
  readonly #records: ReadonlyMap<Task<unknown>, TaskRecord>;
  readonly #limits: Required<LintLimits>;
  readonly #tell: (lint: Lint) => void;
  readonly #grants: GrantWatch;
  readonly #found: Lint[] = [];
  /** Tasks that wait and were never asked for their waker, since the last look. */
  readonly #unasked: TaskRecord[] = [];
  #lastSweep: number;

  constructor(
    core: Core,
    records: ReadonlyMap<Task<unknown>, TaskRecord>,
    limits: LintLimits,
    tell: (lint: Lint) => void,
  ) {
    this.#core = core;
    this.#records = records;
    this.#limits = { pollMs: 50, selfWakes: 1000, grantMs: 1000, ...limits };
    for (const [name, limit] of Object.entries(this.#limits)) {
      if (limit >= 0) continue;
      throw new RangeError(
        `Cannot observe the executor: lints.${name} must not be negative, got ${limit}`,
      );
    }
    this.#tell = tell;
    this.#grants = new GrantWatch(() => core.host.now());
    this.#lastSweep = core.host.now();
  }

  get found(): readonly Lint[] {
    return this.#found;
  }

  /** A poll is over. */
  polled(record: TaskRecord, took: number): void {
    if (took > this.#limits.pollMs) {
      this.#report(
        "never-yields",
        `one poll took ${
          took.toFixed(1)
        } ms, and nothing else could run meanwhile`,
        record.task,
      );
    }
    if (record.wokeItself && !record.budget.exhausted) this.#wokeItself(record);
    else record.selfWakes = 0;
    if (!record.wasAsked && record.isWhole && record.task.state === "idle") {
      this.#unasked.push(record);
    }
  }

  #wokeItself(record: TaskRecord): void {
    if (++record.selfWakes !== this.#limits.selfWakes) return;
    const { task } = record;
    if (isMeant(waitsOf(task.future!), "yield")) {
      record.selfWakes = 0;
      return;
    }
    this.#report(
      "self-wake-storm",
      `${record.selfWakes} polls in a row have done nothing but ask for the next`,
      task,
    );
  }

  /** Nothing is left in line. */
  idle(): void {
    for (const record of this.#unasked) {
      if (record.wasAsked || record.task.state !== "idle") continue;
      this.#lost(
        record,
        "it waits, and none of its polls has asked for the waker, so nobody can wake it",
      );
    }
    this.#unasked.length = 0;
    this.#lookForGrants();
    const now = this.#core.host.now();
    if (now - this.#lastSweep >= SWEEP_MS) this.#sweep(now);
  }

  /** Looks for all that only shows when somebody looks. */
  look(): void {
    this.#lookForGrants();
    this.#sweep(this.#core.host.now());
  }

  #sweep(now: number): void {
    this.#lastSweep = now;
    for (const record of this.#records.values()) {
      if (!record.isWhole || record.task.state !== "idle") continue;
      if (!record.isForsaken) continue;
      this.#lost(
        record,
        "it waits, and all who had its waker have let go of it, so nobody can wake it",
      );
    }
  }

  #lost(record: TaskRecord, reason: string): void {
    if (record.isLost || isMeant(waitsOf(record.task.future!), "never")) return;
    record.isLost = true;
    this.#report("lost-waker", reason, record.task);
  }

  #lookForGrants(): void {
    const now = this.#core.host.now();
    for (const grant of this.#grants.open) {
      if (grant.isReported || now - grant.at < this.#limits.grantMs) continue;
      const task = this.#ownerOf(grant);
      if (task === undefined) continue;
      // In line, it is about to take it.
      if (task !== null && task.state !== "idle") continue;
      grant.isReported = true;
      const { waits } = waitsOf(grant.wait);
      this.#report(
        "grant-not-taken",
        `a ${waitsOf(grant.wait).type} ${waits}, and holds up those behind it`,
        task,
      );
    }
  }

  /** The task that holds the future; null if none does; undefined if others do. */
  #ownerOf({ wait, waker }: Grant): Task<unknown> | null | undefined {
    if (waker instanceof TaskWaker) {
      if (this.#records.has(waker.task)) return waker.task;
      return waker.task.isFinished ? null : undefined;
    }
    if (waker instanceof Task) return undefined;
    for (const task of this.#records.keys()) {
      if (task.future !== null && holds(task.future, wait)) return task;
    }
    return null;
  }

  #report(kind: LintKind, reason: string, task: Task<unknown> | null): void {
    const lint: Lint = {
      kind,
      reason,
      task: task === null ? null : identityOf(task),
      waitsFor: task?.future ? waitsOf(task.future) : null,
      foundAtMs: this.#core.host.now(),
    };
    if (this.#found.length === KEPT) this.#found.shift();
    this.#found.push(lint);
    this.#tell(lint);
  }

  [Symbol.dispose](): void {
    this.#grants[Symbol.dispose]();
  }
}
