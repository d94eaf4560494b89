import { assertEquals, assertThrows } from "@std/assert";
import { Claim } from "../../net/_claim.ts";
import { NetError } from "../../net/mod.ts";

Deno.test("claim: one holder at a time, who may take it again", () => {
  const claim = new Claim("read");
  const [first, second] = [{}, {}];
  claim.take(first, "a:1");
  claim.take(first, "a:1");
  assertEquals([claim.isHeldBy(first), claim.isHeldBy(second)], [true, false]);
  const error = assertThrows(() => claim.take(second, "a:1"), NetError);
  assertEquals(
    error.message,
    "Cannot read from a:1: another read is waiting; one at a time",
  );
  assertEquals(claim.isHeldBy(first), true);
});

Deno.test("claim: only its holder releases it", () => {
  const claim = new Claim("write");
  const [first, second] = [{}, {}];
  claim.take(first, "a:1");
  claim.release(second);
  assertThrows(() => claim.take(second, "a:1"), NetError);
  claim.release(first);
  assertEquals(claim.isHeldBy(first), false);
  claim.take(second, "a:1");
});
