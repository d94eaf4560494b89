import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  formatChoices,
  parseChoices,
  Replay,
} from "../../../executor/sim/_choices.ts";
import { Random } from "../../../executor/sim/_random.ts";
import { shrink } from "../../../executor/sim/_shrink.ts";

Deno.test("choices: what is written is read again, zeros at the end apart", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    const choices = Array.from(
      { length: random.below(40) },
      () => random.chance(0.7) ? 0 : random.below(13),
    );
    const again = parseChoices(formatChoices(choices));
    const padded = choices.map((_, i) => again[i] ?? 0);
    assertEquals(padded, choices, `seed ${seed}`);
  }
  assertEquals(formatChoices([0, 0, 0, 2, 1, 0, 3, 0, 0]), "0x3.2.1.0.3");
  assertEquals(formatChoices([]), "0");
});

Deno.test("choices: what is none is refused", () => {
  for (const text of ["", "a", "1..2", "-1", "1.", "0x", "1x3", "0x9999999"]) {
    assertThrows(() => parseChoices(text), SyntaxError);
  }
});

Deno.test("choices: a replay that does not fit takes the last there is, then the first", () => {
  const replay = new Replay([5, 1]);
  assertEquals(replay.choose([], 3), 2);
  assertEquals(replay.choose([], 3), 1);
  assertEquals(replay.choose([], 3), 0);
  replay.next();
  assertEquals(replay.choose([], 9), 5);
});

Deno.test("shrink: nothing is left that the failure does not need", () => {
  // It fails if a choice of 2 or more comes at 10 and any departure at 20.
  const fails = (choices: readonly number[]) =>
    (choices[10] ?? 0) >= 2 && (choices[20] ?? 0) >= 1;
  for (let seed = 0; seed < 50; seed++) {
    const random = new Random(seed);
    const choices = Array.from({ length: 60 }, () => random.below(5));
    choices[10] = 4;
    choices[20] = 3;
    const { choices: simple, runs } = shrink(choices, fails, 1000);
    const expected = new Array(21).fill(0);
    expected[10] = 2;
    expected[20] = 1;
    assertEquals(simple, expected, `seed ${seed}`);
    assert(runs < 200, `${runs}`);
  }
});

Deno.test("shrink: a failure that needs no departure has none left, after one run", () => {
  assertEquals(shrink([1, 2, 3], () => true, 100), { choices: [], runs: 1 });
});

Deno.test("shrink: what it gives fails, also if it may run little", () => {
  const fails = (choices: readonly number[]) => (choices[3] ?? 0) === 7;
  for (let most = 0; most < 12; most++) {
    const { choices, runs } = shrink([1, 0, 2, 7, 1, 1, 1], fails, most);
    assert(fails(choices));
    assert(runs <= most);
  }
});
