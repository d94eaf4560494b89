// Random trees of scopes, sets, tasks, deadlines, tokens and shields, whose
// leaves fail, throw while they are dropped, cancel and kill each other. None
// may leave anything behind, and each scope must throw what failed first.
import { assert, assertEquals } from "@std/assert";
import { JoinError } from "../../executor/mod.ts";
import { TimeoutError } from "../../executor/time/mod.ts";
import {
  CancelledError,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { forSeeds, type Random } from "../future/sync/_random.ts";
import { Forest } from "./_trees.ts";
import { World } from "./_world.ts";

const TREES = 3000;

/** Grows a tree and lets it end in one of several ways; what grew in it. */
function run(random: Random): Record<string, number> {
  const world = new World();
  const { host, executor } = world;
  const forest = new Forest(random, executor);
  const tree = forest.plant(1 + random.below(5));
  const end = random.pick(["let it", "let it", "abort", "dispose", "cancel"]);
  const moment = random.below(8);
  for (let round = 0; !tree.isFinished; round++) {
    assert(round < 500, "it hangs");
    if (round === moment) {
      if (end === "abort") tree.abort();
      if (end === "dispose") executor[Symbol.dispose]();
      if (end === "cancel") forest.tokens[0]!.cancel(forest.newError("end"));
    }
    host.advance(random.below(6));
    forest.stir();
    host.settle();
  }
  assertEquals(forest.violations, []);
  assertEquals(forest.root.live.size, 0, "live");
  assertEquals(forest.leaves.size, 0, "leaves");
  assertEquals(executor.taskCount, 0, "tasks");
  assertEquals(executor.timerCount, 0, "timers");
  assertEquals(host.set.size, 0, "timers of the host");
  for (const error of host.errors) assertKnown(error, forest.errors);
  return forest.counts;
}

/** Whether all that an error is made of was thrown by leaves, or is a limit. */
function assertKnown(error: unknown, made: ReadonlySet<unknown>): void {
  if (error instanceof SuppressedError) {
    assertKnown(error.error, made);
    assertKnown(error.suppressed, made);
  } else if (error instanceof JoinError) {
    if (!error.isCancelled) assertKnown(error.cause, made);
  } else if (
    !(error instanceof TimeoutError || error instanceof CancelledError ||
      error instanceof PolledAfterCompletionError)
  ) assert(made.has(error), `an error of our own: ${error}`);
}

Deno.test(`structure: of ${TREES} random trees none leaves anything behind`, () => {
  const counts: Record<string, number> = {};
  forSeeds(TREES, (random) => {
    for (const [kind, count] of Object.entries(run(random))) {
      counts[kind] = (counts[kind] ?? 0) + count;
    }
  });
  for (const kind of ["scope", "set", "shield", "timeout", "token", "kill"]) {
    assert(counts[kind]! > 300, `only ${counts[kind]} of ${kind}`);
  }
});
