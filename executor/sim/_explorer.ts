import { formatChoices, parseChoices, Replay } from "./_choices.ts";
import type { Natives } from "./_natives.ts";
import { Random } from "./_random.ts";
import { shrink } from "./_shrink.ts";
import type { Failure, Sometimes, World } from "./_world.ts";
import type { Settings } from "./options.ts";
import type { Schedule, Scheduler } from "./schedule.ts";
import type { SimProgram } from "./sim.ts";
import { SimFailure } from "./sim_failure.ts";
import { SimHost, STREAMS } from "./sim_host.ts";

/** What an exploration has done. */
export interface ExploreReport {
  /** How many runs there were: for `dfs()`, so many different schedules. */
  readonly runs: number;
  /** How many polls and events there were in all of them. */
  readonly steps: number;
  /** Whether there is no other schedule within the bounds. */
  readonly isExhaustive: boolean;
  /**
   * A digest of all that has happened in all runs: two explorations with the
   * same options have the same one, else the body is not deterministic.
   */
  readonly hash: number;
}

/** Makes the world of a run. */
export type MakeWorld<W extends World> = (
  host: SimHost,
  seed: number,
  sometimes: Sometimes,
) => W;

/** How a failure is to be shown. */
export interface Presentation {
  /** What was being tested. */
  readonly title: string;
  /** Says how to repeat a run that failed, or all of them. */
  repeat(replay: string | null): string;
  /** The options that it had besides those of the exploration. */
  options?: object;
}

/** How long a native promise that is allowed may take, in real milliseconds. */
const PATIENCE = 5000;
/** How much of the end of a trace stands in the message. */
const SHOWN = 80;

/** Runs a body again and again, and gets to the bottom of its first failure. */
export class Explorer<W extends World> {
  readonly #settings: Settings;
  readonly #make: MakeWorld<W>;
  readonly #body: (world: W) => SimProgram;
  readonly #natives: Natives;
  readonly #presentation: Presentation;
  readonly #host = new SimHost();
  readonly #random = new Random(0);
  readonly #draw = (): number => this.#random.next();
  #sometimes: Sometimes = new Map();
  #runs = 0;
  #steps = 0;
  #hash = 0;

  constructor(
    settings: Settings,
    make: MakeWorld<W>,
    body: (world: W) => SimProgram,
    natives: Natives,
    presentation: Presentation,
  ) {
    this.#settings = settings;
    this.#make = make;
    this.#body = body;
    this.#natives = natives;
    this.#presentation = presentation;
  }

  /**
   * Explores. Yields a promise to be awaited whenever only a native promise can
   * bring a run on.
   *
   * @throws {SimFailure}
   */
  *explore(): Generator<Promise<unknown>, ExploreReport, void> {
    const { schedule, seed, runs, replay } = this.#settings;
    if (replay !== null) return yield* this.#replay(replay);
    const scheduler = schedule.start();
    let isExhaustive = false;
    while (this.#runs < runs) {
      const own = schedule.isSystematic ? seed : seed + this.#runs;
      const next = this.#next(scheduler, own);
      if (next !== true) {
        if (next !== false) yield* this.#explain(next, own, []);
        isExhaustive = true;
        break;
      }
      const failure = this.#natives.mayMeet
        ? yield* this.#run(own, scheduler)
        : this.#runNow(own, scheduler);
      this.#runs++;
      this.#steps += this.#host.steps;
      this.#hash = (Math.imul(this.#hash, 31) + this.#host.hash) | 0;
      if (failure === null) continue;
      const { choices, choiceCount } = this.#host;
      yield* this.#explain(failure, own, choices.slice(0, choiceCount));
    }
    this.#checkSometimes();
    return this.#report(isExhaustive);
  }

  #next(scheduler: Scheduler, seed: number): boolean | Failure {
    this.#random.reseed(seed, STREAMS.schedule);
    try {
      return scheduler.next(this.#draw);
    } catch (error) {
      const what = (error as Error).message;
      return { kind: "not deterministic", what, thrown: { error } };
    }
  }

  #report(isExhaustive: boolean): ExploreReport {
    const hash = this.#hash >>> 0;
    return { runs: this.#runs, steps: this.#steps, isExhaustive, hash };
  }

