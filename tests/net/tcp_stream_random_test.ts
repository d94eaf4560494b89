import { assert, assertEquals, assertGreater } from "@std/assert";
import { Executor, run, spawn, yieldNow } from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import {
  co,
  type Future,
  join,
  noopWaker,
  Pending,
  select,
} from "../../future/mod.ts";
import type { TcpStream } from "../../net/mod.ts";
import { openStream, scriptedTest } from "./_scripted_network.ts";
import { connectedPair, socketTest } from "./_sockets.ts";

const cx = { waker: noopWaker };

/** What byte stands at a place of an endless stream in which none repeats soon. */
function byteAt(index: number): number {
  return (Math.imul(index, 0x9e3779b1) >>> 24) ^ (index & 0xff);
}

function fillFrom(index: number, into: Uint8Array): void {
  for (let i = 0; i < into.byteLength; i++) into[i] = byteAt(index + i);
}

/** Checks that the bytes are those which stand there. */
function checkFrom(index: number, bytes: Uint8Array, seed: number): void {
  for (let i = 0; i < bytes.byteLength; i++) {
    if (bytes[i] !== byteAt(index + i)) {
      throw new Error(`a wrong byte at ${index + i}, seed ${seed}`);
    }
  }
}

scriptedTest(
  "random: every byte is read once and in order, whatever is dropped between",
  (network) => {
    let drops = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const clock = new VirtualClock({ seed });
      const random = (below: number) => Math.floor(clock.random() * below);
      network.interrupt();
      using stream = openStream(network).stream;
      let [sent, got] = [0, 0];
      let read: { future: Future<number | null>; into: Uint8Array } | null =
        null;
      for (let step = 0; step < 400; step++) {
        if (network.has("read") && random(2) === 0) {
          const { into, done } = network.take("read");
          // Now and then all of it, so that the buffer grows.
          const n = random(4) === 0 ? into.byteLength : 1 + random(50);
          fillFrom(sent, into.subarray(0, n));
          done.resolve(n);
          sent += n;
        }
        if (read === null && random(3) === 0) {
          const view = stream.pollFillBuf(cx);
          if (view === Pending || view === null) continue;
          checkFrom(got, view, seed);
          const n = random(view.byteLength + 1);
          stream.consume(n);
          got += n;
          continue;
        }
        if (read === null) {
          const into = new Uint8Array(
            1 + random(random(8) === 0 ? 40_000 : 40),
          );
          read = { future: stream.read(into), into };
        }
        const n = pollOnce(read.future);
        if (n !== Pending) {
          assert(n !== null && n > 0 && n <= read.into.byteLength);
          checkFrom(got, read.into.subarray(0, n), seed);
          got += n;
          read = null;
        } else if (random(2) === 0) {
          read.future[Symbol.dispose]();
          read = null;
          drops++;
        }
      }
      assertGreater(got, 0, `seed ${seed}`);
    }
    assertGreater(drops, 1000);
  },
);

scriptedTest(
  "random: no write gets in between another's bytes, whatever is dropped between",
  (network) => {
    let drops = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const clock = new VirtualClock({ seed });
      const random = (below: number) => Math.floor(clock.random() * below);
      network.interrupt();
      using stream = openStream(network).stream;
      const wire: number[] = [];
      /** The messages in order: how long, and whether they were completed. */
      const messages: { length: number; completed: boolean }[] = [];
      let write: Future<void> | null = null;
      // Some writers use the same buffer again and again.
      const scratch = new Uint8Array(20);
      for (let step = 0; step < 300; step++) {
        if (network.has("write") && random(2) === 0) {
          const { bytes, done } = network.take("write");
          const n = 1 + random(bytes.byteLength);
          wire.push(...bytes.subarray(0, n));
          done.resolve(n);
        }
        if (write === null) {
          if (network.has("write") && random(2) === 0) continue;
          const length = 1 + random(20);
          // Bytes under way must not change: a scratch buffer only when idle.
          const idle = stream.pollFlush(cx) !== Pending;
          const message = idle && random(2) === 0
            ? scratch.subarray(0, length)
            : new Uint8Array(length);
          message.fill(messages.length % 251);
          write = stream.writeAll(message);
          messages.push({ length, completed: false });
        }
        if (pollOnce(write) !== Pending) {
          messages.at(-1)!.completed = true;
          write = null;
        } else if (random(4) === 0) {
          write[Symbol.dispose]();
          write = null;
          drops++;
        }
      }
      let at = 0;
      for (const [i, { length, completed }] of messages.entries()) {
        let n = 0;
        while (n < length && wire[at] === i % 251) {
          n++;
          at++;
        }
        if (completed) assertEquals(n, length, `message ${i}, seed ${seed}`);
      }
      assertEquals(at, wire.length, `strange bytes on the wire, seed ${seed}`);
    }
    assertGreater(drops, 1000);
  },
);

socketTest(
  "random: megabytes over a real socket survive thousands of dropped reads",
  async () => {
    const seed = 4711;
    const total = 4 * 1024 * 1024;
    const clock = new VirtualClock({ seed });
    const random = (below: number) => Math.floor(clock.random() * below);
    using pair = await connectedPair();
    let drops = 0;

    const sending = co(function* () {
      for (let sent = 0; sent < total;) {
        const message = new Uint8Array(
          Math.min(1 + random(8_000), total - sent),
        );
        fillFrom(sent, message);
        yield* pair.server.writeAll(message);
        sent += message.byteLength;
      }
      yield* pair.server.shutdown();
    });
    const receiving = co(function* () {
      const buffer = new Uint8Array(10_000);
      for (let got = 0;;) {
        const into = buffer.subarray(0, 1 + random(buffer.byteLength));
        const first = yield* select(
          { read: pair.client.read(into), drop: yieldNow() },
          { biased: true },
        );
        if (first.key === "drop") {
          drops++;
        } else if (first.value === null) {
          return got;
        } else {
          checkFrom(got, into.subarray(0, first.value), seed);
          got += first.value;
        }
      }
    });
    const [, got] = await run(join([sending, receiving]));
    assertEquals(got, total, `seed ${seed}`);
    assertGreater(drops, 2000);
  },
);

scriptedTest(
  "budget: a reader with plenty to read lets the others run",
  (network) => {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock, taskBudget: 16 });
    using stream = openStream(network).stream;
    let others = 0;
    const other = executor.spawn(co(function* () {
      for (;;) {
        others++;
        yield* yieldNow();
      }
    }));
    let got = 0;
    const reader = executor.spawn(co(function* () {
      const into = new Uint8Array(1);
      while (got < 16_000) got += (yield* stream.read(into)) ?? 0;
      other[Symbol.dispose]();
    }));
    network.onCall = (call) => {
      if (call.op === "read") {
        clock.macrotask(() => network.arrives(new Uint8Array(4000)));
      }
    };
    clock.settle();
    assert(reader.isFinished);
    assertEquals(got, 16_000);
    assertGreater(others, 16_000 / 16 - 2);
  },
);

socketTest(
  "budget: over a real socket too, beside a task that counts",
  async () => {
    using pair = await connectedPair();
    await run(pair.server.writeAll(new Uint8Array(8_192)));
    let others = 0;
    using _other = spawn(co(function* () {
      for (;;) {
        others++;
        yield* yieldNow();
      }
    }));
    const got = await run(co(function* () {
      const stream: TcpStream = pair.client;
      const into = new Uint8Array(1);
      let got = 0;
      while (got < 8_192) got += (yield* stream.read(into)) ?? 0;
      return got;
    }));
    assertEquals(got, 8_192);
    assertGreater(others, 8_192 / 128 - 2);
  },
);
