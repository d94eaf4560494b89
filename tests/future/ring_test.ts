import { assert, assertEquals } from "@std/assert";
import { Ring } from "../../future/_ring.ts";
import { gc } from "../executor/_heap.ts";
import { forSeeds } from "./sync/_random.ts";

Deno.test("ring: it is a queue, wherever its head stands when it grows", () => {
  forSeeds(20, (random) => {
    const ring = new Ring<number>();
    const model: number[] = [];
    for (let i = 0; i < 2000; i++) {
      if (model.length > 0 && random.chance(0.3)) {
        ring.rotate();
        model.push(model.shift()!);
      } else if (model.length > 0 && random.chance(i % 500 < 250 ? 0.3 : 0.7)) {
        assertEquals(ring.shift(), model.shift());
      } else {
        ring.push(i);
        model.push(i);
      }
      assertEquals(ring.size, model.length);
      assertEquals(ring.first, model[0]);
      assert(ring.room >= ring.size && ring.room <= 1024);
    }
  });
});

Deno.test("ring: it does not grow as long as there is room", () => {
  const ring = new Ring<number>();
  assertEquals([ring.room, ring.first], [0, undefined]);
  for (let i = 0; i < 100; i++) {
    for (let k = 0; k < 16; k++) ring.push(k);
    for (let k = 0; k < 16; k++) ring.shift();
  }
  assertEquals(ring.room, 16);
});

Deno.test("ring: a buffer that has grown large is given up once it is empty", () => {
  const ring = new Ring<number>();
  for (const [count, room] of [[4096, 4096], [4097, 0], [5, 16]] as const) {
    for (let i = 0; i < count; i++) ring.push(i);
    for (let i = 0; i < count; i++) assertEquals(ring.shift(), i);
    assertEquals(ring.room, room);
  }
});

Deno.test("ring: cleared, it is empty and works on", () => {
  const ring = new Ring<string>();
  ring.push("a");
  ring.clear();
  assertEquals(ring.size, 0);
  ring.push("b");
  assertEquals(ring.shift(), "b");
});

Deno.test("ring: how large a buffer may be before it is given up can be said", () => {
  const ring = new Ring<number>(16);
  for (const [count, room] of [[16, 16], [17, 0]] as const) {
    for (let i = 0; i < count; i++) ring.push(i);
    for (let i = 0; i < count; i++) ring.shift();
    assertEquals(ring.room, room);
  }
});

/** A ring of objects that nobody else holds, which have gone round and out. */
function turnedOut(ring: Ring<object>, count: number): WeakRef<object>[] {
  const items = Array.from({ length: count }, (_, i) => ({ i }));
  items.forEach((item) => ring.push(item));
  for (let i = 0; i < 20; i++) ring.rotate();
  items.forEach(() => ring.shift());
  return items.map((item) => new WeakRef(item));
}

Deno.test("ring: an item that has gone to the back is let go of with its last place", async () => {
  for (const count of [1, 2, 15, 16, 17]) {
    const ring = new Ring<object>();
    const items = turnedOut(ring, count);
    await new Promise((done) => setTimeout(done)); // a new reference holds that long
    gc();
    assertEquals(items.filter((item) => item.deref() !== undefined), []);
    assertEquals(ring.size, 0);
  }
});

Deno.test("ring: an item can be looked at, and brought to the front, wherever it stands", () => {
  for (let turned = 0; turned < 16; turned++) {
    for (let index = 0; index < 10; index++) {
      const ring = new Ring<number>();
      for (let i = 0; i < turned; i++) {
        ring.push(-1);
        ring.shift();
      }
      const model = Array.from({ length: 10 }, (_, i) => i);
      for (const i of model) ring.push(i);
      assertEquals(model.map((i) => ring.at(i)), model);
      assertEquals(ring.advance(index), index);
      model.unshift(model.splice(index, 1)[0]!);
      assertEquals(model.map(() => ring.shift()), model);
    }
  }
});
