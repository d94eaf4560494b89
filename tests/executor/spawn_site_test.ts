import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Executor, type JoinError } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import { co } from "../../future/mod.ts";
import { spawn } from "../../executor/mod.ts";
import { Probe } from "../_probe.ts";

/** The failures that an executor reports of tasks that `start` spawns. */
function reports(
  spawnSites: boolean | undefined,
  start: (executor: Executor) => void,
): JoinError[] {
  const clock = new VirtualClock();
  const errors: JoinError[] = [];
  const executor = new Executor({
    host: clock,
    unjoined: (error) => errors.push(error),
    ...(spawnSites === undefined ? {} : { spawnSites }),
  });
  start(executor);
  clock.settle();
  return errors;
}

function lineOfCaller(): number {
  return Number(/:(\d+):\d+\)?$/.exec(new Error().stack!.split("\n")[2]!)![1]);
}

Deno.test("spawn site: a failure names the file and line that spawned the task", () => {
  let line = 0;
  const [error] = reports(true, (executor) => {
    line = lineOfCaller();
    executor.spawn(Probe.failing(new Error("no")), { name: "lost" });
  });
  assertMatch(error!.taskSite!, /spawn_site_test\.ts:\d+:\d+$/);
  assertStringIncludes(error!.taskSite!, `:${line + 1}:`);
  assertEquals(
    error!.message,
    `Task 1 "lost" (spawned at ${error!.taskSite}) failed: no`,
  );
});

Deno.test("spawn site: spawned from a task, it is the task's own code", () => {
  const [error] = reports(true, (executor) => {
    // deno-lint-ignore require-yield
    executor.spawn(co(function* () {
      spawn(Probe.failing(new Error("no")));
    }));
  });
  assertMatch(error!.taskSite!, /spawn_site_test\.ts:\d+:\d+$/);
});

Deno.test("spawn site: nobody asked, nothing is remembered", () => {
  for (const option of [undefined, false]) {
    const [error] = reports(option, (executor) => {
      executor.spawn(Probe.failing(new Error("no")), { name: "lost" });
    });
    assertEquals(error!.taskSite, undefined);
    assertEquals(error!.message, 'Task 1 "lost" failed: no');
  }
});