  *#run(
    seed: number,
    scheduler: Scheduler,
  ): Generator<Promise<unknown>, Failure | null, void> {
    const world = this.#begin(seed, scheduler);
    const natives = this.#natives;
    const rest = () => world.outside(() => natives.rest());
    for (;;) {
      const state = world.advance();
      if (state === "ended") break;
      if (state === "resting") {
        yield rest();
        continue;
      }
      let isSettled = false;
      yield world.outside(() => natives.settled(PATIENCE))
        .then((has) => isSettled = has);
      if (isSettled) continue;
      world.fail(
        "deadlock",
        `a native promise has not settled in ${PATIENCE} ms`,
      );
      break;
    }
    world.finish();
    if (natives.isWaiting) yield rest(); // what was aborted, they hear now
    return world.failure;
  }

  /** The same where there are no native promises, or no patience for them. */
  #runNow(seed: number, scheduler: Scheduler): Failure | null {
    const world = this.#begin(seed, scheduler);
    if (world.advance() !== "ended") {
      world.fail("deadlock", "it waits for a native promise");
    }
    world.finish();
    return world.failure;
  }

  #begin(seed: number, scheduler: Scheduler): W {
    this.#host.begin(seed, scheduler, this.#settings.steps);
    const world = this.#make(this.#host, seed, this.#sometimes);
    world.begin(() => this.#body(world));
    return world;
  }

  *#replay(
    replay: string,
  ): Generator<Promise<unknown>, ExploreReport, void> {
    const { seed, choices } = parseReplay(replay);
    const failure = yield* this.#run(seed, new Replay(choices));
    this.#runs++;
    this.#steps += this.#host.steps;
    this.#hash = this.#host.hash;
    if (failure !== null) {
      return yield* this.#show(failure, seed, choices, "as given");
    }
    return this.#report(false);
  }

  /** Simplifies a failure, repeats it with a trace, and throws it. */
  *#explain(
    failure: Failure,
    seed: number,
    choices: number[],
  ): Generator<Promise<unknown>, never, void> {
    if (failure.kind === "not deterministic" || this.#natives.hasMet) {
      return yield* this.#show(failure, seed, choices, "as it came");
    }
    const fails = (candidate: readonly number[]): boolean => {
      const again = this.#runNow(seed, new Replay(candidate));
      return again !== null && isAlike(again, failure);
    };
    if (!fails(choices)) {
      const what =
        `a run that failed does not fail again with the same seed and schedule, so the body is not deterministic; the failure was: ${failure.what}`;
      const { thrown } = failure;
      return yield* this.#show(
        { kind: "not deterministic", what, thrown },
        seed,
        choices,
        "as it came",
      );
    }
    const simple = shrink(choices, fails, this.#settings.shrink);
    const how = `simplified from ${
      departures(choices)
    } departures from the line to ${
      departures(simple.choices)
    }, in ${simple.runs} runs`;
    return yield* this.#show(failure, seed, simple.choices, how);
  }

  *#show(
    failure: Failure,
    seed: number,
    choices: readonly number[],
    how: string,
  ): Generator<Promise<unknown>, never, void> {
    const host = this.#host;
    const trace: string[] = [];
    host.trace = trace;
    const traced = yield* this.#run(seed, new Replay(choices));
    host.trace = null;
    const { what, thrown } = traced ?? failure;
    const replay = `${seed}:${formatChoices(choices)}`;
    throw new SimFailure(
      [
        `Cannot pass ${this.#presentation.title}: ${what}`,
        `  run ${this.#runs} of ${this.#settings.schedule.name}, seed ${seed}, ${how}`,
        `  to repeat it: ${this.#presentation.repeat(replay)}`,
        this.#options(),
        "  what happened:",
        ...shown(trace),
      ].join("\n"),
      {
        kind: failure.kind,
        replay,
        run: this.#runs,
        trace,
        ...(thrown === null ? {} : { cause: thrown.error }),
      },
    );
  }

  #options(): string {
    const all = { ...this.#settings, ...this.#presentation.options };
    return `  options: ${describe(all)}`;
  }

  #checkSometimes(): void {
    const never = [...this.#sometimes].filter(([, has]) => !has);
    if (never.length === 0) return;
    const names = never.map(([name]) => `"${name}"`).join(", ");
    throw new SimFailure(
      [
        `Cannot pass ${this.#presentation.title}: in none of ${this.#runs} runs it held that ${names}`,
        `  to repeat it: ${this.#presentation.repeat(null)}`,
        this.#options(),
      ].join("\n"),
      { kind: "never", replay: "", run: this.#runs, trace: [] },
    );
  }
}

function isAlike(a: Failure, b: Failure): boolean {
  return a.kind === b.kind && nameOf(a.thrown) === nameOf(b.thrown);
}

function nameOf(thrown: { error: unknown } | null): string {
  const error = thrown?.error;
  return error instanceof Error ? error.name : typeof error;
}

function departures(choices: readonly number[]): number {
  return choices.filter((choice) => choice !== 0).length;
}

function shown(trace: readonly string[]): string[] {
  const hidden = trace.length - SHOWN;
  return hidden <= 0 ? [...trace] : [
    `    (${hidden} lines before these: see the error's trace)`,
    ...trace.slice(-SHOWN),
  ];
}

function describe(settings: object): string {
  return JSON.stringify(settings, (_key, value) => {
    if (value === Infinity) return "no limit";
    return isSchedule(value) ? value.name : value;
  });
}

function isSchedule(value: unknown): value is Schedule {
  return typeof (value as Schedule | null)?.start === "function";
}

function parseReplay(replay: string): { seed: number; choices: number[] } {
  const [, seed, choices] = /^(\d+):(.+)$/.exec(replay) ?? [];
  if (seed === undefined || choices === undefined) {
    throw new SyntaxError(
      `Cannot repeat a failure: expected "seed:choices", got "${replay}"`,
    );
  }
  return { seed: Number(seed), choices: parseChoices(choices) };
}
