// What dropping each public future, stream and sink keeps, loses or leaves undone.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import {
  Future,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import * as streams from "../../../future/stream/mod.ts";
import { Done, pinStream, type Stream } from "../../../future/stream/mod.ts";
import { others, promises } from "./_claims.ts";
import { type Bench, subjects } from "./_subjects.ts";
import { Source } from "./_world.ts";

/** Swept elsewhere in this folder: they hold no stream of ours, or no poll does. */
const sweptElsewhere = [
  "close",
  "feed",
  "flush",
  "fromAsyncIterable",
  "fromCallback",
  "fromEvents",
  "fromReadableStream",
  "fromWritableStream",
  "iter",
  "once",
  "pollNextFn",
  "send",
  "toAsyncIterable",
  "toReadableStream",
  "unfold",
];

Deno.test("cancel safety: every export of ./stream is in the table", () => {
  assertEquals(
    Object.keys(streams).sort(),
    [...Object.keys(promises), ...others].sort(),
  );
  assertEquals(
    Object.keys(promises).sort(),
    [...Object.keys(subjects), ...sweptElsewhere].sort(),
    "and every one is swept",
  );
});

const files: Record<string, string> = {
  close: "send",
  feed: "send",
  filterMap: "filter_stream",
  flatMapStream: "flatten",
  flush: "send",
  mapWhile: "map_stream",
  sendAll: "forward",
  skipWhile: "skip",
  takeWhile: "take",
};

