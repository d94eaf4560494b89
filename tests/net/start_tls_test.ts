import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor, JoinError } from "../../executor/mod.ts";
import { pollOnce, VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import {
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import {
  ConnectionLost,
  ConnectTimeout,
  NetError,
  TlsHandshakeFailed,
  TlsStream,
} from "../../net/mod.ts";
import { openStream, scriptedTest } from "./_scripted_network.ts";
import { bytes } from "./_sockets.ts";

const options = { serverName: "example.test" };

scriptedTest(
  "startTls: it goes from TCP to TLS, with what it was told",
  (network) => {
    const { stream } = openStream(network);
    const start = stream.startTls({
      ...options,
      alpnProtocols: ["h2", "http/1.1"],
    });
    assertEquals(network.log, [], "nothing before the first poll");
    assertEquals(pollOnce(start), Pending);
    const call = network.take("startTls");
    network.pending.push(call);
    assertEquals(call.params, {
      serverName: "example.test",
      caCerts: [],
      alpnProtocols: ["h2", "http/1.1"],
    });
    network.tlsStarted();
    assertEquals(pollOnce(start), Pending);
    network.take("handshake").done.resolve("http/1.1");
    const tls = pollOnce(start);
    assert(tls instanceof TlsStream);
    assertEquals(tls.alpnProtocol, "http/1.1");
    assertEquals(network.log, ["startTls", "handshake"]);
    tls.close();
  },
);

scriptedTest(
  "startTls: the stream below is of no use any more, and closes nothing",
  (network) => {
    const { stream } = openStream(network);
    const start = stream.startTls(options);
    pollOnce(start);
    const error = assertThrows(
      () => pollOnce(stream.read(new Uint8Array(1))),
      NetError,
    );
    assertEquals(
      error.message,
      "Cannot read from 10.0.0.1:80: the stream was handed over to TLS",
    );
    stream.close();
    assertEquals(network.log, ["startTls"]);
    assertThrows(
      () => pollOnce(stream.startTls(options)),
      NetError,
      "handed over",
    );
    start[Symbol.dispose]();
  },
);

scriptedTest(
  "startTls: refused while the stream is in use, which it does not disturb",
  (network) => {
    const { stream } = openStream(network);
    const refused = (why: string) => {
      const start = stream.startTls(options);
      const error = assertThrows(() => pollOnce(start), NetError);
      assertEquals(
        error.message,
        `Cannot agree on TLS with 10.0.0.1:80: ${why}`,
      );
      assertEquals(error.phase, "handshake");
      assertThrows(() => pollOnce(start), PolledAfterCompletionError);
    };
    const reading = "a read is under way, or what it has read is not consumed";
    const writing = "a write is under way, or the stream was shut down";

    const read = stream.read(new Uint8Array(1));
    pollOnce(read);
    refused(reading);
    read[Symbol.dispose]();
    refused(reading); // it is under way still
    network.arrives("ab");
    refused(reading); // an attacker may have put them there
    assertEquals(pollOnce(stream.read(new Uint8Array(1))), 1);
    refused(reading);
    assertEquals(pollOnce(stream.read(new Uint8Array(1))), 1);

    const write = stream.writeAll(bytes("x"));
    pollOnce(write);
    refused(writing);
    network.sends();
    refused(writing);
    pollOnce(write);

    const start = stream.startTls(options); // nothing is in the way any more
    assertEquals(pollOnce(start), Pending);
    start[Symbol.dispose]();
  },
);

scriptedTest(
  "startTls: refused after a shutdown, and on a closed or broken stream",
  (network) => {
    const { stream } = openStream(network);
    const shutdown = stream.shutdown();
    pollOnce(shutdown);
    assertThrows(
      () => pollOnce(stream.startTls(options)),
      NetError,
      "shut down",
    );
    network.take("closeWrite").done.resolve();
    pollOnce(shutdown);
    assertThrows(
      () => pollOnce(stream.startTls(options)),
      NetError,
      "shut down",
    );
    stream.close();
    assertThrows(() => pollOnce(stream.startTls(options)), NetError, "closed");

    const broken = openStream(network).stream;
    pollOnce(broken.writeAll(bytes("x")));
    network.take("write").done.reject(new Deno.errors.BrokenPipe("broken"));
    assertThrows(() => pollOnce(broken.startTls(options)), ConnectionLost);
    broken.close();
  },
);

scriptedTest(
  "startTls: what fails it is a TlsHandshakeFailed, and closes the socket",
  (network) => {
    for (const at of ["startTls", "handshake"] as const) {
      const { stream } = openStream(network);
      const start = stream.startTls(options);
      pollOnce(start);
      if (at === "handshake") {
        network.tlsStarted();
        pollOnce(start);
      }
      const cause = new Deno.errors.InvalidData("UnknownIssuer");
      network.take(at).done.reject(cause);
      const error = assertThrows(() => pollOnce(start), TlsHandshakeFailed);
      assertEquals(
        error.message,
        "Cannot agree on TLS with 10.0.0.1:80: its certificate was issued by nobody that is trusted here",
      );
      assertEquals([error.phase, error.address], ["handshake", "10.0.0.1:80"]);
      assertStrictEquals(error.cause, cause);
      assert(network.sockets.every(({ isClosed }) => isClosed));
    }
  },
);

scriptedTest(
  "startTls: a network that throws, or has no TLS, fails it",
  (network) => {
    const boom = new Error("boom");
    for (const how of ["startTls", "handshake", "none"]) {
      const { stream, socket } = openStream(network);
      if (how === "startTls") {
        socket.startTls = () => {
          socket.isClosed = true; // taken over all the same
          throw boom;
        };
      }
      if (how === "none") Object.assign(socket, { startTls: undefined });
      const start = stream.startTls(options);
      const error = assertThrows(() => {
        pollOnce(start);
        network.tlsStarted().handshake = () => {
          throw boom;
        };
        pollOnce(start);
      }, NetError);
      assertEquals(
        error.message,
        `Cannot agree on TLS with 10.0.0.1:80: ${
          how === "none" ? "this network has no TLS" : "boom"
        }`,
      );
      assert(network.sockets.every(({ isClosed }) => isClosed), how);
    }
  },
);

scriptedTest("startTls: it has a time of its own", (network) => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const { stream } = openStream(network);
  const task = executor.spawn(stream.startTls({ ...options, timeout: 40 }));
  pollOnce(task);
  clock.settle();
  network.tlsStarted();
  clock.advance(39);
  assertEquals(pollOnce(task), Pending);
  clock.advance(1);
  const error = assertThrows(() => pollOnce(task), JoinError).cause;
  assertInstanceOf(error, ConnectTimeout);
  assertEquals(error.phase, "handshake");
  assertEquals(
    error.message,
    "Cannot agree on TLS with 10.0.0.1:80: it took more than 40 ms",
  );
  assert(network.sockets.every(({ isClosed }) => isClosed));
  assertEquals(executor.timerCount, 0);
});

scriptedTest("startTls: in time, its timer is gone", (network) => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const { stream } = openStream(network);
  const task = executor.spawn(stream.startTls({ ...options, timeout: 40 }));
  clock.settle();
  network.tlsStarted();
  clock.settle();
  network.take("handshake").done.resolve(null);
  clock.settle();
  const tls = pollOnce(task);
  assert(tls instanceof TlsStream);
  assertEquals(executor.timerCount, 0);
  tls.close();
});

