import { checkNames, type Names } from "../future/_option_names.ts";
import { Core } from "./_core.ts";
import { platformHost } from "./_host.ts";
import type { Host } from "./host.ts";
import type { JoinError } from "./join_error.ts";

/** How an `Executor` behaves. All of it may be left out. */
export interface ExecutorOptions {
  /** Time, turns and randomness: the platform's by default. */
  host?: Host;
  /**
   * How many ready answers a task may take from its leaves in one poll before
   * it must let others run: 128 by default.
   */
  taskBudget?: number;
  /**
   * How much may be done before the host gets a turn for its sockets and
   * timers: 8192 polls or 1 ms by default, whichever comes first. In Deno
   * sockets have theirs after each further millisecond of work, and after half
   * of one as long as that brings something.
   */
  turn?: { polls?: number; ms?: number };
  /**
   * What becomes of a failure that nobody joins: `"report"`, the default, as an
   * unhandled rejection; `"ignore"`; or a function of your own.
   */
  unjoined?: "report" | "ignore" | ((error: JoinError) => void);
  /**
   * Whether each task remembers where it was spawned, for the errors and reports
   * that name it. Off by default, since a stack trace costs some microseconds a
   * task.
   */
  spawnSites?: boolean;
}

const OPTIONS: Names<ExecutorOptions> = {
  host: true,
  taskBudget: true,
  turn: true,
  unjoined: true,
  spawnSites: true,
};

const TURN: Names<NonNullable<ExecutorOptions["turn"]>> = {
  polls: true,
  ms: true,
};

/** Checks the options and makes the core they describe. */
export function makeCore(options: ExecutorOptions): Core {
  checkNames(options, OPTIONS);
  checkNames(options.turn ?? {}, TURN, "turn.");
  const host = options.host ?? platformHost;
  const polls = options.turn?.polls ?? 8192;
  const ms = options.turn?.ms ?? 1;
  if (!(polls >= 1)) {
    throw new RangeError(
      `Cannot make an executor: turn.polls must be at least 1, got ${polls}`,
    );
  }
  if (!(ms > 0)) {
    throw new RangeError(
      `Cannot make an executor: turn.ms must be positive, got ${ms}`,
    );
  }
  const core = new Core(
    host,
    options.taskBudget ?? 128,
    { polls, ms },
    unjoinedPolicy(options.unjoined ?? "report", host),
  );
  core.spawnSites = options.spawnSites ?? false;
  return core;
}

function unjoinedPolicy(
  policy: NonNullable<ExecutorOptions["unjoined"]>,
  host: Host,
): (error: JoinError) => void {
  if (typeof policy === "function") return policy;
  switch (policy) {
    case "report":
      return (error) => host.unhandled(error);
    case "ignore":
      return () => {};
    default:
      policy satisfies never;
      throw new TypeError(
        `Cannot make an executor: unjoined must be "report", "ignore" or a function, got ${policy}`,
      );
  }
}
