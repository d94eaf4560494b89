import { spawnName } from "../_spawn_name.ts";
import { co } from "../../future/co.ts";
import type { Context } from "../../future/context.ts";
import { adopt, Future, release } from "../../future/future.ts";
import type { Inspection } from "../../future/inspection.ts";
import { lazy } from "../../future/lazy.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { observePromises } from "../../future/_native.ts";
import { Core } from "../_core.ts";
import type { JoinError } from "../join_error.ts";
import { replaceDefault } from "../_current.ts";
import { snapshotOf } from "../inspect/snapshot.ts";
import type { JoinHandle } from "../join_handle.ts";
import type { Task } from "../_task.ts";
import type { AsyncTimer } from "../time/async_timer.ts";
import { sleep } from "../time/sleep.ts";
import type { Natives } from "./_natives.ts";
import { Perturbation, Watch } from "./_perturb.ts";
import type { Settings } from "./options.ts";
import type { Sim, SimProgram, SimSpawnOptions } from "./sim.ts";
import type { SimFailureKind } from "./sim_failure.ts";
import type { SimHost } from "./sim_host.ts";

/** How a run has failed. */
export interface Failure {
  readonly kind: SimFailureKind;
  /** In words. */
  readonly what: string;
  /** What was thrown, if anything was. */
  readonly thrown: { error: unknown } | null;
}

/** What must have held in some run, and whether it has. */
export type Sometimes = Map<string, boolean>;

/** How much may happen after the last task has ended. */
const AFTERMATH = 100_000;
const TURN = { polls: 1024, ms: 1 };

/** The main task: calls the body at its first poll, inside the simulation. */
class Main extends Future<void> {
  #body: (() => SimProgram) | null;
  #program: Future<unknown> | null = null;

  constructor(body: () => SimProgram) {
    super();
    this.#body = body;
  }

  override poll(cx: Context): Poll<void> {
    const body = this.#body;
    if (body !== null) {
      this.#body = null;
      const program = body();
      if (program === undefined) return;
      const future = program instanceof Future ? program : co(() => program);
      adopt(this, future);
      this.#program = future;
    }
    const program = this.#program!;
    if (program.poll(cx) === Pending) return Pending;
    release(program);
    this.#program = null;
  }

  override inspect(): Inspection {
    return {
      name: "body",
      children: this.#program === null ? [] : [this.#program],
    };
  }

  override [Symbol.dispose](): void {
    const program = this.#program;
    this.#program = null;
    if (program === null) return;
    release(program);
    program[Symbol.dispose]();
  }
}

/** One run of a simulation, on a host that others have used before. */
export class World implements Sim {
  readonly seed: number;
  readonly platform: SimHost;
  readonly #core: Core;
  readonly #sometimes: Sometimes;
  readonly #perturbation: Perturbation | null = null;
  readonly #natives: Natives;
  #background: Task<unknown>[] | null = null;
  #backgroundIds: Set<number> | null = null;
  #checks: (() => void)[] | null = null;
  #ends: (() => void)[] | null = null;
  /** The tasks that the body has started, itself among them. */
  readonly #own: Task<unknown>[] = [];
  #ledgers: [what: string, count: () => number][] | null = null;
  failure: Failure | null = null;
  /** Whether promises have had their turn since the last step. */
  #hasRested = false;
  /** Whether all that is left is to clear away. */
  isEnding = false;

