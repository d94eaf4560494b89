import { broadcast, mpsc, watch } from "../../../future/sync/mod.ts";
import { table } from "../../future/sync/_claims.ts";
import { subjects } from "../../future/sync/_scenes.ts";
import { Drained, Noticed, type Scene, type Sweep } from "./scene.ts";

/** What polls an end of a channel, which lives on with the waker of that poll. */
const polledInPlace = new Set(["BroadcastReceiver.recv", "MpscReceiver.recv"]);

const LENDS = {
  options: { lends: true },
  unforgettable: "it lends",
} as const;

/** Ends of channels, waited for as streams. */
const streams: Scene[] = [
  {
    of: "MpscReceiver",
    title: "MpscReceiver, as a stream",
    make(sim) {
      const [sender, receiver] = mpsc<number>(1);
      sim.spawn(function* () {
        using mine = sender;
        for (let n = 0; n < 3; n++) {
          yield* sim.sleep(1);
          try {
            yield* mine.send(n);
          } catch {
            return; // nobody wants it any more
          }
        }
      });
      return new Drained(receiver);
    },
  },
  {
    of: "BroadcastReceiver",
    title: "BroadcastReceiver, as a stream",
    make(sim) {
      const [sender, receiver] = broadcast<number>(4);
      sim.spawn(function* () {
        using mine = sender;
        for (let n = 0; n < 3; n++) {
          yield* sim.sleep(1);
          mine.send(n);
        }
      });
      return new Drained(receiver);
    },
  },
  {
    of: "WatchReceiver",
    title: "WatchReceiver, as a stream",
    make(sim) {
      const [sender, receiver] = watch(0);
      sim.spawn(function* () {
        using mine = sender;
        for (let n = 0; n < 3; n++) {
          yield* sim.sleep(1);
          mine.send(n);
        }
      });
      return new Drained(receiver);
    },
  },
];

/**
 * Each subject of the table; and after a drop the same once more, which has to
 * be served: nothing that it needs was lost, and nobody stands in its way.
 */
export const sweep: Sweep = {
  claims: Object.keys(table),
  left: {},
  scenes: [
    ...subjects.map(({ of, promise, set }): Scene => ({
      of,
      title: of,
      ...(polledInPlace.has(of) ? LENDS : {}),
      make(sim) {
        const { make, serve, left } = set();
        const future = new Noticed(make());
        const again = () => sim.spawn(new Noticed(make()), { name: "again" });
        // There is but one receiver of a oneshot.
        const mayRepeat = promise !== "loses data";
        sim.spawn(function* () {
          yield* sim.sleep(2);
          const wasDropped = future.at === "was dropped";
          if (wasDropped && !mayRepeat) return;
          const other = wasDropped ? again() : null;
          yield* sim.sleep(1); // it stands in line now
          serve();
          yield* sim.sleep(1);
          if (other !== null) yield* other;
          // Dropped with the grant in hand; a barrier has let its peer go.
          else if (
            mayRepeat && future.at === "was dropped" && of !== "Barrier.wait"
          ) yield* again();
        });
        if (left !== undefined) sim.ledger("what was handed out", left);
        return future;
      },
    })),
    ...streams,
  ],
};
