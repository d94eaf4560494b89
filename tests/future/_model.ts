import {
  any,
  co,
  type Context,
  flatMap,
  type Future,
  join,
  joinSettled,
  lazy,
  map,
  mapError,
  Pending,
  pin,
  type Poll,
  proceed,
  race,
  recover,
  select,
  type Waker,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

/** A tree of combinators, as data: for the real thing and for the model. */
export type Plan =
  | { kind: "leaf"; id: number; lent: boolean }
  | { kind: "map" | "mapError"; child: Plan }
  | { kind: "flatMap" | "recover"; child: Plan; next: Plan }
  | { kind: "lazy"; next: Plan }
  | { kind: "co"; steps: Plan[]; catches: boolean }
  | { kind: GroupKind; children: Plan[]; biased: boolean };

type GroupKind = "join" | "joinSettled" | "race" | "any" | "select";

/** How something ended. */
export type Outcome = { value: unknown } | { error: unknown };

export type Random = () => number;

/** Draws a tree with a combinator at its root; leaves are numbered in order. */
export function draw(random: Random, depth: number): Plan {
  return drawNode(random, depth, { next: 0 });
}

function drawNode(random: Random, depth: number, ids: { next: number }): Plan {
  const among = <T>(...choices: T[]): T =>
    choices[Math.floor(random() * choices.length)]!;
  const below = (): Plan =>
    depth <= 1 || random() < 0.1
      ? { kind: "leaf", id: ids.next++, lent: random() < 0.1 }
      : drawNode(random, depth - 1, ids);
  const several = () => Array.from({ length: among(1, 2, 2, 3, 4) }, below);
  const kind = among(
    "map",
    "mapError",
    "flatMap",
    "recover",
    "lazy",
    "co",
    "join",
    "joinSettled",
    "race",
    "any",
    "select",
  );
  switch (kind) {
    case "map":
    case "mapError":
      return { kind, child: below() };
    case "flatMap":
    case "recover":
      return { kind, child: below(), next: below() };
    case "lazy":
      return { kind, next: below() };
    case "co":
      return { kind, steps: several(), catches: random() < 0.5 };
    default:
      return { kind, children: several(), biased: random() < 0.3 };
  }
}

/** A leaf that notices a poll after its end, and spends budget when it ends. */
export class Leaf extends Probe<unknown> {
  told = false;
  violation: string | null = null;
  /** All wakers it has ever been given. */
  readonly wakers: Set<Waker> = new Set();

  constructor(readonly id: number, readonly lent: boolean) {
    super(`leaf ${id}`);
  }

  override poll(cx: Context): Poll<unknown> {
    this.wakers.add(cx.waker);
    if (!this.isAlive) this.violation = `${this.name} was polled after its end`;
    if (this.told && this.isAlive && !proceed(cx)) {
      this.polls++;
      this.waker = cx.waker;
      return Pending;
    }
    return super.poll(cx);
  }

  end(outcome: Outcome): void {
    this.told = true;
    if ("value" in outcome) this.complete(outcome.value);
    else this.fail(outcome.error);
  }
}

/** Makes the futures of a tree; leaves are added as they come to be. */
export function build(
  plan: Plan,
  leaves: Leaf[],
  onLeaf?: (leaf: Leaf) => void,
): Future<unknown> {
  const make = (plan: Plan) => build(plan, leaves, onLeaf);
  switch (plan.kind) {
    case "leaf": {
      const leaf = new Leaf(plan.id, plan.lent);
      leaves.push(leaf);
      onLeaf?.(leaf);
      return plan.lent ? pin(leaf) : leaf;
    }
    case "map":
      return map(make(plan.child), (value) => ({ mapped: value }));
    case "mapError":
      return mapError(make(plan.child), (error) => ({ renamed: error }));
    case "flatMap":
      return flatMap(make(plan.child), () => make(plan.next));
    case "recover":
      return recover(make(plan.child), () => make(plan.next));
    case "lazy":
      return lazy(() => make(plan.next));
    case "co":
      return co(() => body(plan.steps, plan.catches, make));
    case "select":
      return select(
        Object.fromEntries(
          plan.children.map((child, i) => [`k${i}`, make(child)]),
        ),
        { biased: plan.biased },
      );
    case "race":
      return race(plan.children.map(make), { biased: plan.biased });
    case "join":
      return join(plan.children.map(make));
    case "joinSettled":
      return joinSettled(plan.children.map(make));
    case "any":
      return any(plan.children.map(make));
  }
}

function* body(
  steps: Plan[],
  catches: boolean,
  make: (plan: Plan) => Future<unknown>,
): Generator<Future<unknown>, unknown, unknown> {
  const values: unknown[] = [];
  for (const step of steps) {
    try {
      values.push(yield* make(step));
    } catch (error) {
      if (!catches) throw error;
      values.push({ caught: error });
    }
  }
  return values;
}

/**
 * What ought to happen, without polls, wakers or owners: after each end of one
 * leaf the whole tree is looked at anew.
 */
export class Model {
  readonly #ended = new Map<Plan, Outcome>();
  readonly outcomes: Map<number, Outcome> = new Map();
  /** Leaves that ought to be there. */
  readonly born: Set<number> = new Set();
  /** Leaves that ought to have been dropped. */
  readonly dropped: Set<number> = new Set();

  look(plan: Plan): Outcome | null {
    const known = this.#ended.get(plan);
    if (known !== undefined) return known;
    const outcome = this.#look(plan);
    if (outcome !== null) this.#ended.set(plan, outcome);
    return outcome;
  }

  #look(plan: Plan): Outcome | null {
    switch (plan.kind) {
      case "leaf":
        this.born.add(plan.id);
        return this.outcomes.get(plan.id) ?? null;
      case "map":
      case "mapError": {
        const child = this.look(plan.child);
        if (child === null) return null;
        if ("value" in child) {
          return plan.kind === "map"
            ? { value: { mapped: child.value } }
            : child;
        }
        return plan.kind === "map"
          ? child
          : { error: { renamed: child.error } };
      }
      case "flatMap":
      case "recover": {
        const child = this.look(plan.child);
        if (child === null) return null;
        const goesOn = "value" in child === (plan.kind === "flatMap");
        return goesOn ? this.look(plan.next) : child;
      }
      case "lazy":
        return this.look(plan.next);
      case "co":
        return this.#sequence(plan.steps, plan.catches);
      default: {
        const ends = plan.children.map((child) => this.look(child));
        const outcome = decide(plan.kind, ends);
        if (outcome !== null) {
          plan.children.forEach((child) => this.drop(child));
        }
        return outcome;
      }
    }
  }

  #sequence(steps: Plan[], catches: boolean): Outcome | null {
    const values: unknown[] = [];
    for (const step of steps) {
      const end = this.look(step);
      if (end === null) return null;
      if ("value" in end) values.push(end.value);
      else if (catches) values.push({ caught: end.error });
      else return end;
    }
    return { value: values };
  }

  /** Drops what is alive of a tree. */
  drop(plan: Plan): void {
    for (const leaf of leavesOf(plan)) {
      const alive = this.born.has(leaf.id) && !this.outcomes.has(leaf.id);
      if (alive && !leaf.lent) this.dropped.add(leaf.id);
    }
  }

  /** The leaves that may still end and matter. */
  get awaited(): number[] {
    return [...this.born].filter((id) =>
      !this.outcomes.has(id) && !this.dropped.has(id)
    );
  }
}

