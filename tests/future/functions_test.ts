import { assertEquals, assertThrows } from "@std/assert";
import { scope } from "../../executor/mod.ts";
import {
  co,
  flatMap,
  type Future,
  lazy,
  map,
  mapError,
  pollFn,
  ready,
  recover,
} from "../../future/mod.ts";
import {
  filterMap,
  filterStream,
  flatMapStream,
  fold,
  forEach,
  forEachConcurrent,
  fromCallback,
  inspect,
  iter,
  mapStream,
  mapWhile,
  pollNextFn,
  scan,
  skipWhile,
  type Stream,
  takeWhile,
  thenStream,
  unfold,
} from "../../future/stream/mod.ts";
import { OnceCell } from "../../future/sync/mod.ts";

/** Each function that takes one, given something else. */
const CALLS: Record<
  string,
  (given: never, future: Future<number>, stream: Stream<number>) => unknown
> = {
  co: (given) => co(given),
  getOrInit: (given) => new OnceCell().getOrInit(given),
  lazy: (given) => lazy(given),
  pollFn: (given) => pollFn(given),
  scope: (given) => scope(given),
  map: (given, future) => map(future, given),
  flatMap: (given, future) => flatMap(future, given),
  mapError: (given, future) => mapError(future, given),
  recover: (given, future) => recover(future, given),
  filterMap: (given, _, stream) => filterMap(stream, given),
  filterStream: (given, _, stream) => filterStream(stream, given),
  flatMapStream: (given, _, stream) => flatMapStream(stream, given),
  fold: (given, _, stream) => fold(stream, 0, given),
  forEach: (given, _, stream) => forEach(stream, given),
  forEachConcurrent: (given, _, stream) => forEachConcurrent(stream, 1, given),
  fromCallback: (given) => fromCallback(given),
  inspect: (given, _, stream) => inspect(stream, given),
  mapStream: (given, _, stream) => mapStream(stream, given),
  mapWhile: (given, _, stream) => mapWhile(stream, given),
  pollNextFn: (given) => pollNextFn(given),
  scan: (given, _, stream) => scan(stream, 0, given),
  skipWhile: (given, _, stream) => skipWhile(stream, given),
  takeWhile: (given, _, stream) => takeWhile(stream, given),
  thenStream: (given, _, stream) => thenStream(stream, given),
  unfold: (given) => unfold(0, given),
};

Deno.test("functions: who takes one refuses anything else before taking the rest", () => {
  const future = ready(1);
  const stream = iter([1]);
  for (const [name, call] of Object.entries(CALLS)) {
    for (const given of [undefined, 5, {}]) {
      const error = assertThrows(
        () => call(given as never, future, stream),
        TypeError,
      );
      const kind = given === undefined ? "undefined" : typeof given;
      assertEquals(
        error.message.replace("generator ", "").toLowerCase(),
        `cannot call ${name.toLowerCase()}: it takes a function, got ${kind}`,
      );
    }
  }
  map(future, (value) => value)[Symbol.dispose](); // nobody holds them
  mapStream(stream, (item) => item)[Symbol.dispose]();
});

Deno.test("functions: a generator where a future should be is sent to co", () => {
  function* body() {}
  for (const given of [body, body()]) {
    assertThrows(
      () => map(given as never, () => 0),
      TypeError,
      "it is not a Future; pass the generator function to co()",
    );
  }
});
