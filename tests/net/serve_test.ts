import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor, JoinError, type JoinHandle } from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import { co, type Future, lazy, Pending, pending } from "../../future/mod.ts";
import {
  NetError,
  serve,
  type ServeOptions,
  type Server,
  TcpListener,
  type TcpStream,
} from "../../net/mod.ts";
import {
  type ScriptedNetwork,
  type ScriptedStream,
  scriptedTest,
} from "./_scripted_network.ts";

type Handler = (stream: TcpStream) => Future<unknown>;

/** A server on an executor of its own, with a clock to be moved by hand. */
class Serving implements Disposable {
  readonly clock = new VirtualClock();
  readonly unjoined: unknown[] = [];
  readonly executor: Executor;
  readonly server: Server<TcpStream>;
  readonly task: JoinHandle<number>;
  readonly network: ScriptedNetwork;

  constructor(
    network: ScriptedNetwork,
    handler: Handler,
    options?: ServeOptions,
  ) {
    this.network = network;
    this.executor = new Executor({
      host: this.clock,
      unjoined: (error) => this.unjoined.push(error.cause),
    });
    const listener = TcpListener.bind({ port: 80, network });
    this.server = serve(listener, handler, options);
    this.task = this.executor.spawn(this.server);
    pollOnce(this.task); // joined: how it ends is no surprise
    this.clock.settle();
  }

  /** A peer connects. */
  connects(): ScriptedStream {
    const socket = this.network.socket();
    this.network.take("accept").done.resolve(socket);
    this.clock.settle();
    return socket;
  }

  /** The accept in flight fails. */
  acceptFails(error: Error): void {
    this.network.take("accept").done.reject(error);
    this.clock.settle();
  }

  [Symbol.dispose](): void {
    this.task[Symbol.dispose]();
    this.clock.settle();
    this.executor[Symbol.dispose]();
  }
}

const forEver: Handler = () => pending();

function shortage(code: string): Error {
  return Object.assign(new Error("too many"), { code });
}

/** What a task failed with. */
function failureOf(task: JoinHandle<unknown>): unknown {
  return assertThrows(() => pollOnce(task), JoinError).cause;
}

scriptedTest("serve: nothing is accepted before the first poll", (network) => {
  const listener = TcpListener.bind({ port: 80, network });
  const server = serve(listener, forEver);
  assertEquals(network.has("accept"), false);
  server[Symbol.dispose]();
  assert(listener.isClosed, "the server owns it from the beginning");
});

scriptedTest("serve: connections are served beside each other", (network) => {
  using serving = new Serving(network, forEver);
  const sockets = [serving.connects(), serving.connects()];
  assertEquals(serving.server.connections, 2);
  assertEquals(sockets.map(({ isClosed }) => isClosed), [false, false]);
  assert(network.has("accept"), "and more are waited for");
});

scriptedTest("serve: the stream is closed when its handler ends", (network) => {
  const streams: TcpStream[] = [];
  using serving = new Serving(
    network,
    (stream) => lazy(() => void streams.push(stream)),
  );
  const socket = serving.connects();
  assert(socket.isClosed);
  assertEquals([streams.length, serving.server.connections], [1, 0]);
});

scriptedTest(
  "serve: while it is full nothing is accepted, and then again",
  (network) => {
    const streams: TcpStream[] = [];
    const handler: Handler = (stream) =>
      co(function* () {
        streams.push(stream);
        yield* stream.read(new Uint8Array(1));
      });
    using serving = new Serving(network, handler, { maxConnections: 2 });
    serving.connects();
    serving.connects();
    assertEquals(network.has("accept"), false);
    network.ends(); // what the first one reads
    serving.clock.settle();
    assertEquals(serving.server.connections, 1);
    assert(network.has("accept"));
  },
);

scriptedTest(
  "serve: peers that were gone before they were accepted are passed over",
  (network) => {
    using serving = new Serving(network, forEver);
    serving.acceptFails(new Deno.errors.NotConnected("gone"));
    serving.connects();
    assertEquals(serving.server.connections, 1);
  },
);

scriptedTest(
  "serve: short of open files it waits, longer each time, and starts anew after a success",
  (network) => {
    const errors: unknown[] = [];
    using serving = new Serving(network, forEver, {
      backoff: { initial: 10, max: 30 },
      onError: (error) => errors.push(error),
    });
    const waits: number[] = [];
    for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]) {
      serving.acceptFails(shortage(code));
      let waited = 0;
      while (!network.has("accept")) {
        serving.clock.advance(1);
        waited++;
      }
      waits.push(waited);
    }
    assertEquals(waits, [10, 20, 30, 30]);
    assertEquals(errors.length, 4);
    assertInstanceOf(errors[0], NetError);
    serving.connects();
    serving.acceptFails(shortage("EMFILE"));
    serving.clock.advance(9);
    assertEquals(network.has("accept"), false);
    serving.clock.advance(1);
    assert(network.has("accept"));
  },
);

