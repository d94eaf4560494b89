// What the compiler infers: a wrong type here does not compile.
import { assert, assertEquals } from "@std/assert";
import {
  any,
  co,
  flatMap,
  fromPromise,
  fromSignal,
  type Future,
  join,
  joinSettled,
  lazy,
  map,
  mapError,
  noopWaker,
  type Output,
  type Outputs,
  Pending,
  pending,
  pin,
  type Poll,
  pollFn,
  race,
  ready,
  recover,
  select,
  type Selected,
  type Settled,
} from "../../future/mod.ts";
import { holds, type Same } from "./_types.ts";

const cx = { waker: noopWaker };
const number = () => ready(1);
const text = () => ready("one");

Deno.test("types: join keeps tuples, arrays and objects", () => {
  const tuple = join([number(), text()]);
  holds<Same<typeof tuple, Future<[number, string]>>>();
  const list = join([1, 2].map(() => number()));
  holds<Same<typeof list, Future<number[]>>>();
  const readonlyList: readonly Future<string>[] = [text()];
  const copied = join(readonlyList);
  holds<Same<typeof copied, Future<string[]>>>();
  const object = join({ a: number(), b: text() });
  holds<Same<typeof object, Future<{ a: number; b: string }>>>();
  const record: Record<string, Future<number>> = { a: number() };
  const named = join(record);
  holds<Same<typeof named, Future<{ [x: string]: number }>>>();
  const nothing = join([]);
  holds<Same<typeof nothing, Future<[]>>>();
  const nested = join([join({ a: number() }), pending<Date>()]);
  holds<Same<typeof nested, Future<[{ a: number }, Date]>>>();
  assertEquals(tuple.poll(cx), [1, "one"]);
});

Deno.test("types: joinSettled wraps each in the result it is", () => {
  const tuple = joinSettled([number(), text()]);
  holds<
    Same<
      typeof tuple,
      Future<[PromiseSettledResult<number>, PromiseSettledResult<string>]>
    >
  >();
  const object = joinSettled({ a: number() });
  holds<Same<typeof object, Future<{ a: PromiseSettledResult<number> }>>>();
  assertEquals(object.poll(cx), { a: { status: "fulfilled", value: 1 } });
});

Deno.test("types: select gives a union that key tells apart", () => {
  const won = select({ a: number(), b: text() }).poll(cx);
  holds<
    Same<
      typeof won,
      Poll<{ key: "a"; value: number } | { key: "b"; value: string }>
    >
  >();
  assert(won !== Pending);
  switch (won.key) {
    case "a":
      holds<Same<typeof won.value, number>>();
      break;
    case "b":
      holds<Same<typeof won.value, string>>();
  }
  const never = select({ a: number(), b: pending() });
  holds<
    Same<
      Output<typeof never>,
      { key: "a"; value: number } | { key: "b"; value: never }
    >
  >();
});

Deno.test("types: race and any give the union of the values", () => {
  const first = race([number(), text()]);
  holds<Same<typeof first, Future<string | number>>>();
  const success = any([number(), pending()]);
  holds<Same<typeof success, Future<number>>>();
  const list = race([text(), text()] as Future<string>[]);
  holds<Same<typeof list, Future<string>>>();
  assertEquals(success.poll(cx), 1);
});

Deno.test("types: the combinators over one future", () => {
  const mapped = map(number(), String);
  holds<Same<typeof mapped, Future<string>>>();
  const chained = flatMap(number(), (n) => ready([n]));
  holds<Same<typeof chained, Future<number[]>>>();
  const named = mapError(number(), () => new Error());
  holds<Same<typeof named, Future<number>>>();
  const recovered = recover(number(), () => null);
  holds<Same<typeof recovered, Future<number | null>>>();
  const followed = recover(number(), () => text());
  holds<Same<typeof followed, Future<number | string>>>();
  const late = lazy(() => 1);
  holds<Same<typeof late, Future<number>>>();
  const flattened = lazy(() => text());
  holds<Same<typeof flattened, Future<string>>>();
  const lent = pin(text());
  holds<Same<typeof lent, Future<string>>>();
  assertEquals(mapped.poll(cx), "1");
});

Deno.test("types: the sources", () => {
  const polled = pollFn((): Poll<number> => Pending);
  holds<Same<typeof polled, Future<number>>>();
  const never = pending();
  holds<Same<typeof never, Future<never>>>();
  const typed = pending<string>();
  holds<Same<typeof typed, Future<string>>>();
  const promised = fromPromise(Promise.resolve(1));
  holds<Same<typeof promised, Future<number>>>();
  const begun = fromPromise((signal) => Promise.resolve(signal.aborted));
  holds<Same<typeof begun, Future<boolean>>>();
  using aborted = fromSignal(new AbortController().signal);
  holds<Same<typeof aborted, Future<unknown>>>();
  assert(aborted.poll(cx) === Pending);
});

Deno.test("types: yield* in co gives the value of the future", () => {
  const body = co(function* () {
    const one = yield* number();
    holds<Same<typeof one, number>>();
    const [a, b] = yield* join([number(), text()]);
    holds<Same<typeof a, number>>();
    holds<Same<typeof b, string>>();
    const { key, value } = yield* select({ x: text() });
    holds<Same<typeof key, "x">>();
    holds<Same<typeof value, string>>();
    return a + b.length;
  });
  holds<Same<typeof body, Future<number>>>();
  assertEquals(body.poll(cx), 4);
});

Deno.test("types: a future of something narrower will do for one of something wider", () => {
  const wide: Future<string | number> = number();
  const unknown: Future<unknown> = wide;
  assertEquals(unknown.poll(cx), 1);
  // @ts-expect-error: but not the other way round
  const narrow: Future<string> = wide;
  narrow[Symbol.dispose]();
});

Deno.test("types: what is no future is refused by the compiler as well", () => {
  const refused = [
    // @ts-expect-error: a promise is no future
    () => join([Promise.resolve(1)]),
    // @ts-expect-error: nor is a value
    () => join({ a: 1 }),
    // @ts-expect-error: a promise of futures is no shape
    () => join(Promise.resolve([ready(1)])),
    // @ts-expect-error: select wants names
    () => select(5),
    // @ts-expect-error: a future is not a list of futures
    () => race(ready(1)),
    // @ts-expect-error: an async generator is no body
    () => co(async function* () {}).poll(cx),
    // @ts-expect-error: an async function is no body
    () => co(async () => {}).poll(cx),
  ];
  for (const make of refused) {
    try {
      make();
    } catch (error) {
      assert(error instanceof TypeError);
      continue;
    }
    assert(false, `${make}`);
  }
});

Deno.test("types: Output, Outputs, Selected and Settled can be named", () => {
  holds<Same<Output<Future<number>>, number>>();
  holds<Same<Output<string>, never>>();
  holds<Same<Outputs<[Future<number>, Future<string>]>, [number, string]>>();
  holds<Same<Selected<{ a: Future<number> }>, { key: "a"; value: number }>>();
  holds<Same<Settled<{ a: Future<1> }>, { a: PromiseSettledResult<1> }>>();
  // @ts-expect-error: and holds is not blind
  holds<Same<Output<Future<number>>, string>>();
});
