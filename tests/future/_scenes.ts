import {
  abortable,
  any,
  co,
  flatMap,
  fromPromise,
  fromSignal,
  type Future,
  join,
  joinSettled,
  lazy,
  map,
  mapError,
  Pending,
  pending,
  pin,
  pollFn,
  race,
  ready,
  recover,
  retry,
  select,
  settle,
  shared,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

/** A future under test, with all that a test needs to drive and watch it. */
export interface Scene {
  future: Future<unknown>;
  /** The futures under it, those included that are made on the way. */
  leaves: Leaf[];
  /** What happens between the polls; the poll after the last one ends it. */
  steps: (() => void | Promise<void>)[];
  /** How it ends then. */
  ends: "completed" | "failed" | "never";
  /** How often functions of the caller's have been called so far. */
  calls: number;
}

/** A probe that remembers whether a step has told it to end. */
export class Leaf extends Probe<unknown> {
  told = false;

  override complete(value: unknown): void {
    this.told = true;
    super.complete(value);
  }

  override fail(error: unknown): void {
    this.told = true;
    super.fail(error);
  }
}

/** How to make a scene afresh, as often as a sweep wants. */
export interface Subject {
  /** The export of `future/mod.ts` it belongs to. */
  of: string;
  /** Which use of it. */
  title: string;
  /** What error texts call the future. */
  type: string;
  set(): Scene;
}

type Setting = (scene: Scene, leaf: () => Leaf) => Future<unknown>;

function subject(
  title: string,
  type: string,
  ends: Scene["ends"],
  setting: Setting,
): Subject {
  const set = () => {
    const scene: Scene = {
      future: pending(),
      leaves: [],
      steps: [],
      ends,
      calls: 0,
    };
    scene.future = setting(scene, () => {
      const probe = new Leaf(`leaf ${scene.leaves.length}`);
      scene.leaves.push(probe);
      return probe;
    });
    return scene;
  };
  return { of: title.split(" ")[0]!, title, type, set };
}

const broken = new Error("broken");

/** Two leaves that end one after the other. */
function two(
  scene: Scene,
  leaf: () => Leaf,
): [Leaf, Leaf] {
  const both = [leaf(), leaf()] as [Leaf, Leaf];
  scene.steps = both.map((probe, i) => () => probe.complete(i));
  return both;
}

/** One leaf that completes, or fails. */
function one(
  scene: Scene,
  leaf: () => Leaf,
  how: "completes" | "fails" = "completes",
): Leaf {
  const probe = leaf();
  scene.steps = [
    () => how === "fails" ? probe.fail(broken) : probe.complete(1),
  ];
  return probe;
}

function fail(): never {
  throw broken;
}

/** Every public future of `./future`, in every way that it can end. */
export const subjects: Subject[] = [
  subject("abortable", "Abortable", "completed", (scene, leaf) => {
    const { signal } = new AbortController();
    return abortable(one(scene, leaf), signal);
  }),
  subject("abortable that fails", "Abortable", "failed", (scene, leaf) => {
    const { signal } = new AbortController();
    return abortable(one(scene, leaf, "fails"), signal);
  }),
  subject("abortable that is aborted", "Abortable", "failed", (scene, leaf) => {
    const controller = new AbortController();
    scene.steps = [() => controller.abort(broken)];
    return abortable(leaf(), controller.signal);
  }),
  subject("any", "Any", "completed", (scene, leaf) => {
    const [a, b] = [leaf(), leaf()];
    scene.steps = [() => a.fail(broken), () => b.complete(2)];
    return any([a, b, leaf()]);
  }),
  subject("any when all fail", "Any", "failed", (scene, leaf) => {
    const [a, b] = [leaf(), leaf()];
    scene.steps = [() => a.fail(broken), () => b.fail(broken)];
    return any([a, b]);
  }),
  subject("co", "co", "completed", (scene, leaf) => {
    const [a, b] = two(scene, leaf);
    return co(function* () {
      scene.calls++;
      yield* a;
      yield* b;
    });
  }),
  subject("co that fails", "co", "failed", (scene, leaf) => {
    const a = one(scene, leaf, "fails");
    return co(function* () {
      scene.calls++;
      yield* a;
    });
  }),
  subject("flatMap", "FlatMap", "completed", (scene, leaf) => {
    const a = leaf();
    scene.steps = [() => a.complete(1), () => scene.leaves[1]?.complete(2)];
    return flatMap(a, () => (scene.calls++, leaf()));
  }),
  subject(
    "flatMap over a failure",
    "FlatMap",
    "failed",
    (scene, leaf) => flatMap(one(scene, leaf, "fails"), () => leaf()),
  ),
  subject(
    "flatMap whose function throws",
    "FlatMap",
    "failed",
    (scene, leaf) => flatMap(one(scene, leaf), fail),
  ),
  subject("flatMap to a failure", "FlatMap", "failed", (scene, leaf) => {
    const a = leaf();
    scene.steps = [() => a.complete(1), () => scene.leaves[1]?.fail(broken)];
    return flatMap(a, leaf);
  }),
  subject("fromPromise of a function", "FromPromise", "completed", (scene) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    scene.steps = [() => (resolve(1), promise.then())];
    return fromPromise(() => (scene.calls++, promise));
  }),
  subject("fromPromise of a promise", "FromPromise", "completed", (scene) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    scene.steps = [() => (resolve(1), promise.then())];
    return fromPromise(promise);
  }),
  subject("fromPromise that rejects", "FromPromise", "failed", (scene) => {
    const { promise, reject } = Promise.withResolvers<number>();
    scene.steps = [() => (reject(broken), promise.then(() => {}, () => {}))];
    return fromPromise(promise);
  }),
  subject("fromSignal", "FromSignal", "completed", (scene) => {
    const controller = new AbortController();
    scene.steps = [() => controller.abort()];
    return fromSignal(controller.signal);
  }),
  subject("join", "Join", "completed", (scene, leaf) => join(two(scene, leaf))),
  subject("join of an object", "Join", "completed", (scene, leaf) => {
    const [a, b] = two(scene, leaf);
    return join({ a, b });
  }),
  subject(
    "join with a failure",
    "Join",
    "failed",
    (scene, leaf) => join([leaf(), one(scene, leaf, "fails"), leaf()]),
  ),
  subject("joinSettled", "JoinSettled", "completed", (scene, leaf) => {
    const [a, b] = [leaf(), leaf()];
    scene.steps = [() => b.fail(broken), () => a.complete(1)];
    return joinSettled([a, b]);
  }),
  subject("lazy", "Lazy", "completed", (scene, leaf) => {
    scene.steps = [() => scene.leaves[0]?.complete(1)];
    return lazy(() => (scene.calls++, leaf()));
  }),
  subject(
    "lazy with a value",
    "Lazy",
    "completed",
    (scene) => lazy(() => ++scene.calls),
  ),
  subject("lazy that throws", "Lazy", "failed", () => lazy(fail)),
  subject("lazy to a failure", "Lazy", "failed", (scene, leaf) => {
    scene.steps = [() => scene.leaves[0]?.fail(broken)];
    return lazy(leaf);
  }),
  subject(
    "map",
    "Map",
    "completed",
    (scene, leaf) => map(one(scene, leaf), () => ++scene.calls),
  ),
  subject(
    "map over a failure",
    "Map",
    "failed",
    (scene, leaf) => map(one(scene, leaf, "fails"), () => 1),
  ),
  subject(
    "map whose function throws",
    "Map",
    "failed",
    (scene, leaf) => map(one(scene, leaf), fail),
  ),
  subject(
    "mapError",
    "MapError",
    "failed",
    (scene, leaf) => mapError(one(scene, leaf, "fails"), () => ++scene.calls),
  ),
  subject(
    "mapError over a value",
    "MapError",
    "completed",
    (scene, leaf) => mapError(one(scene, leaf), fail),
  ),
  subject("pending", "pending", "never", () => pending()),
  subject("pin", "Pinned", "completed", (scene, leaf) => pin(one(scene, leaf))),
  subject(
    "pin of a failure",
    "Pinned",
    "failed",
    (scene, leaf) => pin(one(scene, leaf, "fails")),
  ),
  subject("pollFn", "PollFn", "completed", (scene) => {
    scene.steps = [() => {}, () => {}];
    return pollFn(() => ++scene.calls === 3 ? "third" : Pending);
  }),
  subject("pollFn that throws", "PollFn", "failed", () => pollFn(fail)),
  subject(
    "race",
    "Race",
    "completed",
    (scene, leaf) => race([leaf(), one(scene, leaf), leaf()]),
  ),
  subject(
    "race with a failure",
    "Race",
    "failed",
    (scene, leaf) => race([leaf(), one(scene, leaf, "fails"), leaf()]),
  ),
  subject("ready", "Ready", "completed", () => ready(1)),
  subject("recover", "Recover", "completed", (scene, leaf) => {
    const a = leaf();
    scene.steps = [() => a.fail(broken), () => scene.leaves[1]?.complete(2)];
    return recover(a, () => (scene.calls++, leaf()));
  }),
  subject(
    "recover with a value",
    "Recover",
    "completed",
    (scene, leaf) => recover(one(scene, leaf, "fails"), () => ++scene.calls),
  ),
  subject(
    "recover over a value",
    "Recover",
    "completed",
    (scene, leaf) => recover(one(scene, leaf), fail),
  ),
  subject(
    "recover whose function throws",
    "Recover",
    "failed",
    (scene, leaf) => recover(one(scene, leaf, "fails"), fail),
  ),
  subject("retry", "Retry", "completed", (scene, leaf) => {
    scene.steps = [
      () => scene.leaves[0]?.fail(broken),
      () => scene.leaves[1]?.complete(undefined),
      () => scene.leaves[2]?.complete(2),
    ];
    return retry(() => (scene.calls++, leaf()), {
      schedule: [1],
      delay: () => (scene.calls++, leaf()),
    });
  }),
  subject("retry that fails", "Retry", "failed", (scene, leaf) => {
    scene.steps = [() => scene.leaves[0]?.fail(broken)];
    return retry(() => (scene.calls++, leaf()), { schedule: [], delay: leaf });
  }),
  subject(
    "select",
    "Select",
    "completed",
    (scene, leaf) => select({ a: leaf(), b: one(scene, leaf), c: leaf() }),
  ),
  subject(
    "select with a failure",
    "Select",
    "failed",
    (scene, leaf) => select({ a: leaf(), b: one(scene, leaf, "fails") }),
  ),
  subject(
    "settle",
    "Settle",
    "completed",
    (scene, leaf) => settle(one(scene, leaf)),
  ),
  subject(
    "settle of a failure",
    "Settle",
    "completed",
    (scene, leaf) => settle(one(scene, leaf, "fails")),
  ),
  subject(
    "shared",
    "Shared",
    "completed",
    (scene, leaf) => shared(one(scene, leaf)),
  ),
  subject(
    "shared that fails",
    "Shared",
    "failed",
    (scene, leaf) => shared(one(scene, leaf, "fails")),
  ),
];

/** One subject by its title. */
export function subjectOf(title: string): Subject {
  const found = subjects.find((subject) => subject.title === title);
  if (found === undefined) throw new Error(`no such subject: ${title}`);
  return found;
}
