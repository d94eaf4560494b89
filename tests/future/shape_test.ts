// What the combinators over several futures say to inputs that are none.
import { assertEquals, assertThrows } from "@std/assert";
import {
  adopt,
  any,
  type Future,
  join,
  joinSettled,
  noopWaker,
  race,
  ready,
  select,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

type Untyped = (futures: unknown) => Future<unknown>;

const combinators = {
  any,
  join,
  joinSettled,
  race,
  select,
} as unknown as Record<string, Untyped>;
const hint = "; wrap a promise with fromPromise()";

for (const [name, combine] of Object.entries(combinators)) {
  Deno.test(`shape: ${name} names the entry that is no future, and what it is instead`, () => {
    const cases: [unknown, string][] = [
      [5, "number"],
      [undefined, "undefined"],
      [null, "null"],
      ["text", "string"],
      [() => ready(1), "function"],
      [[ready(1)], "Array"],
      [Promise.resolve(1), `Promise${hint}`],
      [{ then() {} }, `Object${hint}`],
      [Object.create(null), "an object"],
      [new Map(), "Map"],
    ];
    for (const [entry, what] of cases) {
      const free = new Probe();
      const error = assertThrows(
        () => combine({ first: free, "the 2nd": entry }),
        TypeError,
      );
      assertEquals(
        error.message,
        `Cannot ${name}: entry "the 2nd" is not a Future but ${what}`,
      );
      adopt({}, free);
      const other = assertThrows(
        () => combine([new Probe(), new Probe(), entry]),
        TypeError,
      );
      assertEquals(
        other.message,
        `Cannot ${name}: entry "2" is not a Future but ${what}`,
      );
    }
  });

  Deno.test(`shape: ${name} refuses a hole in an array`, () => {
    // deno-lint-ignore no-sparse-arrays
    const error = assertThrows(
      () => combine([ready(1), , ready(3)]),
      TypeError,
    );
    assertEquals(
      error.message,
      `Cannot ${name}: entry "1" is not a Future but undefined`,
    );
  });

  Deno.test(`shape: ${name} refuses what is neither an array nor an object of futures`, () => {
    const cases: [unknown, string][] = [
      [undefined, "undefined"],
      [null, "null"],
      ["text", "string"],
      [ready(1), "Ready"],
      [new Set([ready(1)]), "Set"],
      [new Map([["a", ready(1)]]), "Map"],
      [() => [ready(1)], "function"],
    ];
    for (const [futures, what] of cases) {
      const error = assertThrows(() => combine(futures), TypeError);
      assertEquals(
        error.message,
        `Cannot ${name} ${what}: pass an array or an object of futures`,
      );
    }
    const error = assertThrows(() => combine(Promise.resolve([])), TypeError);
    assertEquals(
      error.message,
      `Cannot ${name} Promise: pass an array or an object of futures${hint}`,
    );
  });
}

for (const name of ["select", "race"]) {
  Deno.test(`shape: ${name} of nothing is refused at once: it would never end`, () => {
    for (const empty of [[], {}]) {
      const error = assertThrows(() => combinators[name]!(empty), RangeError);
      assertEquals(
        error.message,
        `Cannot ${name}: there are no futures, so none can ever be first`,
      );
    }
  });
}

Deno.test("shape: array properties that are no elements are left out", () => {
  const list: Future<number>[] = Object.assign([ready(1)], {
    extra: "not looked at",
  });
  assertEquals(join(list).poll({ waker: noopWaker }), [1]);
});
