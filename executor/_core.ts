import { Budget } from "../future/budget.ts";
import { CancelledError } from "../future/errors.ts";
import type { Future } from "../future/future.ts";
import type { Waker } from "../future/waker.ts";
import { noTask } from "./_locals.ts";
import { Origin } from "./_origin.ts";
import { Ring } from "../future/_ring.ts";
import { Task } from "./_task.ts";
import type { Host } from "./host.ts";
import type { JoinError } from "./join_error.ts";
import type { Observer } from "./_observer.ts";
import type { Timers } from "./time/_timers.ts";

/** What an executor may do before the host gets a turn. */
export interface TurnLimits {
  polls: number;
  ms: number;
}

/** How many polls at most between two looks at the clock. */
const STRIDE = 64;
/** For how many tasks in line the room is kept when they are gone: 512 KiB. */
const READY_ROOM = 65_536;
/** How often an executor that is disposed of may find new tasks. */
const PATIENCE = 100;

/**
 * The heart of an executor: the ready queue, and the policy of its turns.
 *
 *            wake                 microtask            queue empty
 *   resting ------> scheduled ---------------> turning ------------> resting
 *                       ^                         |
 *                       |   setImmediate          | limits reached
 *                       +-------------------------+
 *
 * A turn works through the queue, first in, first out. Microtasks come before
 * all sockets and timers, so a turn that went on and on would starve them; and
 * so would many short turns in a row. The polls are therefore counted from one
 * turn of the host's to the next, over however many microtasks, and at the
 * limit the executor goes on through `setImmediate`. It says for how long it was
 * busy without a rest, since a host may have to go round its loop several times
 * before it looks at its sockets.
 *
 * Reading the clock costs as much as ten short polls. So it is read after 1, 2,
 * 4, 8, 16, 32 and 64 polls, then after every 64: two slow polls are noticed,
 * and a thousand short ones hardly pay for it.
 */
export class Core {
  readonly host: Host;
  /** Made by the first timer: a program without any is bundled without the wheel. */
  timers: Timers | null = null;
  readonly budget: Budget;
  /** Whether each task remembers where it was spawned, which is not cheap. */
  spawnSites = false;
  /** Null unless somebody looks: then a poll costs one comparison. */
  observer: Observer | null = null;
  readonly #limits: TurnLimits;
  readonly #unjoined: (error: JoinError) => void;

  #state: "resting" | "scheduled" | "turning" = "resting";
  /**
   * Those in line. The task that is being polled keeps its place at the head
   * until its poll is over, and one that was woken meanwhile goes from there to
   * the end: so a poll stores the task once in an object of the core's, and not
   * at all if it is alone. A core is old, a task often young, and V8 takes longer
   * over such a store, which it must remember, than over the rest of the work:
   * with a linked list and a field for the task at hand a poll took half as long
   * again. With numbers in line, and the tasks in a table, a wake was quicker by
   * 3 ns, and a spawn and its end slower by more.
   */
  readonly #ready = new Ring<Task<unknown>>(READY_ROOM);
  /** The task whose future is being dropped. */
  #dropping: Task<unknown> | null = null;
  /** The ids of those in line, for a host that chooses among them; else null. */
  readonly #inLine: number[] | null;

  /** Polls since the host last had a turn, as of the last look at the clock. */
  #polls = 0;
  /** From one look to the next, and how many of them are left. */
  #stride = 1;
  #strideLeft = 1;
  #firstLook = 0;
  #spent = false;
  /** How many milliseconds the turn took that was cut short. */
  #busy = 0;
  /** How many stood in line when the host's turn was asked for. */
  #left = 0;
  /** Whether others had come when it was over: the host has news for tasks. */
  #hasNews = false;

  /** All tasks that have not ended, as a list from the newest on. */
  #live: Task<unknown> | null = null;
  #liveCount = 0;
  /** Those of them that do not hold the process. */
  readonly #background = new Set<Task<unknown>>();
  /** Whether the process was held for tasks and timers, as of the last rest. */
  #wasHeld = true;
  /** The turn of the host's that was asked for, if one was. */
  #hostsTurn: unknown = undefined;
  #taskIds = 0;

