import { JoinSet } from "../../../executor/mod.ts";
import {
  chunksTimeout,
  debounce,
  interval,
  throttle,
} from "../../../executor/time/mod.ts";
import { type Inspection, Pending, type Poll } from "../../../future/mod.ts";
import {
  buffered,
  chain,
  collect,
  flatten,
  forEach,
  forward,
  iter,
  mapStream,
  merge,
  once,
  pinStream,
  type Sink,
  skip,
  type Stream,
  takeUntil,
  thenStream,
  unfold,
  zip,
} from "../../../future/stream/mod.ts";

import {
  held,
  idle,
  idleInfo,
  Leaf,
  leaf,
  over,
  type Waiting,
} from "./_leaf.ts";

/** The streams and sinks of `./stream`, `./executor` and `./time`, and what consumes them. */
export const STREAMS: Waiting = {
  "an operator": [
    () => mapStream(idle(), held).next(),
    {
      type: "Next",
      children: [{ type: "MapStream", children: [idleInfo] }],
    },
  ],
  "a consumer at its source": [
    () => collect(idle()),
    { type: "Collect", children: [idleInfo] },
  ],
  "a consumer at its step": [
    () => forEach(iter([1]), () => new Leaf()),
    over("ForEach"),
  ],
  "merge": [
    () => merge(idle(), iter([])).next(),
    { type: "Next", children: [{ type: "Merge", children: [idleInfo] }] },
  ],
  "chain": [
    () => chain(iter([]), idle(), iter([])).next(),
    { type: "Next", children: [{ type: "Chain", children: [idleInfo] }] },
  ],
  "zip": [
    () => zip(iter([1]), idle()).next(),
    { type: "Next", children: [{ type: "Zip", children: [idleInfo] }] },
  ],
  "once": [
    () => once(new Leaf()).next(),
    { type: "Next", children: [over("Once")] },
  ],
  "unfold": [
    () => unfold(0, () => new Leaf()).next(),
    { type: "Next", children: [over("Unfold")] },
  ],
  "takeUntil": [
    () => takeUntil(idle(), new Leaf()).next(),
    {
      type: "Next",
      children: [{ type: "TakeUntil", children: [idleInfo, leaf] }],
    },
  ],
  "flatten at its outer": [
    () => flatten(map2(idle())).next(),
    {
      type: "Next",
      children: [{
        type: "Flatten",
        children: [{ type: "MapStream", children: [idleInfo] }],
      }],
    },
  ],
  "flatten at its inner": [
    () => flatten(iter([idle()])).next(),
    { type: "Next", children: [{ type: "Flatten", children: [idleInfo] }] },
  ],
  "thenStream at its source": [
    () => thenStream(idle(), () => new Leaf()).next(),
    { type: "Next", children: [{ type: "ThenStream", children: [idleInfo] }] },
  ],
  "thenStream at its step": [
    () => thenStream(iter([1]), () => new Leaf()).next(),
    { type: "Next", children: [over("ThenStream")] },
  ],
  "buffered": [
    () => buffered(iter([new Leaf(), new Leaf()]), 2).next(),
    {
      type: "Next",
      children: [{
        type: "Buffered",
        waits: "futures: 2",
        children: [leaf, leaf],
      }],
    },
  ],
  "buffered with room": [
    () => buffered(idle(), 2).next(),
    {
      type: "Next",
      children: [{
        type: "Buffered",
        waits: "futures: 0",
        children: [idleInfo],
      }],
    },
  ],
  "pinStream": [
    () => pinStream(idle()).next(),
    { type: "Next", children: [{ type: "pinStream", children: [idleInfo] }] },
  ],
  "forward": [
    () => forward(idle(), new Slow()),
    {
      type: "Forward",
      children: [idleInfo, { type: "Slow", waits: "slowly" }],
    },
  ],
  "JoinSet": [
    () => {
      const set = new JoinSet<never>();
      set.spawn(new Leaf());
      return set.next();
    },
    { type: "Next", children: [{ type: "JoinSet", waits: "tasks: 1" }] },
  ],
  "interval": [
    () => skip(interval(10), 1).next(),
    {
      type: "Next",
      children: [{
        type: "Skip",
        children: [{ type: "Interval", waits: "10 ms left" }],
      }],
    },
  ],
  "throttle": [
    () => throttle(idle(), 5).next(),
    { type: "Next", children: [{ type: "Throttle", children: [idleInfo] }] },
  ],
  "debounce": [
    () => debounce(idle(), 5).next(),
    { type: "Next", children: [{ type: "Debounce", children: [idleInfo] }] },
  ],
  "chunksTimeout": [
    () => chunksTimeout(idle(), 5, 5).next(),
    {
      type: "Next",
      children: [{ type: "ChunksTimeout", children: [idleInfo] }],
    },
  ],
};

/** A stream of streams that waits. */
const map2 = (stream: Stream<never>): Stream<Stream<number>> =>
  mapStream(stream, () => iter<number>([]));

class Slow implements Sink<unknown> {
  pollReady(): Poll<void> {
    return Pending;
  }
  startSend(): void {}
  pollFlush(): Poll<void> {
    return Pending;
  }
  pollClose(): Poll<void> {}
  inspect(): Inspection {
    return { waits: "slowly" };
  }
  [Symbol.dispose](): void {}
}
