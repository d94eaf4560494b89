import { assert, assertEquals } from "@std/assert";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { TimeoutError } from "../../../executor/time/mod.ts";
import { type Entry, observe, operators, Timed } from "./_operators.ts";

/** Plain accounts of the operators: they know all times beforehand. */
const models: Record<
  string,
  (times: number[], end: number, ms: number) => Entry[]
> = {
  throttle(times, end, ms) {
    let free = 0;
    const log: Entry[] = times.map((time, i) => {
      const at = Math.max(time, free);
      free = at + ms;
      return [at, i];
    });
    return [...log, [Math.max(end, free), "end"]];
  },
  debounce(times, end, ms) {
    const log: Entry[] = [];
    times.forEach((time, i) => {
      const next = times[i + 1];
      if (next === undefined) log.push([Math.min(time + ms, end), i]);
      else if (next > time + ms) log.push([time + ms, i]);
    });
    return [...log, [end, "end"]];
  },
  chunksTimeout(times, end, ms) {
    const log: Entry[] = [];
    for (let i = 0; i < times.length;) {
      const limit = times[i]! + ms;
      const chunk: number[] = [];
      while (chunk.length < 3 && i < times.length && times[i]! <= limit) {
        chunk.push(i++);
      }
      const full = chunk.length === 3 ? times[i - 1]! : Infinity;
      log.push([Math.min(full, limit, end), chunk]);
    }
    return [...log, [end, "end"]];
  },
  sample(times, end, ms) {
    const log: Entry[] = [];
    let free = 0;
    for (let i = 0; i < times.length; i++) {
      const at = Math.min(Math.max(times[i]!, free), end);
      if (i + 1 < times.length && times[i + 1]! <= at) continue; // overtaken
      log.push([at, i]);
      free = at + ms;
    }
    return [...log, [end, "end"]];
  },
  timeoutStream(times, end, ms) {
    const log: Entry[] = [];
    let last = 0;
    for (const [i, time] of [...times, end].entries()) {
      if (time > last + ms) return [...log, [last + ms, "timeout"]];
      log.push([time, i === times.length ? "end" : i]);
      last = time;
    }
    return log;
  },
};

for (const [name, model] of Object.entries(models)) {
  Deno.test(`${name}: at random times, what comes out and when is what a plain account gives`, () => {
    let given = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const dice = new VirtualClock({ seed });
      // Eighths, so that sums are exact; odd ones against even, so that nothing
      // happens at the same time by chance: what then comes first is below.
      let time = 0;
      const step = () => (1 + Math.floor(dice.random() * 40)) * 64 / 8;
      const times = Array.from(
        { length: Math.floor(dice.random() * 12) },
        (_, i) => time += step() + 1 / 2 ** (i + 2),
      );
      const end = time + step() + 1 / 2 ** 20;
      const ms = 60 + Math.floor(dice.random() * 300) + 1 / 2 ** 25;
      const log = observe(operators[name]!(new Timed(times, end), ms))
        .map(([at, item]) => [
          at,
          item instanceof TimeoutError ? "timeout" : item,
        ]);
      assertEquals(log, model(times, end, ms), `seed ${seed}`);
      given += log.length;
    }
    assert(given > 400, "too little happened");
  });
}