scriptedTest(
  "serve: what onError throws is reported, and the server goes on",
  (network) => {
    const bad = new Error("bad hook");
    using serving = new Serving(network, forEver, {
      backoff: { initial: 10 },
      onError: () => {
        throw bad;
      },
    });
    const socket = serving.connects();
    const error = assertThrows(() => serving.acceptFails(shortage("EMFILE")));
    assertStrictEquals(error, bad); // the clock's host had it as unhandled
    assertEquals([serving.task.isFinished, socket.isClosed], [false, false]);
    serving.clock.advance(10);
    serving.connects();
    assertEquals(serving.server.connections, 2);
  },
);

Deno.test("serve: a listener whose close throws keeps no handler alive", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const bad = new Error("bad close");
  let dropped = 0;
  const streams = [1, 2].map(() => ({
    [Symbol.dispose]: () => void dropped++,
  }));
  const failures: unknown[] = [];
  const listener = {
    pollAccept: () => streams.pop() ?? Pending,
    close() {
      throw bad;
    },
  };
  const task = executor.spawn(serve(listener, () => pending()));
  clock.settle();
  assertEquals(executor.taskCount, 3);
  task[Symbol.dispose]();
  try {
    clock.settle();
  } catch (error) {
    failures.push(error);
  }
  assertEquals(failures, [bad]);
  assertEquals([dropped, executor.taskCount], [2, 0]);
});

scriptedTest(
  "serve: any other failure to accept ends it, and its connections",
  (network) => {
    using serving = new Serving(network, forEver);
    const socket = serving.connects();
    serving.acceptFails(shortage("EINVAL"));
    const error = failureOf(serving.task);
    assertInstanceOf(error, NetError);
    assertEquals(error.phase, "accept");
    assert(socket.isClosed);
    assertEquals(serving.executor.timerCount, 0);
  },
);

scriptedTest(
  "serve: a peer that is lost is no failure, and others go on",
  (network) => {
    using serving = new Serving(
      network,
      (stream) => stream.read(new Uint8Array(1)),
    );
    const sockets = [serving.connects(), serving.connects()];
    network.take("read").done.reject(new Deno.errors.ConnectionReset("reset"));
    serving.clock.settle();
    assertEquals(sockets.map(({ isClosed }) => isClosed), [true, false]);
    assertEquals(serving.unjoined, []);
  },
);

scriptedTest(
  "serve: a handler's own failure is reported as that of a task is",
  (network) => {
    const bug = new Error("a bug");
    using serving = new Serving(network, () =>
      lazy(() => {
        throw bug;
      }));
    const socket = serving.connects();
    serving.clock.settle();
    assertEquals(serving.unjoined, [bug]);
    assert(socket.isClosed);
    assert(network.has("accept"), "the server goes on");
  },
);

scriptedTest("serve: onError hears of all failures instead", (network) => {
  const errors: unknown[] = [];
  const bug = new Error("a bug");
  const handlers: Handler[] = [
    (stream) => stream.read(new Uint8Array(1)),
    () => {
      throw bug; // not even a future
    },
    () => Promise.resolve() as unknown as Future<void>,
  ];
  using serving = new Serving(network, (stream) => handlers.shift()!(stream), {
    onError: (error) => errors.push(error),
  });
  serving.connects();
  network.take("read").done.reject(new Deno.errors.ConnectionReset("reset"));
  serving.clock.settle();
  const sockets = [serving.connects(), serving.connects()];
  assertInstanceOf(errors[0], NetError);
  assertStrictEquals(errors[1], bug);
  assertInstanceOf(errors[2], TypeError);
  assertEquals(errors.length, 3);
  assert(sockets.every(({ isClosed }) => isClosed));
  assertEquals(serving.unjoined, []);
});

scriptedTest(
  "stop: no more are accepted, and it ends when the last has ended",
  (network) => {
    using serving = new Serving(
      network,
      (stream) => stream.read(new Uint8Array(1)),
    );
    const socket = serving.connects();
    serving.server.stop();
    serving.clock.settle();
    assertEquals(network.log.at(-1), "close listener");
    assertEquals(pollOnce(serving.task), Pending);
    assert(!socket.isClosed, "it may finish");
    network.arrives("x");
    serving.clock.settle();
    assertEquals(pollOnce(serving.task), 0);
    assert(socket.isClosed);
    assertEquals(serving.executor.timerCount, 0);
    serving.server.stop(); // does nothing any more
  },
);

