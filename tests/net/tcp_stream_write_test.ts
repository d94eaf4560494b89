import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import {
  Budget,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { ConnectionLost, NetError } from "../../net/mod.ts";
import { openStream, scriptedTest } from "./_scripted_network.ts";
import { bytes } from "./_sockets.ts";

const cx = { waker: noopWaker };

scriptedTest(
  "writeAll: partial writes go on where the last one ended",
  (network) => {
    using stream = openStream(network).stream;
    const write = stream.writeAll(bytes("abcdefg"));
    assertEquals(network.log, [], "nothing is sent before the first poll");
    const sent: string[] = [];
    for (const n of [3, 1, 3]) {
      assertEquals(pollOnce(write), Pending);
      sent.push(network.sends(n));
    }
    assertEquals(pollOnce(write), undefined);
    assertEquals(sent, ["abc", "d", "efg"]);
    assertEquals(network.log, ["write 7", "write 4", "write 3"]);
  },
);

scriptedTest(
  "writeAll: the platform is given the caller's own bytes, not a copy",
  (network) => {
    using stream = openStream(network).stream;
    const whole = new Uint8Array(1 << 20);
    const write = stream.writeAll(whole.subarray(10, 1000));
    const offsets: number[] = [];
    for (let i = 0; i < 3; i++) {
      pollOnce(write);
      const { bytes, done } = network.take("write");
      assertStrictEquals(bytes.buffer, whole.buffer);
      offsets.push(bytes.byteOffset);
      done.resolve(330);
    }
    assertEquals(pollOnce(write), undefined);
    assertEquals(offsets, [10, 340, 670]);
  },
);

scriptedTest(
  "writeAll: nothing to send is done at once, without I/O",
  (network) => {
    using stream = openStream(network).stream;
    assertEquals(pollOnce(stream.writeAll(new Uint8Array(0))), undefined);
    assertEquals(stream.pollWrite(cx, new Uint8Array(0)), 0);
    assertEquals(network.log, []);
  },
);

scriptedTest(
  "pollWrite: polled again, the same bytes are one write",
  (network) => {
    using stream = openStream(network).stream;
    const message = bytes("hello");
    assertEquals(stream.pollWrite(cx, message), Pending);
    // Another view of the same place is the same bytes.
    assertEquals(stream.pollWrite(cx, message.subarray(0)), Pending);
    assertEquals(network.log, ["write 5"]);
    network.sends(2);
    assertEquals(stream.pollWrite(cx, message.subarray(0)), 2);
    assertEquals(network.log, ["write 5"]);
  },
);

scriptedTest(
  "pollWrite: other bytes wait until those before are through",
  (network) => {
    using stream = openStream(network).stream;
    const waker = wakeCounter();
    const [first, second] = [bytes("first"), bytes("second")];
    assertEquals(stream.pollWrite(cx, first), Pending);
    assertEquals(stream.pollWrite({ waker }, second), Pending);
    assertEquals(network.log, ["write 5"]);
    assertEquals(network.sends(3), "fir", "never interleaved with the second");
    assertEquals(waker.count, 1);
    assertEquals(stream.pollWrite({ waker }, second), Pending);
    assertEquals(network.sends(), "second");
    assertEquals(stream.pollWrite({ waker }, second), 6);
    assertEquals(network.log, ["write 5", "write 6"]);
  },
);

scriptedTest(
  "pollWrite: bytes are told apart by buffer, by offset and by length",
  (network) => {
    using stream = openStream(network).stream;
    const buffer = bytes("abcdef");
    const others = [
      bytes("abc"),
      buffer.subarray(1, 4),
      buffer.subarray(0, 2),
    ];
    for (const other of others) {
      assertEquals(stream.pollWrite(cx, buffer.subarray(0, 3)), Pending);
      assertEquals(network.sends(), "abc");
      assertEquals(
        stream.pollWrite(cx, other),
        Pending,
        "that was not its own",
      );
      network.sends();
      assertEquals(stream.pollWrite(cx, other), other.byteLength);
    }
  },
);

scriptedTest(
  "pollWrite: bytes under way are known when there are more behind them",
  (network) => {
    using stream = openStream(network).stream;
    const buffer = bytes("abcdef");
    assertEquals(stream.pollWrite(cx, buffer.subarray(0, 3)), Pending);
    assertEquals(network.sends(2), "ab");
    assertEquals(stream.pollWrite(cx, buffer), 2);
  },
);

scriptedTest(
  "writeAll: after a dropped one, other bytes start from their beginning",
  (network) => {
    using stream = openStream(network).stream;
    const dropped = stream.writeAll(bytes("dropped"));
    pollOnce(dropped);
    dropped[Symbol.dispose]();
    const next = stream.writeAll(bytes("next"));
    assertEquals(pollOnce(next), Pending);
    assertEquals(network.log, ["write 7"]);
    assertEquals(network.sends(4), "drop");
    assertEquals(pollOnce(next), Pending);
    assertEquals(network.sends(), "next");
    assertEquals(pollOnce(next), undefined);
  },
);

scriptedTest(
  "writeAll: after a dropped one, the same buffer is sent again, for it may hold something else",
  (network) => {
    for (const settledBefore of ["drop", "reuse", "poll"]) {
      using stream = openStream(network).stream;
      const scratch = bytes("one");
      const dropped = stream.writeAll(scratch);
      pollOnce(dropped);
      if (settledBefore === "drop") network.sends();
      dropped[Symbol.dispose]();
      if (settledBefore === "reuse") network.sends();
      scratch.set(bytes("two"));
      const next = stream.writeAll(scratch);
      assertEquals(pollOnce(next), Pending);
      if (settledBefore === "poll") {
        network.sends();
        assertEquals(pollOnce(next), Pending);
      }
      assertEquals(network.sends(), "two");
      assertEquals(pollOnce(next), undefined);
    }
  },
);

scriptedTest(
  "writeAll: dropped before its first poll it has touched nothing",
  (network) => {
    using stream = openStream(network).stream;
    const message = bytes("hello");
    const write = stream.writeAll(message);
    pollOnce(write);
    stream.writeAll(message)[Symbol.dispose]();
    network.sends();
    assertEquals(
      pollOnce(write),
      undefined,
      "the write under way is still its own",
    );
    assertEquals(network.log, ["write 5"]);
  },
);

scriptedTest(
  "writeAll: a second one fails and leaves the first alone",
  (network) => {
    using stream = openStream(network).stream;
    const waker = wakeCounter();
    const first = stream.writeAll(bytes("first"));
    pollOnce(first, waker);
    for (
      const second of [stream.writeAll(bytes("second")), stream.shutdown()]
    ) {
      const error = assertThrows(() => pollOnce(second), NetError);
      assertStrictEquals(error.constructor, NetError);
      assertEquals(
        error.message,
        "Cannot write to 10.0.0.1:80: another write is waiting; one at a time",
      );
      assertEquals([error.phase, error.address], ["write", "10.0.0.1:80"]);
      second[Symbol.dispose]();
    }
    network.sends();
    assertEquals(waker.count, 1);
    assertEquals(pollOnce(first), undefined);
    assertEquals(network.log, ["write 5"]);
  },
);

scriptedTest(
  "write: the waker of the last poll is the one that is called",
  (network) => {
    using stream = openStream(network).stream;
    const [first, second] = [wakeCounter(), wakeCounter()];
    using write = stream.writeAll(bytes("x"));
    pollOnce(write, first);
    pollOnce(write, second);
    network.sends();
    assertEquals([first.count, second.count], [0, 1]);
  },
);

scriptedTest("write: a failure is reported ever after", (network) => {
  using stream = openStream(network).stream;
  const write = stream.writeAll(bytes("hello"));
  pollOnce(write);
  const cause = new Deno.errors.BrokenPipe("Broken pipe");
  network.take("write").done.reject(cause);
  const error = assertThrows(() => pollOnce(write), ConnectionLost);
  assertEquals(
    error.message,
    "Cannot write to 10.0.0.1:80: the peer has closed the connection",
  );
  assertEquals([error.phase, error.address], ["write", "10.0.0.1:80"]);
  assertStrictEquals(error.cause, cause);
  const again = [
    () => pollOnce(stream.writeAll(bytes("hello"))),
    () => pollOnce(stream.shutdown()),
    () => stream.pollFlush(cx),
    () => stream.pollWrite(cx, bytes("hello")),
  ];
  for (const act of again) assertStrictEquals(assertThrows(act), error);
  assertEquals(network.log, ["write 5"], "the platform is not asked again");
});

scriptedTest(
  "write: the failure of a dropped one is the failure of what follows",
  (network) => {
    const followers = [
      (stream: ReturnType<typeof openStream>["stream"]) =>
        pollOnce(stream.writeAll(bytes("next"))),
      (stream: ReturnType<typeof openStream>["stream"]) => stream.pollFlush(cx),
      (stream: ReturnType<typeof openStream>["stream"]) =>
        pollOnce(stream.shutdown()),
    ];
    for (const follow of followers) {
      using stream = openStream(network).stream;
      const dropped = stream.writeAll(bytes("dropped"));
      pollOnce(dropped);
      dropped[Symbol.dispose]();
      network.take("write").done.reject(new Deno.errors.BrokenPipe("?"));
      const error = assertThrows(() => follow(stream), ConnectionLost);
      assertEquals(error.phase, "write");
    }
  },
);

scriptedTest("write: it cannot be polled after its end", (network) => {
  using stream = openStream(network).stream;
  const completed = stream.writeAll(new Uint8Array(0));
  pollOnce(completed);
  const dropped = stream.writeAll(bytes("x"));
  dropped[Symbol.dispose]();
  assertThrows(
    () => pollOnce(completed),
    PolledAfterCompletionError,
    "Cannot poll WriteAll: it already completed",
  );
  assertThrows(
    () => pollOnce(dropped),
    PolledAfterCompletionError,
    "Cannot poll WriteAll: it was dropped",
  );
});

scriptedTest(
  "write: each that was sent takes a unit of the budget",
  (network) => {
    using stream = openStream(network).stream;
    const waker = wakeCounter();
    const budget = new Budget(1);
    const limited = { waker, budget };
    const message = bytes("ab");
    assertEquals(stream.pollWrite(limited, message), Pending);
    assert(!budget.exhausted, "waiting costs nothing");
    network.sends();
    budget.spend();
    waker.reset();
    assertEquals(stream.pollWrite(limited, message), Pending);
    assertEquals(waker.count, 1);
    budget.refill();
    assertEquals(
      stream.pollWrite(limited, message),
      2,
      "what was sent is kept",
    );
    assert(budget.exhausted);
  },
);

scriptedTest(
  "pollFlush: it waits for the write under way, and leaves its outcome",
  (network) => {
    using stream = openStream(network).stream;
    const waker = wakeCounter();
    const message = bytes("hello");
    assertEquals(stream.pollFlush(cx), undefined);
    stream.pollWrite(cx, message);
    assertEquals(stream.pollFlush({ waker }), Pending);
    network.sends();
    assertEquals(waker.count, 1);
    assertEquals(stream.pollFlush({ waker }), undefined);
    assertEquals(stream.pollWrite(cx, message), 5);
    assertEquals(network.log, ["write 5"]);
  },
);
