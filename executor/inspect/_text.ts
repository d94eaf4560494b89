import type { Snapshot, TaskInfo } from "./snapshot.ts";
import type { WaitInfo } from "./_waits.ts";

/** Tasks deeper than this are not indented further: lines stay readable. */
const DEEPEST = 16;

/** A task to be written, and what stands before its lines. */
interface Branch {
  task: TaskInfo;
  depth: number;
  /** Before the first line, before the others, and before the children. */
  first: string;
  rest: string;
}

/** The tasks as a tree: each under the one that spawned it. */
export function treeOf(snapshot: Snapshot): string {
  const { tasks } = snapshot;
  const lines = [headOf(snapshot)];
  const { roots, childrenOf } = family(tasks);
  const stack: Branch[] = roots.map((task) => ({
    task,
    depth: 0,
    first: "",
    rest: "",
  })).reverse();
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { task, depth, first, rest } = at;
    const children = childrenOf.get(task.id) ?? [];
    lines.push(first + headlineOf(task, depth === 0));
    const below = rest + (children.length > 0 ? "│  " : "   ");
    branch(task.waitsFor, below, lines);
    for (let i = children.length - 1; i >= 0; i--) {
      const isLast = i === children.length - 1;
      const flat = depth >= DEEPEST;
      stack.push({
        task: children[i]!,
        depth: depth + 1,
        first: rest + (isLast ? "└─ " : "├─ "),
        rest: flat ? rest : rest + (isLast ? "   " : "│  "),
      });
    }
  }
  return lines.join("\n");
}

/** The tasks whose parent is not among them, and the children of the others. */
function family(tasks: readonly TaskInfo[]): {
  roots: TaskInfo[];
  childrenOf: Map<number, TaskInfo[]>;
} {
  const ids = new Set(tasks.map((task) => task.id));
  const roots: TaskInfo[] = [];
  const childrenOf = new Map<number, TaskInfo[]>();
  for (const task of tasks) {
    const parent = task.parentId;
    if (parent === null || !ids.has(parent)) roots.push(task);
    else if (!childrenOf.has(parent)) childrenOf.set(parent, [task]);
    else childrenOf.get(parent)!.push(task);
  }
  return { roots, childrenOf };
}

/** How many there are of what. */
export function headOf(snapshot: Snapshot): string {
  const { tasks, timersArmed } = snapshot;
  const ready = tasks.filter((task) => task.state === "ready").length;
  const some = ready > 0 ? ` (${ready} ready)` : "";
  return `${count(tasks.length, "task")}${some}, ${
    count(timersArmed, "timer")
  }`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function headlineOf(task: TaskInfo, isRoot: boolean): string {
  const name = task.name === null ? "" : ` "${task.name}"`;
  const orphan = isRoot && task.parentId !== null
    ? ` (of task ${task.parentId}, which has ended)`
    : "";
  const site = task.spawnedAt === null ? "" : ` [${task.spawnedAt}]`;
  const spent = task.metrics === null
    ? ""
    : ` {${count(task.metrics.polls, "poll")}, ${
      task.metrics.busyMs.toFixed(1)
    } ms busy, last ${task.metrics.sinceLastPollMs.toFixed(0)} ms ago}`;
  return `task ${task.id}${name}${orphan}${site}${spent} ${task.state}: ${
    chainOf(task.waitsFor)
  }`;
}

/** A future and those below it, as long as there is one of them only. */
function chainOf(info: WaitInfo): string {
  const links: string[] = [];
  let at: WaitInfo | undefined = info;
  while (at !== undefined) {
    links.push(at.waits === undefined ? at.type : `${at.type} (${at.waits})`);
    at = isFork(at) ? undefined : at.children?.[0];
  }
  return links.join(" › ");
}

function isFork(info: WaitInfo): boolean {
  return info.more === true || (info.children?.length ?? 0) > 1;
}

/** Adds a line for each future below the first of several. */
function branch(info: WaitInfo, indent: string, lines: string[]): void {
  let at = info;
  while (!isFork(at)) {
    if (at.children === undefined) return;
    at = at.children[0]!;
  }
  for (const child of at.children ?? []) {
    lines.push(`${indent}· ${chainOf(child)}`);
    branch(child, `${indent}  `, lines);
  }
  if (at.more) lines.push(`${indent}· …`);
}
