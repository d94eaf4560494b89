import type { Host } from "../host.ts";
import { Events, type SimEvent } from "./_events.ts";
import { Random } from "./_random.ts";
import type { Scheduler } from "./schedule.ts";

/** Streams of random numbers of one seed, so that one does not shift another. */
export const STREAMS = { host: 0, schedule: 1, wakers: 2, net: 3 } as const;

/**
 * The host of a simulation. Nothing runs by itself: `step` runs the next thing
 * that is due, and when nothing is, the clock jumps to what comes next. Which
 * of the ready tasks is polled, its scheduler says.
 *
 * Everything follows from the seed and the scheduler's choices, which are kept.
 */
export class SimHost implements Host {
  #now = 0;
  readonly #random = new Random(0);
  #scheduler: Scheduler = { next: () => true, choose: () => 0 };
  readonly #microtasks: (() => void)[] = [];
  readonly #macrotasks: (() => void)[] = [];
  readonly #events = new Events();
  /** The ids of the ready tasks, and 0, if the outside can be chosen too. */
  readonly #options: number[] = [];
  #fault: { error: unknown } | null = null;

  readonly #listeners = new Map<() => void, string>();

  /** The choices of this run so far: the first `choiceCount` of them. */
  readonly choices: number[] = [];
  choiceCount = 0;
  /** How often a task was chosen or something happened. */
  steps = 0;
  #mostSteps = Infinity;
  /** A digest of all that has happened. */
  hash = 0;
  /** What has happened, if anybody wants to read it. */
  trace: string[] | null = null;

  /** Starts a run: as a new host would be. */
  begin(seed: number, scheduler: Scheduler, mostSteps: number): void {
    this.#now = 0;
    this.#random.reseed(seed, STREAMS.host);
    this.#scheduler = scheduler;
    // They are empty as a rule, and would lose their room by being made so.
    if (this.#microtasks.length > 0) this.#microtasks.length = 0;
    if (this.#macrotasks.length > 0) this.#macrotasks.length = 0;
    this.#events.clear();
    if (this.#listeners.size > 0) this.#listeners.clear();
    this.#fault = null;
    this.choiceCount = 0;
    this.steps = 0;
    this.#mostSteps = mostSteps;
    this.hash = seed | 0;
  }

  now(): number {
    return this.#now;
  }

  microtask(callback: () => void): void {
    this.#microtasks.push(callback);
  }

  macrotask(callback: () => void): void {
    this.#macrotasks.push(callback);
  }

  setTimer(delay: number, callback: () => void): unknown {
    return this.#events.add(this.#now + delay, callback);
  }

  clearTimer(timer: unknown): void {
    (timer as SimEvent).callback = null;
  }

  random(): number {
    return this.#random.next();
  }

  unhandled(error: unknown): void {
    this.#fault ??= { error };
  }

  onSignal(name: string, callback: () => void): () => void {
    this.#listeners.set(callback, name);
    return () => this.#listeners.delete(callback);
  }

  /** How many listen for signals. */
  get listening(): number {
    return this.#listeners.size;
  }

  /** A signal comes; false if nobody listens for it. */
  signal(name: string): boolean {
    const heard = [...this.#listeners].filter(([, each]) => each === name);
    for (const [callback] of heard) callback();
    return heard.length > 0;
  }

  /** Takes note of what has happened, for the digest. */
  mix(what: number): void {
    const mixed = Math.imul(this.hash ^ what, 0x9e3779b1);
    this.hash = mixed ^ (mixed >>> 15);
  }

  /** Takes note of what has happened, for those who read; `trace` is there. */
  note(text: string): void {
    this.trace!.push(`${formatTime(this.#now)}  ${text}`);
  }

  /** What was left unhandled first, once. */
  takeFault(): { error: unknown } | null {
    const fault = this.#fault;
    this.#fault = null;
    return fault;
  }

  /** Whether something is due before the clock moves, the outside apart. */
  get isReady(): boolean {
    return this.#microtasks.length > 0 || this.#macrotasks.length > 0;
  }

  /** Whether the outside has something to do before the clock moves. */
  get isOutsideDue(): boolean {
    return this.#events.due <= this.#now;
  }

  get isAtLimit(): boolean {
    return this.steps >= this.#mostSteps;
  }

  choose(ready: readonly number[], count: number): number {
    if (this.#fault !== null || this.isAtLimit) return 0;
    let options = ready;
    let width = count;
    if (this.isOutsideDue) {
      options = this.#options;
      for (let i = 0; i < count; i++) this.#options[i] = ready[i]!;
      this.#options[width++] = 0;
    }
    const choice = width === 1 ? 0 : this.#ask(options, width);
    if (choice < count) {
      this.steps++;
      this.mix(ready[choice]!);
      return choice;
    }
    this.#happen();
    return -1;
  }

  #ask(options: readonly number[], width: number): number {
    let choice: number;
    try {
      choice = this.#scheduler.choose(options, width);
      if (!(choice >= 0 && choice < width)) {
        throw new RangeError(
          `Cannot choose ${choice}: there are ${width} to choose from`,
        );
      }
    } catch (error) {
      // Not out of here: the executor is in the middle of its turn.
      this.unhandled(error);
      return 0;
    }
    this.choices[this.choiceCount++] = choice;
    return choice;
  }

  /** Runs the next thing, if there is one; the clock jumps to it. */
  step(): boolean {
    const callback = this.#microtasks.shift() ?? this.#macrotasks.shift();
    if (callback !== undefined) {
      callback();
      return true;
    }
    if (this.#events.due === Infinity) return false;
    this.#happen();
    return true;
  }

  /** Something from outside happens. */
  #happen(): void {
    const due = this.#events.due;
    if (due > this.#now) {
      this.#now = due;
      this.mix(due);
    }
    this.steps++;
    this.mix(0);
    try {
      this.#events.take()();
    } catch (error) {
      this.unhandled(error);
    }
  }
}

function formatTime(ms: number): string {
  return `${ms.toFixed(3).replace(/\.?0+$/, "")} ms`.padStart(12);
}
