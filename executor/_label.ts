import type { Locals } from "./_locals.ts";
import type { Origin } from "./_origin.ts";

/** What few tasks have: so one that has none of it is smaller. */
export interface Label {
  name: string | undefined;
  /** Where it was spawned, if the executor was asked to remember. */
  origin: Origin | null;
  /** The values of task-locals that it sees: see `task_local.ts`. */
  locals: Locals | null;
}