  constructor(
    host: Host,
    taskBudget: number,
    limits: TurnLimits,
    unjoined: (error: JoinError) => void,
  ) {
    this.host = host;
    this.budget = new Budget(taskBudget);
    this.#limits = limits;
    this.#unjoined = unjoined;
    this.#inLine = host.choose === undefined ? null : [];
  }

  /** The task that is being polled or dropped, when this core is active. */
  get running(): Task<unknown> | null {
    if (this.#dropping !== null) return this.#dropping;
    return this.#ready.first ?? null;
  }

  get liveCount(): number {
    return this.#liveCount;
  }

  /** How many timers are armed. */
  get timerCount(): number {
    return this.timers === null ? 0 : this.timers.size;
  }

  /** How many tasks there have been. */
  get spawnedCount(): number {
    return this.#taskIds;
  }

  /** The live task that was spawned last; the others follow by `older`. */
  get newest(): Task<unknown> | null {
    return this.#live;
  }

  spawn<T>(future: Future<T>, name: string | undefined): Task<T> {
    const parent = activeTask();
    const task = new Task(
      this,
      future,
      ++this.#taskIds,
      parent !== null && active === this ? parent.id : 0,
      name === undefined && !this.spawnSites
        ? null
        : { name, origin: this.spawnSites ? new Origin() : null, locals: null },
    );
    task.locals = (parent ?? noTask).locals;
    this.#liveCount++;
    this.#holdMoreOrLess();
    task.linkAfter(this.#live);
    this.#live = task;
    this.observer?.spawned(task);
    this.enqueue(task);
    return task;
  }

  /** Puts a task in line; `Task.wake` sees to it that it stands there once. */
  enqueue(task: Task<unknown>): void {
    this.#ready.push(task);
    this.observer?.queued(task);
    this.schedule();
  }

  /** Takes note that a task has ended. */
  ended(task: Task<unknown>): void {
    this.#liveCount--;
    if (this.#background.size > 0) this.#background.delete(task);
    this.#holdMoreOrLess();
    if (this.#live === task) this.#live = task.older;
    task.unlink();
    this.observer?.ended(task);
  }

  /**
   * Whether the process has to go on for the tasks there are: not if all are
   * background tasks. Without any task, it goes on for timers polled by hand.
   */
  get #holds(): boolean {
    const background = this.#background.size;
    return background === 0 || this.#liveCount > background;
  }

  /** Takes note that a task holds the process from now on, or does not. */
  setBackground(task: Task<unknown>, isBackground: boolean): void {
    if (task.isFinished) return;
    if (isBackground) this.#background.add(task);
    else this.#background.delete(task);
    this.#holdMoreOrLess();
  }

  /** Lets go of the process, or holds it again: the timer, when at rest. */
  #holdMoreOrLess(): void {
    // As a rule there are none.
    if (this.#background.size === 0 && this.#wasHeld) return;
    if (this.#hostsTurn !== undefined) {
      this.host.hold?.(this.#hostsTurn, this.#holds);
    }
    this.schedule();
  }

  /** Reports a task's failure, unless it is joined before the host's turn. */
  failed(task: Task<unknown>): void {
    this.host.macrotask(() => {
      if (task.keeper !== null) return;
      try {
        this.#unjoined(task.failure());
      } catch (error) {
        this.host.unhandled(error);
      }
    });
  }

  /** Calls a waker that may not be one of ours. */
  wake(waker: Waker): void {
    try {
      waker.wake();
    } catch (error) {
      this.host.unhandled(error);
    }
  }

  /** Drops a task's future as that task and on this executor, as it was polled. */
  drop(task: Task<unknown>, future: Future<unknown>): void {
    const outerCore = active;
    const outerTask = this.#dropping;
    active = this;
    this.#dropping = task;
    try {
      future[Symbol.dispose]();
    } catch (error) {
      if (!task.keeper?.dropFailed(error)) this.host.unhandled(error);
    }
    active = outerCore;
    this.#dropping = outerTask;
  }

  /**
   * Aborts all tasks; the one that is being polled, after its poll. A drop may
   * spawn further ones, which are aborted too, unless that has no end.
   */
  abortAll(): void {
    let aborted = 0; // the ids that were had
    for (let round = 0; round < PATIENCE; round++) {
      const all: Task<unknown>[] = [];
      for (let task = this.#live; task !== null; task = task.older) {
        if (task.id <= aborted) break;
        all.push(task);
      }
      if (all.length === 0) return;
      aborted = this.#taskIds;
      for (const task of all) task.abort();
    }
    this.host.unhandled(
      new CancelledError(
        `Cannot abort all tasks: their drops have spawned others ${PATIENCE} times`,
      ),
    );
  }

  /** Asks for a turn, at the end of which the timers are settled, too. */
  schedule(busy = 0): void {
    if (this.#state !== "resting") return;
    this.#state = "scheduled";
    if (this.#spent) {
      const turn = this.host.macrotask(this.#hostTurn, busy, this.#hasNews);
      this.#hostsTurn = turn;
      this.#left = this.#ready.size;
      if (!this.#holds) this.host.hold?.(this.#hostsTurn, false);
    } else {
      this.host.microtask(this.#turn);
    }
  }

  /** Takes note that the host has had its turn. */
  hostHadTurn(): void {
    this.#polls = 0;
    this.#stride = 1;
    this.#strideLeft = 1;
    this.#spent = false;
  }

  #hostTurn = (): void => {
    this.#hostsTurn = undefined;
    this.#hasNews = this.#ready.size > this.#left;
    this.hostHadTurn();
    this.#turn();
  };

  #turn = (): void => {
    this.#state = "turning";
    const outerCore = active;
    const outerDrop = this.#dropping; // a drop may drive the host's clock
    this.#dropping = null;
    active = this;
    const ready = this.#ready;
    const budget = this.budget;
    // Else there may have been a rest since the first look at the clock.
    const isFirst = this.#polls === 0;
    const inLine = this.#inLine;
    for (;;) {
      const first = ready.first;
      if (first === undefined) break;
      const task = inLine === null ? first : this.#choose(inLine);
      budget.refill();
      const observer = this.observer;
      const isWoken = observer === null ? task.run(task) : observer.poll(task);
      if (isWoken) ready.rotate();
      else ready.shift();
      if (--this.#strideLeft <= 0 && this.#atLimit()) break;
    }
    active = outerCore;
    this.#dropping = outerDrop;
    this.#wasHeld = this.#holds;
    this.timers?.settle(this.#wasHeld);
    this.#state = "resting";
    this.observer?.turned(ready.size === 0, this.#spent);
    if (ready.size > 0) this.schedule(isFirst ? this.#busy : 0);
  };

  /** Brings that task to the head of the line which the host chooses. */
  #choose(inLine: number[]): Task<unknown> {
    const ready = this.#ready;
    for (;;) {
      const count = ready.size;
      for (let i = 0; i < count; i++) {
        const task = ready.at(i);
        // One that has ended is not polled any more: there is nothing to choose.
        if (task.isFinished) return ready.advance(i);
        inLine[i] = task.id;
      }
      const index = this.host.choose!(inLine, count);
      if (index >= 0) return ready.advance(index);
    }
  }

  #atLimit(): boolean {
    const polls = this.#polls += this.#stride;
    const limits = this.#limits;
    const now = this.host.now();
    if (polls === 1) this.#firstLook = now;
    this.#busy = now - this.#firstLook;
    if (polls < limits.polls && this.#busy < limits.ms) {
      this.#stride = Math.min(polls, STRIDE, limits.polls - polls);
      this.#strideLeft = this.#stride;
      return false;
    }
    this.#spent = true;
    return true;
  }
}

let active: Core | null = null;

/** The executor whose turn it is, if it is any executor's. */
export function activeCore(): Core | null {
  return active;
}

/** The task that is being polled or dropped, if one is. */
export function activeTask(): Task<unknown> | null {
  return active === null ? null : active.running;
}
