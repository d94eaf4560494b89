import { assert, assertEquals } from "@std/assert";
import { yieldNow } from "../../executor/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { co, type Future } from "../../future/mod.ts";
import { read, shutdownWriter, writeAll } from "../../net/io/mod.ts";
import type { End, IoGround, Resettable } from "./_io_ground.ts";
import { failure, mustWait } from "./_tools.ts";

/** A reset is no end, whatever was under way; not tested without `makeResettable`. */
export function resetsConformance(ground: IoGround): void {
  const { run, makeResettable, test, stuckWrite } = ground;

  if (makeResettable === undefined) return;

  /** What holds for an end from its reset on, whatever it did before. */
  async function isReset(end: End): Promise<void> {
    for (let i = 0; i < 2; i++) {
      const error = await failure(run(co(function* () {
        // Bytes that had arrived may still be read; never an end.
        for (;;) {
          const n = yield* read(end, new Uint8Array(1 << 16));
          assert(n !== null, "a reset is no end of the stream");
        }
      })));
      assertEquals([error.name, error.phase], ["ConnectionLost", "read"]);
    }
    assertEquals(
      (await failure(run(co(function* () {
        for (;;) {
          yield* writeAll(end, new Uint8Array(1));
          yield* yieldNow();
        }
      })))).phase,
      "write",
    );
  }

  /** States that an end may be in when its peer resets the connection. */
  const states: Record<
    string,
    (end: End, peer: Resettable) => Promise<Future<unknown>[]>
  > = {
    "while nothing is under way": () => Promise.resolve([]),
    "while a read waits": (end) => {
      const waiting = read(end, new Uint8Array(1));
      mustWait(waiting, wakeCounter());
      return Promise.resolve([waiting]);
    },
    "while a write waits": async (end) => [(await stuckWrite(end)).future],
    "while both wait": async (end) => {
      const waiting = read(end, new Uint8Array(1));
      mustWait(waiting, wakeCounter());
      return [waiting, (await stuckWrite(end)).future];
    },
    "with bytes that were not read": async (_end, peer) => {
      await run(peer.send(new Uint8Array(5)));
      return [];
    },
    "after a read was dropped": (end) => {
      const waiting = read(end, new Uint8Array(1));
      mustWait(waiting, wakeCounter());
      waiting[Symbol.dispose]();
      return Promise.resolve([]);
    },
  };
  for (const [when, enter] of Object.entries(states)) {
    test(`a reset ${when} is no end, and said again and again`, async () => {
      using peer = await run(makeResettable());
      using end = peer.end;
      const waiting = await enter(end, peer);
      peer.reset();
      for (const future of waiting) {
        assertEquals((await failure(run(future))).name, "ConnectionLost");
      }
      await isReset(end);
    });
  }

  test("a reset after this side has ended is no end of the other", async () => {
    using peer = await run(makeResettable());
    using end = peer.end;
    await run(shutdownWriter(end));
    peer.reset();
    const error = await failure(run(read(end, new Uint8Array(1))));
    assertEquals(error.name, "ConnectionLost");
  });
}
