import { assertEquals, assertThrows } from "@std/assert";
import { Claim } from "../../net/_claim.ts";
import { NetError } from "../../net/mod.ts";

Deno.test("claim: one holder at a time, who may take it again", () => {
  const claim = new Claim("read", () => "a:1");
  const [first, second] = [{}, {}];
  claim.take(first);
  claim.take(first);
  assertEquals([claim.isHeldBy(first), claim.isHeldBy(second)], [true, false]);
  const error = assertThrows(() => claim.take(second), NetError);
  assertEquals(
    error.message,
    "Cannot read from a:1: another read is waiting; one at a time",
  );
  assertEquals(claim.isHeldBy(first), true);
});

Deno.test("claim: only its holder releases it", () => {
  const claim = new Claim("write", () => "a:1");
  const [first, second] = [{}, {}];
  claim.take(first);
  claim.release(second);
  assertThrows(() => claim.take(second), NetError);
  claim.release(first);
  assertEquals(claim.isHeldBy(first), false);
  claim.take(second);
});
