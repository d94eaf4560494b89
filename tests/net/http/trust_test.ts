import { assertEquals } from "@std/assert";
import { Trust } from "../../../net/http/pool/_trust.ts";

/** A connection that was used and put to rest at these times. */
function rest(restingSince: number, usedAt: number, serverIdle = Infinity) {
  return { restingSince, usedAt, serverIdle };
}

Deno.test("trust: a connection that has only just been used is trusted at once", () => {
  const trust = new Trust();
  assertEquals(trust.isSafe(rest(1000, 900), 1000, 1000.5), true);
  assertEquals(trust.isSafe(rest(1000, 900), 1000, 1001), false);
});

Deno.test("trust: without a word of the server, another must have been kept for four times as long", () => {
  const trust = new Trust();
  assertEquals(trust.isSafe(rest(1000, 1000), 701, 1100), false);
  assertEquals(trust.isSafe(rest(1000, 1000), 700, 1100), true);
  // What was seen once holds.
  assertEquals(trust.isSafe(rest(2000, 2000), 2000, 2100), true);
  assertEquals(trust.isSafe(rest(2000, 2000), 2000, 2101), false);
});

Deno.test("trust: a response that we were slow to read makes a connection no younger", () => {
  const trust = new Trust();
  assertEquals(trust.isSafe(rest(1000, 900), 600, 1050), false);
  assertEquals(trust.isSafe(rest(1000, 990), 760, 1050), true);
});

Deno.test("trust: time that passed for all of them while we were busy is no evidence", () => {
  const trust = new Trust();
  // Both are three seconds older, and nobody has heard of their ends.
  assertEquals(trust.isSafe(rest(1000, 1000), 900, 4010), false);
});

Deno.test("trust: what the server has said is believed", () => {
  const trust = new Trust();
  assertEquals(trust.isSafe(rest(1000, 0, 4000), 1000, 4999), true);
  assertEquals(trust.isSafe(rest(1000, 0, 2000), 1000, 2999), true);
  assertEquals(trust.isSafe(rest(1000, 0, 2000), 1000, 3000), false);
});

Deno.test("trust: but for four seconds at most", () => {
  const trust = new Trust();
  assertEquals(trust.isSafe(rest(0, 0, 60_000), -100_000, 3999), true);
  assertEquals(trust.isSafe(rest(0, 0, 60_000), -100_000, 4000), false);
  assertEquals(trust.isSafe(rest(0, 0), -100_000, 3999), true);
  assertEquals(trust.isSafe(rest(0, 0), -100_000, 4000), false);
});

Deno.test("trust: never for half as long as one that the server has closed", () => {
  const trust = new Trust();
  trust.closedAfter(1000);
  trust.closedAfter(5000);
  for (const announced of [Infinity, 60_000]) {
    assertEquals(trust.isSafe(rest(0, 0, announced), -100_000, 449), true);
    assertEquals(trust.isSafe(rest(0, 0, announced), -100_000, 450), false);
  }
});

Deno.test("trust: a server that closes within milliseconds gets a new connection each time", () => {
  const trust = new Trust();
  trust.closedAfter(8);
  assertEquals(trust.isSafe(rest(1000, 1000), 0, 1000), false);
});
