import { assert, assertEquals, assertThrows } from "@std/assert";
import { Executor, spawn } from "../../../executor/mod.ts";
import {
  observe,
  type Trace,
  type TraceEvent,
} from "../../../executor/observe/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { co, join, pollFn } from "../../../future/mod.ts";
import { mpsc } from "../../../future/sync/mod.ts";
import { EventRing, POLL } from "../../../executor/observe/_ring.ts";
import { Probe } from "../../_probe.ts";
import { observed } from "./_world.ts";

/** The trace as a file would hold it. */
function eventsOf(trace: Trace | null): TraceEvent[] {
  return JSON.parse(JSON.stringify(trace)).traceEvents;
}

/** An event in a line: `100+2 X poll @1`. */
function line({ ph, name, ts, dur, tid, id, args }: TraceEvent): string {
  const end = dur === undefined ? "" : `+${dur}`;
  const which = id === undefined ? "" : ` #${id}`;
  const task = args?.task === undefined ? "" : ` task ${args.task}`;
  return `${ts}${end} ${ph} ${name}${which} @${tid}${task}`;
}

const happened = (trace: Trace | null) =>
  eventsOf(trace).filter(({ ph }) => ph !== "M").map(line);

Deno.test("trace: a span per poll on the track of its task, and an arrow per wake", () => {
  using world = observed({ trace: true });
  const { clock, executor, observation } = world;
  const waiting = new Probe();
  executor.spawn(waiting, { name: "waits" });
  executor.spawn(
    co(function* sender() {
      clock.spend(2);
      waiting.complete("");
      clock.spend(3);
      yield* sleep(10);
      spawn(Probe.ready(1));
    }),
  );
  clock.advance(10);
  assertEquals(happened(observation.trace), [
    "0+0 X waits @1",
    "0+5000 X co sender @2",
    "0 i spawn @0 task 1",
    "0 i spawn @0 task 2",
    "2000 i wake @2 task 1",
    "2000 s wake #1 @2",
    "5000+0 X waits @1",
    "5000 f wake #1 @1",
    "5000 i completed @1",
    "15000+0 X co sender @2",
    "15000+0 X Probe @3",
    "15000 i wake @0 task 2",
    "15000 s wake #2 @0",
    "15000 i spawn @2 task 3",
    "15000 f wake #2 @2",
    "15000 i completed @2",
    "15000 i completed @3",
  ]);
});

Deno.test("trace: a task that wakes itself has an arrow from each poll to its next", () => {
  using world = observed({ trace: true });
  const probe = new Probe();
  probe.onPoll = (cx) => {
    if (probe.polls === 1) cx.waker.wake();
    world.clock.spend(1);
  };
  world.executor.spawn(probe);
  world.clock.settle();
  assertEquals(happened(world.observation.trace).slice(0, 6), [
    "0+1000 X Probe @1",
    "0 i spawn @0 task 1",
    "1000+1000 X Probe @1",
    "1000 i wake @1 task 1",
    "1000 s wake #1 @1",
    "1000 f wake #1 @1",
  ]);
});

Deno.test("trace: each track has a name and its place", () => {
  using world = observed({ trace: true });
  const { clock, executor, observation } = world;
  executor.spawn(
    co(function* () {
      spawn(Probe.ready(1), { name: 'with "quotes"' });
      yield* sleep(1);
    }),
  );
  clock.settle();
  const names = eventsOf(observation.trace)
    .filter(({ ph }) => ph === "M")
    .map(({ name, pid, tid, ts, args }) => [name, pid, tid, ts, args]);
  assertEquals(names, [
    ["process_name", 1, 0, 0, { name: "Pollen" }],
    ["thread_name", 1, 0, 0, { name: "host" }],
    ["thread_sort_index", 1, 0, 0, { sort_index: 0 }],
    ["thread_name", 1, 1, 0, { name: "task 1 co" }],
    ["thread_sort_index", 1, 1, 0, { sort_index: 1 }],
    ["thread_name", 1, 2, 0, { name: 'task 2 with "quotes"' }],
    ["thread_sort_index", 1, 2, 0, { sort_index: 2 }],
  ]);
});

Deno.test("trace: how a task ended stands on its track, after its last poll", () => {
  using world = observed({ trace: true });
  const { clock, executor, observation } = world;
  executor.spawn(Probe.failing(new Error("no")));
  executor.spawn(new Probe()).abort();
  clock.settle();
  assertEquals(happened(observation.trace), [
    "0+0 X Probe @1",
    "0 i spawn @0 task 1",
    "0 i spawn @0 task 2",
    "0 i cancelled @2",
    "0 i failed @1",
  ]);
});

