import { assert } from "@std/assert";
import { fuzz } from "./_fuzz.ts";

const COUNT = 100_000;

Deno.test("fuzz: changed responses are read alike whole, in pieces, and by another reader", () => {
  const complete = fuzz(COUNT, 1);
  // Both ways out are well trodden.
  assert(complete > COUNT / 10, `${complete} were complete`);
  assert(complete < COUNT * 9 / 10, `${complete} were complete`);
});
