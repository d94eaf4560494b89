import { activeCore, activeTask, type Core } from "./_core.ts";
import { type Locals, noTask } from "./_locals.ts";
import { makeCore } from "./_make_core.ts";

let fallback: Core | undefined;
/** What stands in for it while a simulation lets promises take their course. */
let standIn: Core | null = null;

/**
 * The executor whose task is being polled or dropped; outside of that the
 * default one, which is made when it is first needed. (tokio keeps a
 * thread-local.)
 */
export function currentCore(): Core {
  return activeCore() ?? standIn ?? (fallback ??= makeCore({}));
}

/** Puts an executor in the place of the default one; null puts that back. */
export function replaceDefault(core: Core | null): void {
  standIn = core;
}

/** Who holds the task-locals that are seen now: the task, as a rule. */
export function localsHolder(): { locals: Locals | null } {
  return activeTask() ?? noTask;
}
