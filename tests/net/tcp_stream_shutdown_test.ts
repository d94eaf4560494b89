import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import {
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { ConnectionLost, NetError } from "../../net/mod.ts";
import { openStream, scriptedTest } from "./_scripted_network.ts";
import { bytes } from "./_sockets.ts";

const cx = { waker: noopWaker };
const BROKEN = () => new Deno.errors.BrokenPipe("Broken pipe");
const RESET = () => new Deno.errors.ConnectionReset("Connection reset by peer");

scriptedTest(
  "shutdown: it ends the stream towards the peer, once",
  (network) => {
    using stream = openStream(network).stream;
    const shutdown = stream.shutdown();
    assertEquals(network.log, [], "nothing happens before the first poll");
    const waker = wakeCounter();
    assertEquals(pollOnce(shutdown, waker), Pending);
    network.take("closeWrite").done.resolve();
    assertEquals(waker.count, 1);
    assertEquals(pollOnce(shutdown), undefined);
    assertEquals(pollOnce(stream.shutdown()), undefined);
    assertEquals(stream.pollShutdown(cx), undefined);
    assertEquals(network.log, ["closeWrite"]);
    assertThrows(
      () => pollOnce(shutdown),
      PolledAfterCompletionError,
      "Cannot poll Shutdown: it already completed",
    );
  },
);

scriptedTest("shutdown: it waits for the write under way", (network) => {
  using stream = openStream(network).stream;
  const waker = wakeCounter();
  const dropped = stream.writeAll(bytes("hello"));
  pollOnce(dropped);
  dropped[Symbol.dispose]();
  const shutdown = stream.shutdown();
  assertEquals(pollOnce(shutdown, waker), Pending);
  assertEquals(network.log, ["write 5"]);
  network.sends(2);
  assertEquals(waker.count, 1);
  assertEquals(pollOnce(shutdown, waker), Pending);
  assertEquals(network.log, ["write 5", "closeWrite"]);
  network.take("closeWrite").done.resolve();
  assertEquals(pollOnce(shutdown), undefined);
});

scriptedTest("shutdown: dropped and made again, it goes on", (network) => {
  using stream = openStream(network).stream;
  const waker = wakeCounter();
  const dropped = stream.shutdown();
  pollOnce(dropped);
  dropped[Symbol.dispose]();
  const again = stream.shutdown();
  assertEquals(pollOnce(again, waker), Pending);
  network.take("closeWrite").done.resolve();
  assertEquals(waker.count, 1);
  assertEquals(pollOnce(again), undefined);
  assertEquals(network.log, ["closeWrite"]);
});

scriptedTest(
  "shutdown: from its start on, writing fails and reading goes on",
  (network) => {
    using stream = openStream(network).stream;
    const shutdown = stream.shutdown();
    pollOnce(shutdown);
    const refused = () => {
      const error = assertThrows(
        () => stream.pollWrite(cx, bytes("late")),
        NetError,
      );
      assertStrictEquals(error.constructor, NetError, "nothing was lost");
      assertEquals(
        error.message,
        "Cannot write to 10.0.0.1:80: the stream was shut down for writing",
      );
      assertEquals([error.phase, error.address], ["write", "10.0.0.1:80"]);
    };
    refused();
    network.take("closeWrite").done.resolve();
    pollOnce(shutdown);
    refused();
    assertThrows(() => pollOnce(stream.writeAll(bytes("late"))), NetError);
    assertEquals(stream.pollFlush(cx), undefined);

    const read = stream.read(new Uint8Array(8));
    pollOnce(read);
    network.arrives("still here");
    assertEquals(pollOnce(read), 8);
  },
);

scriptedTest("shutdown: after the peer's end, writing goes on", (network) => {
  using stream = openStream(network).stream;
  const read = stream.read(new Uint8Array(8));
  pollOnce(read);
  network.ends();
  assertEquals(pollOnce(read), null);
  const write = stream.writeAll(bytes("answer"));
  pollOnce(write);
  assertEquals(network.sends(), "answer");
  assertEquals(pollOnce(write), undefined);
});

scriptedTest("shutdown: a failure is reported ever after", (network) => {
  using stream = openStream(network).stream;
  const shutdown = stream.shutdown();
  pollOnce(shutdown);
  const cause = new Deno.errors.NotConnected("not connected");
  network.take("closeWrite").done.reject(cause);
  const error = assertThrows(() => pollOnce(shutdown), ConnectionLost);
  assertEquals(
    error.message,
    "Cannot shut down the stream to 10.0.0.1:80: the socket is not connected",
  );
  assertEquals([error.phase, error.address], ["shutdown", "10.0.0.1:80"]);
  assertStrictEquals(error.cause, cause);
  assertStrictEquals(assertThrows(() => pollOnce(stream.shutdown())), error);
  assertStrictEquals(
    assertThrows(() => stream.pollWrite(cx, bytes("x"))),
    error,
  );
  assertEquals(network.log, ["closeWrite"]);
});

scriptedTest(
  "false end: after a failed write a null read is the failure",
  (network) => {
    using stream = openStream(network).stream;
    const write = stream.writeAll(bytes("x"));
    pollOnce(write);
    const cause = RESET();
    network.take("write").done.reject(cause);
    assertThrows(() => pollOnce(write), ConnectionLost);
    const read = stream.read(new Uint8Array(8));
    pollOnce(read);
    network.ends();
    const error = assertThrows(() => pollOnce(read), ConnectionLost);
    assertEquals(
      error.message,
      "Cannot read from 10.0.0.1:80: the peer reset the connection",
    );
    assertEquals(error.phase, "read");
    assertStrictEquals(error.cause, cause);
    assertStrictEquals(assertThrows(() => stream.pollFillBuf(cx)), error);
  },
);

scriptedTest(
  "false end: it is noticed though the write was dropped before it failed",
  (network) => {
    using stream = openStream(network).stream;
    const write = stream.writeAll(bytes("x"));
    pollOnce(write);
    write[Symbol.dispose]();
    network.take("write").done.reject(RESET());
    const read = stream.read(new Uint8Array(8));
    pollOnce(read);
    network.ends();
    assertThrows(() => pollOnce(read), ConnectionLost);
  },
);

scriptedTest(
  "false end: it is noticed though the reader is polled before the writer",
  (network) => {
    using stream = openStream(network).stream;
    const write = stream.writeAll(bytes("x"));
    const read = stream.read(new Uint8Array(8));
    pollOnce(write);
    pollOnce(read);
    network.take("write").done.reject(BROKEN());
    network.ends();
    assertThrows(() => pollOnce(read), ConnectionLost);
    const error = assertThrows(() => pollOnce(write), ConnectionLost);
    assertEquals(error.phase, "write", "the writer hears of it all the same");
  },
);

scriptedTest(
  "false end: an end that came before the failed write was a clean one",
  (network) => {
    using stream = openStream(network).stream;
    const read = stream.read(new Uint8Array(8));
    pollOnce(read);
    network.ends();
    assertEquals(pollOnce(read), null);
    const write = stream.writeAll(bytes("x"));
    pollOnce(write);
    network.take("write").done.reject(BROKEN());
    assertThrows(() => pollOnce(write), ConnectionLost);
    assertEquals(pollOnce(stream.read(new Uint8Array(8))), null);
  },
);

scriptedTest(
  "false end: bytes that arrived are given before the failure",
  (network) => {
    using stream = openStream(network).stream;
    const into = new Uint8Array(2);
    const write = stream.writeAll(bytes("x"));
    pollOnce(write);
    const read = stream.read(into);
    pollOnce(read);
    network.arrives("abc");
    network.take("write").done.reject(RESET());
    assertEquals(pollOnce(read), 2);
    assertEquals(pollOnce(stream.read(into)), 1);
    const last = stream.read(into);
    assertEquals(pollOnce(last), Pending);
    network.ends();
    assertThrows(() => pollOnce(last), ConnectionLost);
  },
);
