import { assertEquals } from "@std/assert";
import { sortLinks } from "../../future/_linked_sort.ts";
import { forSeeds } from "./sync/_random.ts";

interface Node {
  readonly index: number;
  next: Node | null;
}

function linked(indexes: number[]): Node {
  let head: Node | null = null;
  for (const index of indexes.toReversed()) head = { index, next: head };
  return head!;
}

function indexes(head: Node | null): number[] {
  const all: number[] = [];
  for (let at = head; at !== null; at = at.next) all.push(at.index);
  return all;
}

Deno.test("linked sort: any order of up to six links becomes the right one", () => {
  const orders = (rest: number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((index) =>
        orders(rest.filter((other) => other !== index))
          .map((order) => [index, ...order])
      );
  for (let size = 1; size <= 6; size++) {
    const sorted = Array.from({ length: size }, (_, i) => i);
    for (const order of orders(sorted)) {
      assertEquals(indexes(sortLinks(linked(order))), sorted, `${order}`);
    }
  }
});

Deno.test("linked sort: so does a long list, whatever its order", () => {
  forSeeds(20, (random) => {
    const sorted = Array.from({ length: 1000 }, (_, i) => 3 * i);
    const order = sorted.toSorted(() => random.chance(0.5) ? 1 : -1);
    assertEquals(indexes(sortLinks(linked(order))), sorted);
  });
});
