import type { Inspectable, Inspection } from "../../future/inspection.ts";

/**
 * What a future waits for: itself by type, in its own words if it has any, and
 * those that it waits for in turn. The leaves are what is waited for in the end.
 */
export interface WaitInfo {
  /** What it is called: the name of its class, unless it says otherwise. */
  type: string;
  /** What it says of itself: `"3200 ms left"`. */
  waits?: string;
  /** What looks like a mistake and is meant; see `Inspection` of `./future`. */
  intent?: "never" | "yield";
  /** Those that it waits for in turn; at least one. */
  children?: WaitInfo[];
  /** There are more children than are shown. */
  more?: true;
}

// However large or tangled what a task waits for is, a dump stays small: cycles,
// which a future may claim by mistake, end here as well.
const DEPTH = 32;
const BREADTH = 8;
const NODES = 64;

/** Asks a future what it waits for. It never throws, whatever that does. */
export function waitsOf(subject: Inspectable): WaitInfo {
  nodesLeft = NODES;
  return look(subject, DEPTH);
}

/** How many may still be asked of the subject at hand. */
let nodesLeft = 0;

function look(subject: Inspectable, depth: number): WaitInfo {
  nodesLeft--;
  const info: WaitInfo = { type: "" };
  try {
    const inspection = subject.inspect?.();
    if (inspection !== undefined) tell(info, inspection, depth);
  } catch (error) {
    info.waits = `inspect() threw ${textOf(error)}`;
  }
  // To ask a class for its name takes long: only if there is no other.
  if (info.type === "") info.type = classOf(subject);
  return info;
}

function classOf(subject: Inspectable): string {
  try {
    return subject.constructor.name || "?";
  } catch {
    return "?";
  }
}

function tell(info: WaitInfo, inspection: Inspection, depth: number): void {
  const { name, waits, intent, children } = inspection;
  if (name !== undefined) info.type = `${name}`;
  if (waits !== undefined) info.waits = `${waits}`;
  if (intent !== undefined) info.intent = intent;
  if (children === undefined) return;
  for (const child of children) {
    const shown = info.children?.length ?? 0;
    if (depth === 0 || shown === BREADTH || nodesLeft <= 0) {
      info.more = true;
      return;
    }
    const told = look(child, depth - 1);
    if (info.children === undefined) info.children = [told];
    else info.children.push(told);
  }
}

function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "what cannot be shown";
  }
}

/** Whether a future waits for another, as far as a dump would show. */
export function holds(subject: Inspectable, wanted: Inspectable): boolean {
  nodesLeft = NODES;
  try {
    return finds(subject, wanted);
  } catch {
    return false;
  }
}

function finds(subject: Inspectable, wanted: Inspectable): boolean {
  if (subject === wanted) return true;
  for (const child of subject.inspect?.().children ?? []) {
    if (nodesLeft-- <= 0) return false;
    if (finds(child, wanted)) return true;
  }
  return false;
}

/** Whether something in there is meant to look as it does. */
export function isMeant(info: WaitInfo, intent: WaitInfo["intent"]): boolean {
  if (info.intent === intent) return true;
  return info.children?.some((child) => isMeant(child, intent)) ?? false;
}
