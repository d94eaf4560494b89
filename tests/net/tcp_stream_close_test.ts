import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import { noopWaker, Pending } from "../../future/mod.ts";
import { NetError, openResources, TcpStream } from "../../net/mod.ts";
import { openStream, scriptedTest } from "./_scripted_network.ts";
import { bytes } from "./_sockets.ts";

const cx = { waker: noopWaker };

const DOING = {
  read: "read from",
  write: "write to",
  shutdown: "shut down the stream to",
};

/** What each use of a closed stream fails with. */
function assertClosed(act: () => unknown, phase: keyof typeof DOING): void {
  const error = assertThrows(act, NetError);
  assertStrictEquals(error.constructor, NetError);
  assertEquals(
    error.message,
    `Cannot ${DOING[phase]} 10.0.0.1:80: the stream was closed on this side`,
  );
  assertEquals([error.phase, error.address], [phase, "10.0.0.1:80"]);
}

scriptedTest("close: whoever waits is woken, and fails", (network) => {
  const { stream } = openStream(network);
  const [reader, writer] = [wakeCounter(), wakeCounter()];
  const read = stream.read(new Uint8Array(8));
  const write = stream.writeAll(bytes("hello"));
  pollOnce(read, reader);
  pollOnce(write, writer);
  stream.close();
  assertEquals([reader.count, writer.count], [1, 1]);
  assertClosed(() => pollOnce(read), "read");
  assertClosed(() => pollOnce(write), "write");
  network.interrupt();
  assertEquals([reader.count, writer.count], [1, 1], "nobody is woken again");
});

scriptedTest("close: a shutdown that waits is woken, and fails", (network) => {
  for (const behindWrite of [true, false]) {
    const { stream } = openStream(network);
    if (behindWrite) stream.pollWrite(cx, bytes("hello"));
    const waker = wakeCounter();
    const shutdown = stream.shutdown();
    assertEquals(pollOnce(shutdown, waker), Pending);
    stream.close();
    assertEquals(waker.count, 1);
    assertClosed(() => pollOnce(shutdown), "shutdown");
    network.interrupt();
  }
});

scriptedTest("close: it is idempotent, and `using` does it", (network) => {
  const { stream } = openStream(network);
  {
    using _stream = stream;
  }
  stream.close();
  stream[Symbol.dispose]();
  assertEquals(network.log, ["close socket"]);
});

scriptedTest("close: every use afterwards fails", (network) => {
  const { stream } = openStream(network);
  stream.close();
  const into = new Uint8Array(8);
  const none = new Uint8Array(0);
  assertClosed(() => pollOnce(stream.read(into)), "read");
  assertClosed(() => pollOnce(stream.read(none)), "read");
  assertClosed(() => stream.pollRead(cx, into), "read");
  assertClosed(() => stream.pollFillBuf(cx), "read");
  assertClosed(() => pollOnce(stream.writeAll(bytes("x"))), "write");
  assertClosed(() => pollOnce(stream.writeAll(none)), "write");
  assertClosed(() => stream.pollWrite(cx, bytes("x")), "write");
  assertClosed(() => stream.pollFlush(cx), "write");
  assertClosed(() => stream.setNoDelay(true), "write");
  assertClosed(() => pollOnce(stream.shutdown()), "shutdown");
  assertClosed(() => stream.pollShutdown(cx), "shutdown");
  assertThrows(() => stream.consume(1), RangeError);
  assertEquals(network.log, ["close socket"]);
  assertEquals(stream.remoteAddr, { hostname: "10.0.0.1", port: 80 });
  assertEquals(stream.localAddr, { hostname: "10.0.0.9", port: 50_000 });
});

scriptedTest(
  "close: what had arrived or was sent already is discarded",
  (network) => {
    const { stream } = openStream(network);
    const read = stream.read(new Uint8Array(2));
    const write = stream.writeAll(bytes("hello"));
    pollOnce(read);
    pollOnce(write);
    network.arrives("abc");
    network.sends();
    stream.close();
    assertClosed(() => pollOnce(read), "read");
    assertClosed(() => pollOnce(write), "write");
    const { stream: other } = openStream(network);
    other.pollFillBuf(cx);
    network.arrives("abc");
    other.pollFillBuf(cx);
    other.close();
    assertThrows(() => other.consume(1), RangeError, "0 are there");
  },
);

scriptedTest("close: what completes late is discarded", (network) => {
  const { stream } = openStream(network);
  pollOnce(stream.read(new Uint8Array(2)));
  pollOnce(stream.writeAll(bytes("hello")));
  stream.close();
  network.arrives("abc");
  network.sends();
  assertClosed(() => stream.pollFillBuf(cx), "read");
});

scriptedTest(
  "close: operations count until the platform is done with them",
  (network) => {
    const before = openResources();
    const { stream } = openStream(network);
    assertEquals(openResources(), { ...before, streams: before.streams + 1 });
    pollOnce(stream.read(new Uint8Array(2)));
    pollOnce(stream.writeAll(bytes("hello")));
    const open = openResources();
    assertEquals(open.operations, before.operations + 2);
    stream.close();
    assertEquals(openResources(), { ...open, streams: before.streams });
    network.interrupt();
    assertEquals(openResources(), before);
  },
);

scriptedTest(
  "setNoDelay: small writes are sent at once by default, or gathered",
  (network) => {
    const { stream, socket } = openStream(network);
    using _stream = stream;
    assertEquals(socket.noDelay, true);
    stream.setNoDelay(false);
    assertEquals(socket.noDelay, false);
    stream.setNoDelay(true);
    assertEquals(socket.noDelay, true);
  },
);

scriptedTest(
  "setNoDelay: a new socket that refuses it, its peer being gone, is a stream all the same",
  (network) => {
    const connect = TcpStream.connect("10.0.0.1:80", { network });
    pollOnce(connect);
    const socket = network.socket();
    socket.optionError = new Error("Invalid argument (os error 22)");
    network.take("connect").done.resolve(socket);
    const stream = pollOnce(connect);
    if (stream === Pending) throw new Error("it is connected");
    stream.close();
  },
);
