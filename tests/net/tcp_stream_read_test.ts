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
import { text } from "./_sockets.ts";

const cx = { waker: noopWaker };
const reset = () => new Deno.errors.ConnectionReset("Connection reset by peer");

scriptedTest(
  "read: bytes that do not fit stay for the next read",
  (network) => {
    using stream = openStream(network).stream;
    const into = new Uint8Array(3);
    const read = stream.read(into);
    assertEquals(pollOnce(read), Pending);
    network.arrives("abcdefg");
    assertEquals(pollOnce(read), 3);
    assertEquals(text(into), "abc");
    assertEquals(pollOnce(stream.read(into)), 3);
    assertEquals(text(into), "def");
    assertEquals(pollOnce(stream.read(into)), 1);
    assertEquals(text(into), "gef", "only the beginning is written to");
    assertEquals(network.log, ["read"], "one read of the platform gave it all");
  },
);

scriptedTest("read: nothing is read ahead of a poll", (network) => {
  using stream = openStream(network).stream;
  using _read = stream.read(new Uint8Array(8));
  assertEquals(network.log, []);
  pollOnce(stream.read(new Uint8Array(8)));
  network.arrives("x");
  assertEquals(network.log, ["read"]);
});

scriptedTest("read: an empty buffer gets 0 bytes, without I/O", (network) => {
  using stream = openStream(network).stream;
  assertEquals(pollOnce(stream.read(new Uint8Array(0))), 0);
  assertEquals(network.log, []);
});

scriptedTest(
  "read: a view into a larger buffer is written to, and no more",
  (network) => {
    using stream = openStream(network).stream;
    const whole = new Uint8Array(6);
    const read = stream.read(whole.subarray(2, 4));
    pollOnce(read);
    network.arrives("abc");
    assertEquals(pollOnce(read), 2);
    assertEquals(whole, new Uint8Array([0, 0, 97, 98, 0, 0]));
  },
);

scriptedTest(
  "read: the bytes of a dropped read go to the next one",
  (network) => {
    using stream = openStream(network).stream;
    const into = new Uint8Array(8);
    const dropped = stream.read(into);
    pollOnce(dropped);
    dropped[Symbol.dispose]();
    const next = stream.read(into);
    assertEquals(pollOnce(next), Pending);
    assertEquals(network.log, ["read"], "there is one operation, not two");
    network.arrives("kept");
    assertEquals(pollOnce(next), 4);
    assertEquals(text(into.subarray(0, 4)), "kept");
  },
);

scriptedTest(
  "read: bytes that arrive between a drop and the next read are kept",
  (network) => {
    using stream = openStream(network).stream;
    const dropped = stream.read(new Uint8Array(8));
    pollOnce(dropped);
    network.arrives("kept");
    dropped[Symbol.dispose]();
    const into = new Uint8Array(8);
    assertEquals(pollOnce(stream.read(into)), 4);
    assertEquals(text(into.subarray(0, 4)), "kept");
  },
);

scriptedTest(
  "read: the waker of the last poll is the one that is called",
  (network) => {
    using stream = openStream(network).stream;
    const [first, second] = [wakeCounter(), wakeCounter()];
    using read = stream.read(new Uint8Array(8));
    pollOnce(read, first);
    pollOnce(read, second);
    pollOnce(read, second);
    assertEquals(first.count + second.count, 0);
    network.arrives("x");
    assertEquals([first.count, second.count], [0, 1]);
  },
);

scriptedTest(
  "read: the next reader's waker replaces that of a dropped one",
  (network) => {
    using stream = openStream(network).stream;
    const [dropped, next] = [wakeCounter(), wakeCounter()];
    const read = stream.read(new Uint8Array(8));
    pollOnce(read, dropped);
    read[Symbol.dispose]();
    using again = stream.read(new Uint8Array(8));
    pollOnce(again, next);
    network.arrives("x");
    assertEquals([dropped.count, next.count], [0, 1]);
  },
);