scriptedTest("stop: with nothing open it ends at once", (network) => {
  using serving = new Serving(network, forEver);
  serving.server.stop();
  serving.clock.settle();
  assertEquals(pollOnce(serving.task), 0);
});

scriptedTest("stop: those left when their time is over are cut", (network) => {
  using serving = new Serving(network, forEver);
  const sockets = [serving.connects(), serving.connects()];
  serving.server.stop({ grace: 100 });
  serving.clock.advance(99);
  assertEquals(pollOnce(serving.task), Pending);
  serving.clock.advance(1);
  assertEquals(pollOnce(serving.task), 2);
  assert(sockets.every(({ isClosed }) => isClosed));
  assertEquals(serving.unjoined, []);
});

scriptedTest("stop: called again it sets the time anew", (network) => {
  using serving = new Serving(network, forEver);
  serving.connects();
  serving.server.stop();
  serving.clock.advance(1000);
  assertEquals(pollOnce(serving.task), Pending);
  serving.server.stop({ grace: 0 });
  serving.clock.settle();
  serving.clock.advance(0);
  assertEquals(pollOnce(serving.task), 1);
  assertEquals(serving.executor.timerCount, 0);
});

scriptedTest("stop: while it waits for open files it ends, too", (network) => {
  using serving = new Serving(network, forEver);
  serving.acceptFails(shortage("EMFILE"));
  assertEquals(serving.executor.timerCount, 1);
  serving.server.stop();
  serving.clock.settle();
  assertEquals(pollOnce(serving.task), 0);
  assertEquals(serving.executor.timerCount, 0);
});

scriptedTest("drop: listener, connections and timers are gone", (network) => {
  using serving = new Serving(network, forEver);
  const sockets = [serving.connects(), serving.connects()];
  serving.acceptFails(shortage("EMFILE"));
  serving.task[Symbol.dispose]();
  assert(sockets.every(({ isClosed }) => isClosed));
  assertEquals(network.log.filter((entry) => entry === "close listener"), [
    "close listener",
  ]);
  serving.clock.settle();
  assertEquals([serving.executor.timerCount, serving.unjoined], [0, []]);
  assertEquals(serving.server.connections, 0);
});

scriptedTest(
  "drop: the handlers are dropped, and those that have begun only",
  (network) => {
    const trace: string[] = [];
    const handler: Handler = () => {
      const future = pending();
      trace.push("made");
      future[Symbol.dispose] = () => void trace.push("dropped");
      return future;
    };
    using serving = new Serving(network, handler);
    serving.connects();
    serving.task[Symbol.dispose]();
    assertEquals(trace, ["made", "dropped"]);
  },
);

scriptedTest("drop: from inside a handler, which ends after", (network) => {
  let server: Server<TcpStream> | null = null;
  using serving = new Serving(network, () =>
    lazy(() => {
      server![Symbol.dispose]();
      return "said";
    }));
  server = serving.server;
  const socket = serving.connects();
  assert(socket.isClosed);
  assertEquals(serving.unjoined, []);
});

scriptedTest("serve: what is no option is refused at the call", (network) => {
  using listener = TcpListener.bind({ port: 80, network });
  const bad: [options: unknown, error: typeof TypeError | typeof RangeError][] =
    [
      [null, TypeError],
      [{ maxConnections: 0 }, RangeError],
      [{ maxConnections: 1.5 }, RangeError],
      [{ maxConnections: "1" }, TypeError],
      [{ backoff: 5 }, TypeError],
      [{ backoff: { initial: -1 } }, RangeError],
      [{ backoff: { max: NaN } }, RangeError],
      [{ onError: "log" }, TypeError],
      [{ maxConnection: 5 }, TypeError],
      [{ backoff: { initially: 5 } }, TypeError],
    ];
  for (const [options, error] of bad) {
    assertThrows(
      () => serve(listener, forEver, options as ServeOptions),
      error,
      "Cannot use",
    );
  }
  const anything = (value: unknown) => value as never;
  assertThrows(
    () => serve(anything(network), forEver),
    TypeError,
    "it is no listener",
  );
  assertThrows(
    () => serve(listener, anything("log")),
    TypeError,
    "it takes a function, got string",
  );
  const server = serve(listener, forEver);
  assertThrows(() => server.stop({ grace: -1 }), RangeError);
  assertThrows(() => server.stop(anything({ gracious: 1 })), TypeError, "grac");
  assertThrows(() => server.stop(anything(null)), TypeError, "Cannot use");
  server[Symbol.dispose]();
});
