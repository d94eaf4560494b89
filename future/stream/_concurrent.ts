import { dropChild, type DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import { adopt, type Future, release } from "../future.ts";
import type { Inspectable, Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { contents, HeldStream } from "./_held.ts";
import { LivingStream } from "./_living_stream.ts";
import { ReadySet } from "../_ready_set.ts";
import { Done, type Stream } from "./stream.ts";

/**
 * How many futures are started before those that run are looked at: so that a
 * source which is always ready cannot take the task's whole budget each time.
 */
const START = 32;

/** How a future ended. */
export type Outcome<T> = { value: T } | { error: unknown };

/** A future that was started; in `buffered` also its place in line. */
export interface Job<T> {
  readonly future: Future<T>;
  outcome: Outcome<T> | null;
}

/** Why no more futures were started: the last two as the source says. */
type Stopped = "no room" | "more" | Pending | Done;

/**
 * A stream of the values of futures, of which up to `n` run at a time.
 * `buffered` and `bufferUnordered` differ in which value comes next.
 */
export abstract class Concurrent<T> extends LivingStream<T> {
  readonly #source: HeldStream<Future<T>>;
  #limit: number;
  readonly #running = new ReadySet<Job<T>>();

  constructor(stream: Stream<Future<T>>, n: number) {
    super();
    this.#source = new HeldStream(this, stream);
    this.#limit = n;
  }

  /** How many take up room. */
  protected abstract get taken(): number;

  /** The next value, if there is one now; throws the failure in its place. */
  protected abstract give(): Poll<T>;

  /** A future was started. */
  protected onStarted(_job: Job<T>): void {}

  /** The source failed, or gave what cannot be adopted. */
  protected onSourceFailed(error: unknown): void {
    throw error;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    for (;;) {
      const stopped = this.#start(cx);
      this.#running.begin(cx);
      const value = this.give();
      if (value !== Pending) return value;
      if (stopped === Done && this.taken === 0) return Done;
      if (stopped !== "more") return Pending;
    }
  }

  protected get running(): number {
    return this.#running.size;
  }

  /** Starts nothing more. */
  protected close(): void {
    this.#limit = 0;
  }

  #start(cx: Context): Stopped {
    for (let started = 0; this.taken < this.#limit; started++) {
      if (started === START) return "more";
      try {
        const future = this.#source.pollNext(cx);
        if (future === Pending || future === Done) return future;
        adopt(this, future);
        const job = { future, outcome: null };
        this.#running.add(job);
        this.onStarted(job);
      } catch (error) {
        this.onSourceFailed(error);
        return Done;
      }
    }
    return "no room";
  }

  /** Polls those that were woken until one has ended; null if none has. */
  protected pollRunning(): Outcome<T> | null {
    const running = this.#running;
    for (let slot = running.take(); slot !== null; slot = running.take()) {
      const job = slot.child!;
      try {
        const value = job.future.poll(slot);
        if (value === Pending) continue;
        job.outcome = { value };
      } catch (error) {
        job.outcome = { error };
      }
      running.retire(slot);
      release(job.future);
      return job.outcome;
    }
    return null;
  }

  override inspect(): Inspection {
    return {
      waits: `futures: ${this.running}`,
      children: this.#inside(),
    };
  }

  *#inside(): Generator<Inspectable> {
    if (this.taken < this.#limit) yield* contents(this.#source);
    for (const job of this.#running.pending()) yield job.future;
  }

  protected override free(errors: DropErrors): void {
    this.#source.drop(errors);
    this.#running.drop(errors, (job) => dropChild(job.future));
  }
}

/** The value; throws the failure. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}