scriptedTest(
  "read: a second one fails and leaves the first alone",
  (network) => {
    using stream = openStream(network).stream;
    const waker = wakeCounter();
    const into = new Uint8Array(8);
    const first = stream.read(into);
    assertEquals(pollOnce(first, waker), Pending);
    const second = stream.read(new Uint8Array(8));
    const error = assertThrows(() => pollOnce(second), NetError);
    assertEquals(
      error.message,
      "Cannot read from 10.0.0.1:80: another read is waiting; one at a time",
    );
    assertEquals([error.phase, error.address], ["read", "10.0.0.1:80"]);
    assertStrictEquals(error.constructor, NetError);
    second[Symbol.dispose]();
    network.arrives("abc");
    assertEquals(waker.count, 1);
    assertEquals(pollOnce(first), 3);
    assertEquals(text(into.subarray(0, 3)), "abc");
  },
);

scriptedTest(
  "read: one that was never polled is in nobody's way",
  (network) => {
    using stream = openStream(network).stream;
    using _idle = stream.read(new Uint8Array(8));
    using read = stream.read(new Uint8Array(8));
    assertEquals(pollOnce(read), Pending);
  },
);

scriptedTest("read: the end is null, then and ever after", (network) => {
  using stream = openStream(network).stream;
  const read = stream.read(new Uint8Array(8));
  pollOnce(read);
  network.ends();
  assertEquals(pollOnce(read), null);
  assertEquals(pollOnce(stream.read(new Uint8Array(8))), null);
  assertEquals(stream.pollFillBuf(cx), null);
  assertEquals(network.log, ["read"], "the platform is not asked again");
});

scriptedTest(
  "read: a failure is reported ever after, though the platform says it once",
  (network) => {
    using stream = openStream(network).stream;
    const read = stream.read(new Uint8Array(8));
    pollOnce(read);
    const cause = reset();
    network.take("read").done.reject(cause);
    const error = assertThrows(() => pollOnce(read), ConnectionLost);
    assertEquals(
      error.message,
      "Cannot read from 10.0.0.1:80: the peer reset the connection",
    );
    assertEquals([error.phase, error.address], ["read", "10.0.0.1:80"]);
    assertStrictEquals(error.cause, cause);
    for (let i = 0; i < 3; i++) {
      const again = stream.read(new Uint8Array(8));
      assertStrictEquals(assertThrows(() => pollOnce(again)), error);
    }
    assertStrictEquals(assertThrows(() => stream.pollFillBuf(cx)), error);
    assertEquals(network.log, ["read"], "the platform is not asked again");
  },
);

scriptedTest(
  "read: a failure that a dropped read left is the next one's",
  (network) => {
    using stream = openStream(network).stream;
    const dropped = stream.read(new Uint8Array(8));
    pollOnce(dropped);
    dropped[Symbol.dispose]();
    network.take("read").done.reject(reset());
    assertThrows(
      () => pollOnce(stream.read(new Uint8Array(8))),
      ConnectionLost,
    );
  },
);

scriptedTest("read: it cannot be polled after its end", (network) => {
  using stream = openStream(network).stream;
  const completed = stream.read(new Uint8Array(8));
  pollOnce(completed);
  network.arrives("x");
  pollOnce(completed);
  const ended = (how: string) => `Cannot poll Read: it ${how}`;
  const after = (read: typeof completed, how: string) =>
    assertThrows(
      () => pollOnce(read),
      PolledAfterCompletionError,
      ended(how),
    );
  after(completed, "already completed");
  completed[Symbol.dispose]();
  after(completed, "already completed");

  const dropped = stream.read(new Uint8Array(8));
  dropped[Symbol.dispose]();
  after(dropped, "was dropped");

  using holder = stream.read(new Uint8Array(8));
  pollOnce(holder);
  const failed = stream.read(new Uint8Array(8));
  assertThrows(() => pollOnce(failed), NetError);
  after(failed, "already failed");
});