  constructor(
    host: SimHost,
    seed: number,
    settings: Settings,
    sometimes: Sometimes,
    natives: Natives,
  ) {
    this.platform = host;
    this.seed = seed;
    this.#sometimes = sometimes;
    this.#natives = natives;
    const core = new Core(host, settings.taskBudget, TURN, this.#unjoined);
    this.#core = core;
    if (settings.wakers !== null) {
      this.#perturbation = new Perturbation(
        host,
        seed,
        settings.wakers,
        (what) => this.fail("leak", what),
      );
    }
    if (
      this.#perturbation !== null || host.trace !== null || natives.mayMeet
    ) core.observer = new Watch(host, this.#perturbation, natives);
    natives.begin();
  }

  #unjoined = (error: JoinError): void => {
    // A server may well fail for want of what the test has taken down.
    if (this.#backgroundIds?.has(error.taskId) && this.#isDone) return;
    this.fail("failed", String(error.message), { error: error.cause });
  };

  /** Takes note of a failure: the first one is the run's. */
  fail(
    kind: SimFailureKind,
    what: string,
    thrown: { error: unknown } | null = null,
  ): void {
    if (this.failure !== null) return;
    this.failure = { kind, what, thrown };
    if (this.platform.trace !== null) {
      this.platform.note(`fail  ${what.split("\n")[0]}`);
    }
  }

  /** Starts the main task. */
  begin(body: () => SimProgram): void {
    this.#own.push(this.#core.spawn(new Main(body), "main"));
    this.#core.spawnSites = this.platform.trace !== null;
  }

  /**
   * Goes on until all is done, the run has failed, promises are to have their
   * turn before the clock moves, or only a native promise can help.
   */
  advance(): "ended" | "resting" | "waiting" {
    const outer = observePromises(this.#natives.observer);
    try {
      return this.#advance();
    } finally {
      observePromises(outer);
    }
  }

  /** Lets something of the outside go on: what it starts is of this run. */
  async outside<T>(wait: () => Promise<T>): Promise<T> {
    replaceDefault(this.#core);
    try {
      return await wait();
    } finally {
      replaceDefault(null);
    }
  }

  #advance(): "ended" | "resting" | "waiting" {
    const host = this.platform;
    for (;;) {
      this.#checkFaults();
      if (this.failure !== null) return "ended";
      if (host.isAtLimit) {
        this.fail(
          "endless",
          `it is still going on after ${host.steps} polls and events\n${this.tasks()}`,
        );
        return "ended";
      }
      if (this.#ends !== null && this.#own.every(isOver)) this.#close();
      if (this.#isDone && !host.isReady) return "ended";
      if (
        this.#natives.isWaiting && !this.#hasRested && !host.isReady &&
        !host.isOutsideDue
      ) {
        this.#hasRested = true;
        return "resting";
      }
      this.#hasRested = false;
      if (host.step()) continue;
      if (this.#natives.isWaiting) return "waiting";
      this.fail(
        "deadlock",
        `deadlock: tasks wait, and nothing will wake them\n${this.tasks()}`,
      );
      return "ended";
    }
  }

  /**
   * Closes what is to be closed with the run, once all that the body has started
   * is done: what that has started in turn may wait for it. It is a task, so
   * that what is started meanwhile belongs to this run too.
   */
  #close(): void {
    const ends = this.#ends ?? [];
    this.#ends = null;
    const all = lazy(() => {
      for (const end of ends) this.#attempt(end);
    });
    this.#core.spawn(all, "closing");
  }

  /** Ends what may still go on, and looks at what is left. */
  finish(): void {
    this.isEnding = true;
    const { trace } = this.platform;
    this.platform.trace = null; // the end of what is left is no part of the story
    this.#perturbation?.flush();
    if (this.#core.liveCount > 0) this.#core.abortAll();
    if (this.#ends !== null) this.#close();
    const timers = this.#core.timerCount; // those left would fire now
    this.#drain();
    this.platform.trace = trace;
    if (this.failure !== null) {
      this.#core.abortAll(); // what the closing has started
      this.#drain();
      return;
    }
    for (const check of this.#checks ?? []) this.#attempt(check);
    for (const [what, count] of this.#ledgers ?? []) {
      this.#attempt(() => this.#balance(what, count()));
    }
    this.#balance("tasks", this.#core.liveCount);
    this.#balance("timers", timers);
    this.#balance("listeners for signals", this.platform.listening);
  }

  #balance(what: string, count: number): void {
    if (count !== 0) this.fail("leak", `leak: ${what}: ${count} are left`);
  }

  #attempt(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.fail("failed", messageOf(error), { error });
    }
  }

  /** What is under way outside comes to its end: closes, lookups. */
  #drain(): void {
    for (let i = 0; this.platform.step(); i++) {
      if (i < AFTERMATH) continue;
      this.fail("endless", "it goes on after the last task has ended");
      break;
    }
    this.#checkFaults();
  }

  #checkFaults(): void {
    const fault = this.platform.takeFault();
    if (fault !== null) this.fail("failed", messageOf(fault.error), fault);
  }

  /** Whether all tasks have ended that have to before the run does. */
  get #isDone(): boolean {
    const live = this.#core.liveCount;
    const background = this.#background;
    if (background === null) return live === 0;
    if (live > background.length) return false;
    // Some of them may have ended; looked at only when it may matter.
    this.#background = background.filter((task) => !task.isFinished);
    return live === this.#background.length;
  }

  /** The tasks there are, with what each waits for. */
  tasks(): string {
    return snapshotOf(this.#core).toString().replaceAll(/^/gm, "    ");
  }

  now(): number {
    return this.platform.now();
  }

  random(): number {
    return this.platform.random();
  }

  sleep(delay: number): AsyncTimer {
    return sleep(delay);
  }

  signal(name: string): boolean {
    if (this.platform.trace !== null) this.platform.note(`signal ${name}`);
    return this.platform.signal(name);
  }

  spawn<T>(
    program: Future<T> | (() => Generator<Future<unknown>, T, unknown>),
    { background = false, ...options }: SimSpawnOptions = {},
  ): JoinHandle<T> {
    const future = typeof program === "function" ? co(program) : program;
    const task = this.#core.spawn(future, spawnName(options));
    if (!background) this.#own.push(task);
    else {
      (this.#background ??= []).push(task);
      (this.#backgroundIds ??= new Set()).add(task.id);
    }
    return task;
  }

  always(what: string, holds: boolean, detail?: unknown): void {
    if (holds) return;
    const shown = detail === undefined ? "" : `: ${show(detail)}`;
    const error = new AlwaysError(`It does not hold that ${what}${shown}`);
    // Here, since the body may catch what is thrown.
    this.fail("failed", error.message, { error });
    throw error;
  }

  sometimes(what: string, holds: boolean): void {
    if (holds || !this.#sometimes.has(what)) this.#sometimes.set(what, holds);
  }

  atEnd(check: () => void): void {
    (this.#checks ??= []).push(check);
  }

  /** Does something when all tasks that the body has started have ended. */
  protected onEnd(end: () => void): void {
    (this.#ends ??= []).push(end);
  }

  ledger(what: string, count: () => number): void {
    (this.#ledgers ??= []).push([what, count]);
  }

  note(what: string | (() => string)): void {
    if (this.platform.trace === null) return;
    this.platform.note(`note  ${typeof what === "string" ? what : what()}`);
  }
}

function isOver(task: Task<unknown>): boolean {
  return task.isFinished;
}

/** Something that must always hold did not. */
class AlwaysError extends Error {
  override readonly name = "AlwaysError";
}

function show(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `${show(error)} was thrown`;
  return error.name === "Error"
    ? error.message
    : `${error.name}: ${error.message}`;
}