for (const [name, promise] of Object.entries(promises)) {
  Deno.test(`cancel safety: the documentation of ${name} says "${promise}"`, async () => {
    const file = files[name] ??
      name.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`);
    const url = new URL(`../../../future/stream/${file}.ts`, import.meta.url);
    const source = await Deno.readTextFile(url);
    const at = source.search(new RegExp(`^export function ${name}[<(]`, "m"));
    const doc = source.slice(source.lastIndexOf("/**", at), at);
    const says = /\* Cancel safety: ([^]*?)\n \*\n/.exec(doc);
    const text = says![1]!.replaceAll("\n * ", " ");
    assert(text.startsWith(promise), text);
    assert(/^[,;:. ]/.test(text.slice(promise.length)), text);
  });
}

const NUMBERS = [1, 2, 3, 4];

/** A bench over a source that is lent, so that it outlives what is dropped. */
function bench(name = ""): Bench & { lent: Source<number> } {
  const lent = new Source([Pending, 1, 2, Pending, 3, Pending, 4], "lent");
  const source = name === "pinStream" ? lent : pinStream(lent);
  return { lent, source, given: [], leaves: [lent] };
}

/** Polls once; whether it has ended. */
function pollOnce(
  subject: Stream<unknown> | Future<unknown>,
  waker = noopWaker,
) {
  if (subject instanceof Future) return subject.poll({ waker }) !== Pending;
  return subject.pollNext({ waker }) === Done;
}

/** Polls a number of times, letting all go on in between; whether it has ended. */
function advance(
  subject: Stream<unknown> | Future<unknown>,
  { leaves }: Bench,
  polls: number,
): boolean {
  for (let i = 0; i < polls; i++) {
    if (pollOnce(subject)) return true;
    for (const leaf of leaves) if (leaf.isWaiting) leaf.fire();
  }
  return false;
}

/** What is left in the source. */
function rest(source: Source<number>): number[] {
  const items: number[] = [];
  if (source.ended !== null) return items;
  for (;;) {
    const item = source.pollNext({ waker: noopWaker });
    if (item === Done) return items;
    if (item === Pending) source.fire();
    else items.push(item);
  }
}

function isPartOf(part: number[], whole: number[]): boolean {
  let at = 0;
  for (const n of whole) if (n === part[at]) at++;
  return at === part.length;
}

for (const [name, make] of Object.entries(subjects)) {
  const keepsAll = !promises[name]!.startsWith("loses data");
  Deno.test(`cancel safety: ${name}, dropped after any number of polls, ${keepsAll ? "has lost nothing of its source" : "has lost what it held, and nothing else"}`, () => {
    let lost = 0;
    let polls = 0;
    for (let hasEnded = false; !hasEnded; polls++) {
      assert(polls < 50, "it never ends");
      const set = bench(name);
      const subject = make(set);
      hasEnded = advance(subject, set, polls);
      subject[Symbol.dispose]();
      if (hasEnded) break;

      // Lent, so that it is still there; and free, so that another may go on.
      set.lent.claim();
      assertEquals(set.lent.drops, 0);
      const all = [...set.given, ...rest(set.lent)];
      if (keepsAll) assertEquals(all, NUMBERS, `after ${polls} polls`);
      else assert(isPartOf(all, NUMBERS), `after ${polls} polls: ${all}`);
      if (all.length < NUMBERS.length) lost++;
    }
    assert(polls > 3, "too few polls to prove anything");
    assertEquals(lost > 0, !keepsAll);
  });

  Deno.test(`cancel safety: ${name}, dropped after any number of polls, leaves nothing behind that runs`, () => {
    for (let polls = 0;; polls++) {
      const set = bench(name);
      const subject = make(set);
      if (advance(subject, set, polls)) break;
      const waker = wakeCounter();
      if (pollOnce(subject, waker)) break;
      subject[Symbol.dispose]();
      subject[Symbol.dispose]();
      waker.reset();
      const before = set.leaves.map((leaf) => leaf.polls);
      const seen = [...set.given];
      // The waker that a lent stream was given is its own affair.
      for (const leaf of set.leaves) if (leaf !== set.lent) leaf.fire();
      assertEquals([waker.count, set.given], [0, seen]);
      assertEquals(set.leaves.map((leaf) => leaf.polls), before);
      for (const leaf of set.leaves) {
        assert(leaf === set.lent || leaf.ended !== null, leaf.name);
      }
      assertThrows(
        () => pollOnce(subject),
        PolledAfterCompletionError,
        "it was dropped",
      );
    }
  });

  Deno.test(`cancel safety: ${name} does nothing before its first poll, and drops its source then, too`, () => {
    const source = new Source([1]);
    const subject = make({ source, given: [], leaves: [] });
    assertEquals([source.polls, source.drops], [0, 0]);
    subject[Symbol.dispose]();
    // A loan gives back; and `flatten` has not taken it yet.
    const keeps = name === "pinStream" || name === "flatten";
    assertEquals([source.polls, source.drops], [0, keeps ? 0 : 1]);
  });

  Deno.test(`cancel safety: ${name} adopts its source, and gives it up at the end`, () => {
    const set = bench();
    const subject = make({ ...set, source: set.lent });
    if (name !== "pinStream" && name !== "flatten") {
      assertThrows(
        () => set.lent.claim(),
        Error,
        "Cannot move Source",
      );
    }
    assert(advance(subject, set, 50));
    assertEquals([set.lent.ended, set.lent.drops], ["completed", 0]);
    set.lent.claim();
  });
}

Deno.test("cancel safety: send that is dropped before there was room has not sent, later it has", () => {
  const make = () => {
    const set = bench();
    let hasRoom = false;
    const sink: streams.Sink<number> = {
      pollReady: () => hasRoom ? undefined : Pending,
      startSend: (item) => void set.given.push(item),
      pollFlush: () => Pending,
      pollClose: () => Pending,
      [Symbol.dispose]: () => {},
    };
    return { sink, given: set.given, open: () => void (hasRoom = true) };
  };
  const early = make();
  using first = streams.send(early.sink, 1);
  pollOnce(first);
  first[Symbol.dispose]();
  assertEquals(early.given, []);

  const late = make();
  late.open();
  using second = streams.send(late.sink, 1);
  pollOnce(second);
  second[Symbol.dispose]();
  assertEquals(late.given, [1]);
});
