import { assertEquals } from "@std/assert";
import { Executor, type Host, yieldNow } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import { co } from "../../future/mod.ts";

/** A host that chooses by a script, and notes what it was asked. */
class ChoosingHost extends VirtualClock implements Host {
  readonly asked: string[] = [];
  readonly script: (number | (() => void))[] = [];

  choose(ready: readonly number[], count: number): number {
    this.asked.push(ready.slice(0, count).join());
    const next = this.script.shift() ?? 0;
    if (typeof next === "number") return next;
    next();
    return -1;
  }
}

function scene(script: ChoosingHost["script"], names = "abc") {
  const host = new ChoosingHost();
  host.script.push(...script);
  const executor = new Executor({ host });
  const log: string[] = [];
  const start = (name: string) =>
    executor.spawn(co(function* () {
      log.push(name);
      yield* yieldNow();
      log.push(name);
    }));
  const handles = [...names].map(start);
  return { host, executor, log, handles, start };
}

Deno.test("choose: the host may take any task in line, and the others keep their order", () => {
  const { host, log } = scene([1, 1, 2, 0, 1]);
  host.settle();
  assertEquals(log.join(""), "bccaab");
  assertEquals(host.asked, ["1,2,3", "1,3,2", "1,2,3", "1,2", "2,1", "2"]);
});

Deno.test("choose: who takes the last in line leaves a line that can grow", () => {
  const { host, log, start } = scene([1, () => start("c"), 2], "ab");
  host.settle();
  assertEquals(host.asked.slice(0, 3), ["1,2", "1,2", "1,2,3"]);
  assertEquals(log.join(""), "bcabca");
});

Deno.test("choose: what has ended in line is not to be chosen", () => {
  const { host, log, handles } = scene([1]);
  handles[1]!.abort(); // it stays in line until its turn
  host.settle();
  assertEquals(host.asked, ["1,3", "1,3", "3,1", "1"]);
  assertEquals(log.join(""), "caca");
});

Deno.test("choose: the host is asked again if it has let something happen", () => {
  const { host, log, handles } = scene([() => handles[0]!.abort(), 1]);
  host.settle();
  assertEquals(log.join(""), "cbcb");
  assertEquals(host.asked.slice(0, 2), ["1,2,3", "2,3"]);
});
