import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import {
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import {
  NetError,
  openResources,
  TcpListener,
  TcpStream,
} from "../../net/mod.ts";
import { type ScriptedNetwork, scriptedTest } from "./_scripted_network.ts";

const cx = { waker: noopWaker };

function bound(network: ScriptedNetwork): TcpListener {
  const listener = TcpListener.bind({ port: 80, network });
  network.log.length = 0;
  return listener;
}

scriptedTest("bind: it listens at once, where it is told", (network) => {
  using first = TcpListener.bind({ port: 0, network });
  using second = TcpListener.bind({
    hostname: "::1",
    port: 8080,
    backlog: 7,
    network,
  });
  assertEquals(network.log, [
    "listen 127.0.0.1:0, backlog default",
    "listen [::1]:8080, backlog 7",
  ]);
  assertEquals(first.addr, { hostname: "127.0.0.1", port: 0 });
  assertEquals(second.addr, { hostname: "::1", port: 8080 });
});

scriptedTest("bind: a failure is a NetError with phase listen", (network) => {
  const before = openResources();
  network.listenError = new Deno.errors.AddrInUse("Address already in use");
  const error = assertThrows(
    () => TcpListener.bind({ port: 80, network }),
    NetError,
  );
  assertStrictEquals(error.constructor, NetError);
  assertEquals(
    error.message,
    "Cannot listen on 127.0.0.1:80: the address is in use",
  );
  assertEquals([error.phase, error.address], ["listen", "127.0.0.1:80"]);
  assertStrictEquals(error.cause, network.listenError);
  assertEquals(openResources(), before);
});

scriptedTest("accept: it completes with the stream that arrived", (network) => {
  using listener = bound(network);
  const waker = wakeCounter();
  const accept = listener.accept();
  assertEquals(network.log, [], "nothing happens before the first poll");
  assertEquals(pollOnce(accept, waker), Pending);
  assertEquals(pollOnce(accept, waker), Pending);
  assertEquals(network.log, ["accept"]);
  const socket = network.socket();
  network.take("accept").done.resolve(socket);
  assertEquals(waker.count, 1);
  const stream = pollOnce(accept);
  assert(stream instanceof TcpStream);
  assertEquals(socket.noDelay, true);
  stream.close();
});

scriptedTest(
  "accept: the waker of the last poll is the one that is called",
  (network) => {
    using listener = bound(network);
    const [first, second] = [wakeCounter(), wakeCounter()];
    using accept = listener.accept();
    pollOnce(accept, first);
    pollOnce(accept, second);
    network.take("accept").done.resolve(network.socket());
    assertEquals([first.count, second.count], [0, 1]);
  },
);

scriptedTest(
  "accept: after a drop the connection goes to the next one",
  (network) => {
    using listener = bound(network);
    for (const arrives of ["before the drop", "between", "after the next"]) {
      const socket = network.socket();
      const arrive = () => network.take("accept").done.resolve(socket);
      const dropped = listener.accept();
      pollOnce(dropped);
      if (arrives === "before the drop") arrive();
      dropped[Symbol.dispose]();
      if (arrives === "between") arrive();
      const next = listener.accept();
      if (arrives === "after the next") {
        assertEquals(pollOnce(next), Pending);
        arrive();
      }
      const stream = pollOnce(next);
      assert(stream instanceof TcpStream);
      assert(!socket.isClosed);
      stream.close();
      assert(socket.isClosed);
    }
    assertEquals(network.log.filter((entry) => entry === "accept").length, 3);
  },
);

scriptedTest(
  "accept: a second one fails and leaves the first alone",
  (network) => {
    using listener = bound(network);
    const waker = wakeCounter();
    const first = listener.accept();
    pollOnce(first, waker);
    const second = listener.accept();
    const error = assertThrows(() => pollOnce(second), NetError);
    assertEquals(
      error.message,
      "Cannot accept on 127.0.0.1:80: another accept is waiting; one at a time",
    );
    assertEquals([error.phase, error.address], ["accept", "127.0.0.1:80"]);
    network.take("accept").done.resolve(network.socket());
    assertEquals(waker.count, 1);
    const stream = pollOnce(first);
    assert(stream instanceof TcpStream);
    stream.close();
  },
);

scriptedTest(
  "accept: peers that are gone already are passed over",
  (network) => {
    using listener = bound(network);
    const accept = listener.accept();
    const waker = wakeCounter();
    for (
      const error of [
        new Deno.errors.NotConnected("Transport endpoint is not connected"),
        new Deno.errors.ConnectionReset("Connection reset by peer"),
        new Deno.errors.ConnectionAborted("Software caused connection abort"),
      ]
    ) {
      assertEquals(pollOnce(accept, waker), Pending);
      network.take("accept").done.reject(error);
      assertEquals(waker.count, 1);
      waker.reset();
    }
    assertEquals(pollOnce(accept, waker), Pending);
    network.take("accept").done.resolve(network.socket());
    const stream = pollOnce(accept);
    assert(stream instanceof TcpStream);
    stream.close();
    assertEquals(network.log.filter((entry) => entry === "accept").length, 4);
  },
);

scriptedTest(
  "accept: another failure is a NetError, and the next accept tries again",
  (network) => {
    using listener = bound(network);
    const accept = listener.accept();
    pollOnce(accept);
    const cause = new Error("Too many open files (os error 24)");
    network.take("accept").done.reject(cause);
    const error = assertThrows(() => pollOnce(accept), NetError);
    assertStrictEquals(error.constructor, NetError);
    assertEquals(
      error.message,
      "Cannot accept on 127.0.0.1:80: Too many open files (os error 24)",
    );
    assertEquals([error.phase, error.address], ["accept", "127.0.0.1:80"]);
    assertStrictEquals(error.cause, cause);
    using again = listener.accept();
    assertEquals(pollOnce(again), Pending);
    assertEquals(network.log, ["accept", "accept"]);
  },
);

scriptedTest("accept: it cannot be polled after its end", (network) => {
  using listener = bound(network);
  const dropped = listener.accept();
  dropped[Symbol.dispose]();
  assertThrows(
    () => pollOnce(dropped),
    PolledAfterCompletionError,
    "Cannot poll Accept: it was dropped",
  );
});

scriptedTest("pollAccept: by hand it does what accept does", (network) => {
  using listener = bound(network);
  const waker = wakeCounter();
  assertEquals(listener.pollAccept({ waker }), Pending);
  network.take("accept").done.resolve(network.socket());
  assertEquals(waker.count, 1);
  const stream = listener.pollAccept({ waker });
  assert(stream instanceof TcpStream);
  stream.close();
  assertEquals(listener.pollAccept(cx), Pending);
  assertEquals(network.log.filter((entry) => entry === "accept").length, 2);
});

scriptedTest("close: whoever accepts is woken, and fails", (network) => {
  const listener = bound(network);
  const waker = wakeCounter();
  const accept = listener.accept();
  pollOnce(accept, waker);
  listener.close();
  assertEquals(waker.count, 1);
  const later = listener.accept();
  const fails = [
    () => pollOnce(accept),
    () => pollOnce(later),
    () => listener.pollAccept(cx),
  ];
  for (const act of fails) {
    const error = assertThrows(act, NetError);
    assertEquals(
      error.message,
      "Cannot accept on 127.0.0.1:80: the listener was closed",
    );
    assertEquals([error.phase, error.address], ["accept", "127.0.0.1:80"]);
  }
  assertEquals(network.log, ["accept", "close listener"]);
});

scriptedTest(
  "close: a connection that nobody has taken is closed, early or late",
  (network) => {
    for (const late of [false, true]) {
      const listener = bound(network);
      const accept = listener.accept();
      pollOnce(accept);
      const socket = network.socket();
      const arrive = () => network.take("accept").done.resolve(socket);
      if (!late) arrive();
      listener.close();
      if (late) arrive();
      assert(socket.isClosed);
      assertThrows(() => pollOnce(accept), NetError, "the listener was closed");
    }
  },
);

scriptedTest("close: it is idempotent, and `using` does it", (network) => {
  const before = openResources();
  const listener = bound(network);
  assertEquals(openResources().listeners, before.listeners + 1);
  {
    using _listener = listener;
  }
  listener.close();
  listener[Symbol.dispose]();
  assertEquals(network.log, ["close listener"]);
  assertEquals(openResources(), before);
  assertEquals(listener.addr, { hostname: "127.0.0.1", port: 80 });
});