Deno.test("trace: a wake from a task of another executor comes from the host", () => {
  using world = observed({ trace: true });
  const other = new VirtualClock();
  using stranger = new Executor({ host: other });
  const probe = new Probe();
  world.executor.spawn(new Probe()); // number 1 is one of ours, too
  world.executor.spawn(probe);
  world.clock.settle();
  stranger.spawn(pollFn(() => probe.wake()));
  other.settle();
  assertEquals(
    happened(world.observation.trace).filter((each) =>
      each.includes(" i wake")
    ),
    ["0 i wake @0 task 2"],
  );
});

/** What Chrome's trace format demands, checked event by event. */
function assertWellFormed(events: TraceEvent[]): void {
  const tracks = new Map<number, number>(); // until when the track is taken
  const starts = new Map<number, TraceEvent>();
  const named = new Set<number>();
  let last = -Infinity;
  for (const event of events) {
    const { ph, ts, pid, tid, name } = event;
    assertEquals(pid, 1);
    assert(Number.isInteger(tid) && tid >= 0, `tid ${tid}`);
    assert(typeof name === "string" && name.length > 0);
    assert(Number.isFinite(ts), `ts ${ts}`);
    if (ph === "M") {
      if (name === "thread_name") named.add(tid);
      continue;
    }
    assert(named.has(tid), `track ${tid} has no name`);
    assert(ts >= last, `${line(event)} is out of order`);
    last = ts;
    switch (ph) {
      case "X":
        assert(event.dur! >= 0);
        assert(ts >= (tracks.get(tid) ?? 0), `${line(event)} overlaps`);
        tracks.set(tid, ts + event.dur!);
        break;
      case "i":
        assertEquals(event.s, "t");
        break;
      case "s":
        assert(!starts.has(event.id!), `two arrows ${event.id}`);
        starts.set(event.id!, event);
        break;
      case "f":
        assert(starts.delete(event.id!), `arrow ${event.id} never started`);
        assertEquals(event.bp, "e");
    }
  }
  assertEquals([...starts.keys()], [], "arrows that lead nowhere");
}

/** Producers and consumers, and a clock that moves in their polls. */
function bustle(world: ReturnType<typeof observed>): void {
  const { clock, executor } = world;
  executor.spawn(co(function* () {
    for (let round = 0; round < 20; round++) {
      const [sender, receiver] = mpsc<number>(2);
      const consumer = spawn(co(function* () {
        for (let i = 0; i < 5; i++) {
          clock.spend(0.25);
          yield* receiver.recv();
        }
      }));
      const producer = spawn(co(function* () {
        for (let i = 0; i < 5; i++) {
          clock.spend(0.5);
          yield* sender.send(i);
          yield* sleep(i);
        }
      }));
      yield* join([consumer, producer]);
    }
  }));
  clock.advance(1000);
}

Deno.test("trace: it is well-formed, also when the oldest events have made room for the latest", () => {
  let total = 0;
  for (const events of [10_000, 1, 2, 3, 7, 50, 100]) {
    using world = observed({ trace: { events } });
    bustle(world);
    const woken = new Probe();
    world.executor.spawn(woken);
    world.clock.settle();
    woken.wake(); // and not polled since
    const { trace } = world.observation;
    assertWellFormed(eventsOf(trace));
    total ||= trace!.size;
    assertEquals(trace!.size + trace!.lost, total);
    assertEquals(trace!.size, Math.min(events, total));
    assertEquals(trace!.toJSON().otherData, { eventsLost: trace!.lost });
  }
  assert(total > 500);
});

Deno.test("trace: there is none unless it was asked for, and it can be read when the observation is over", () => {
  const plain = observed();
  assertEquals(plain.observation.trace, null);
  plain[Symbol.dispose]();
  const world = observed({ trace: true });
  world.executor.spawn(Probe.ready(1));
  world.clock.settle();
  world[Symbol.dispose]();
  assertEquals(happened(world.observation.trace).length, 3);
});

Deno.test("trace: a number of events that is none is refused", () => {
  using world = observed();
  world.observation[Symbol.dispose]();
  for (const events of [0, -1, 1.5, NaN, 2 ** 24 + 1]) {
    assertThrows(
      () => observe({ trace: { events } }, world.executor),
      RangeError,
      `Cannot trace: events must be a whole number from 1 to 16777216, got ${events}`,
    );
  }
  observe({}, world.executor)[Symbol.dispose](); // none of them has begun
});

Deno.test("ring: it keeps the last events, the oldest first", () => {
  const ring = new EventRing(3);
  const times = () => [...ring].map(({ at }) => at);
  assertEquals([times(), ring.size, ring.lost], [[], 0, 0]);
  for (let at = 1; at <= 3; at++) ring.add(POLL, at, 0, 0, 0, 0, "");
  assertEquals([times(), ring.size, ring.lost], [[1, 2, 3], 3, 0]);
  for (let at = 4; at <= 8; at++) ring.add(POLL, at, 0, 0, 0, 0, "");
  assertEquals([times(), ring.size, ring.lost], [[6, 7, 8], 3, 5]);
});