function decide(kind: GroupKind, ends: (Outcome | null)[]): Outcome | null {
  const errors = ends.filter((end) => end !== null && "error" in end);
  const first = ends.findIndex((end) => end !== null);
  switch (kind) {
    case "join":
      if (errors.length > 0) return errors[0]!;
      if (ends.includes(null)) return null;
      return { value: ends.map((end) => (end as { value: unknown }).value) };
    case "joinSettled":
      if (ends.includes(null)) return null;
      return { value: ends.map((end) => settled(end!)) };
    case "race":
      return ends[first] ?? null;
    case "select": {
      const end = ends[first];
      if (end === undefined || end === null || "error" in end) {
        return end ?? null;
      }
      return { value: { key: `k${first}`, value: end.value } };
    }
    case "any":
      if (errors.length === ends.length) {
        return {
          error: {
            all: errors.map((end) => (end as { error: unknown }).error),
          },
        };
      }
      return ends.find((end) => end !== null && "value" in end) ?? null;
  }
}

function settled(end: Outcome): PromiseSettledResult<unknown> {
  return "value" in end
    ? { status: "fulfilled", value: end.value }
    : { status: "rejected", reason: end.error };
}

type LeafPlan = Plan & { kind: "leaf" };

/** All leaves that a tree may come to have. */
export function leavesOf(plan: Plan): LeafPlan[] {
  switch (plan.kind) {
    case "leaf":
      return [plan];
    case "map":
    case "mapError":
      return leavesOf(plan.child);
    case "flatMap":
    case "recover":
      return [...leavesOf(plan.child), ...leavesOf(plan.next)];
    case "lazy":
      return leavesOf(plan.next);
    case "co":
      return plan.steps.flatMap(leavesOf);
    default:
      return plan.children.flatMap(leavesOf);
  }
}

/** A tree in one line, for the text of a failure. */
export function show(plan: Plan): string {
  if (plan.kind === "leaf") return `${plan.lent ? "&" : ""}${plan.id}`;
  const parts = "children" in plan
    ? plan.children
    : "steps" in plan
    ? plan.steps
    : [
      ...("child" in plan ? [plan.child] : []),
      ...("next" in plan ? [plan.next] : []),
    ];
  return `${plan.kind}(${parts.map(show).join(", ")})`;
}