scriptedTest(
  "read: the buffer grows fourfold while reads fill it, up to 256 KiB",
  (network) => {
    using stream = openStream(network).stream;
    const sizes: number[] = [];
    for (let i = 0; i < 8; i++) {
      assertEquals(stream.pollFillBuf(cx), Pending);
      const { into, done } = network.take("read");
      sizes.push(into.byteLength / 1024);
      // A read that does not fill the buffer does not let it grow.
      const full = i !== 1;
      done.resolve(full ? into.byteLength : into.byteLength - 1);
      const view = stream.pollFillBuf(cx);
      assert(view !== Pending && view !== null);
      stream.consume(view.byteLength);
    }
    assertEquals(sizes, [4, 16, 16, 64, 256, 256, 256, 256]);
  },
);

scriptedTest(
  "read: the buffer is used again while its size stays",
  (network) => {
    using stream = openStream(network).stream;
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 4; i++) {
      const read = stream.read(new Uint8Array(8));
      pollOnce(read);
      buffers.add(
        network.pending.find((call) => call.op === "read")!.into.buffer,
      );
      network.arrives("abc");
      pollOnce(read);
    }
    assertEquals(buffers.size, 1);
  },
);

scriptedTest(
  "pollFillBuf: it gives a view that stays until it is consumed",
  (network) => {
    using stream = openStream(network).stream;
    assertEquals(stream.pollFillBuf(cx), Pending);
    network.arrives("abcd");
    const view = stream.pollFillBuf(cx);
    assert(view !== Pending && view !== null);
    assertEquals(text(view), "abcd");
    stream.consume(0);
    assertEquals(stream.pollFillBuf(cx), view);
    stream.consume(3);
    const rest = stream.pollFillBuf(cx);
    assert(rest !== Pending && rest !== null);
    assertEquals(text(rest), "d");
    assertStrictEquals(rest.buffer, view.buffer, "not a copy");
    const read = stream.pollRead(cx, new Uint8Array(8));
    assertEquals(read, 1, "reading goes on from there");
    assertEquals(stream.pollFillBuf(cx), Pending);
  },
);

scriptedTest(
  "consume: more than is there, or less than nothing, is a RangeError",
  (network) => {
    using stream = openStream(network).stream;
    assertThrows(
      () => stream.consume(1),
      RangeError,
      "Cannot consume 1 bytes: 0 are there",
    );
    stream.pollFillBuf(cx);
    network.arrives("abc");
    stream.pollFillBuf(cx);
    for (const n of [4, -1, NaN, Infinity]) {
      assertThrows(
        () => stream.consume(n),
        RangeError,
        `Cannot consume ${n} bytes: 3 are there`,
      );
    }
    stream.consume(3);
    assertThrows(() => stream.consume(1), RangeError);
  },
);

scriptedTest(
  "read: each ready answer takes a unit of the budget, and none loses a byte",
  (network) => {
    using stream = openStream(network).stream;
    const waker = wakeCounter();
    const budget = new Budget(2);
    const limited = { waker, budget };
    const into = new Uint8Array(1);
    const got: string[] = [];
    assertEquals(stream.pollRead(limited, into), Pending);
    network.arrives("abcde");
    assertEquals(waker.count, 1);
    for (let polls = 0; got.length < 5; polls++) {
      assert(polls < 5);
      budget.refill();
      waker.reset();
      while (stream.pollRead(limited, into) !== Pending) got.push(text(into));
      // Who must wait for budget has been woken already; who waits for bytes not.
      assertEquals(waker.count, got.length < 5 ? 1 : 0);
    }
    assertEquals(got, ["a", "b", "c", "d", "e"]);
  },
);

scriptedTest("pollFillBuf: it takes budget too", (network) => {
  using stream = openStream(network).stream;
  const waker = wakeCounter();
  const limited = { waker, budget: new Budget(1) };
  stream.pollFillBuf(limited);
  network.arrives("ab");
  waker.reset();
  assert(stream.pollFillBuf(limited) !== Pending);
  stream.consume(1);
  assertEquals(stream.pollFillBuf(limited), Pending);
  assertEquals(waker.count, 1);
});