scriptedTest(
  "truncation: a TLS stream that is cut is a ConnectionLost that says so, ever after",
  (network) => {
    const connect = TlsStream.connect("10.0.0.1:443", { network });
    pollOnce(connect);
    network.connected();
    pollOnce(connect);
    network.tlsStarted();
    pollOnce(connect);
    network.take("handshake").done.resolve(null);
    const stream = pollOnce(connect);
    assert(stream !== Pending);
    stream.pollFillBuf({ waker: noopWaker });
    network.take("read").done.reject(new Deno.errors.UnexpectedEof("eof"));
    for (let i = 0; i < 2; i++) {
      const error = assertThrows(
        () => pollOnce(stream.read(new Uint8Array(1))),
        ConnectionLost,
      );
      assertEquals(error.truncated, true);
      assertEquals(
        error.message,
        "Cannot read from 10.0.0.1:80: the connection was cut before its end was announced",
      );
    }
    stream.close();
  },
);

scriptedTest("truncation: another loss is none", (network) => {
  const { stream } = openStream(network);
  stream.pollFillBuf({ waker: noopWaker });
  network.take("read").done.reject(new Deno.errors.ConnectionReset("reset"));
  const error = assertThrows(
    () => pollOnce(stream.read(new Uint8Array(1))),
    ConnectionLost,
  );
  assertEquals(error.truncated, false);
  stream.close();
});

scriptedTest("startTls: nobody is woken who has left", (network) => {
  const { stream } = openStream(network);
  const waker = wakeCounter();
  const start = stream.startTls(options);
  pollOnce(start, waker);
  network.tlsStarted();
  pollOnce(start, waker);
  waker.reset();
  start[Symbol.dispose]();
  network.interrupt();
  assertEquals(waker.count, 0);
});
