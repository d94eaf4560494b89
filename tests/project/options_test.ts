// A name that is misspelt is an option that nobody heeds: each function that takes
// options refuses those that it has not, and says by name what it was given.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Executor,
  JoinMap,
  JoinSet,
  run,
  scope,
  shield,
  shutdown,
  spawn,
  TaskTracker,
} from "../../executor/mod.ts";
import { dumpOnSignal, observe } from "../../executor/observe/mod.ts";
import { interval } from "../../executor/time/mod.ts";
import { backoff, lazy, race, retry, select } from "../../future/mod.ts";
import {
  fromAsyncIterable,
  fromCallback,
  fromReadableStream,
  fromWritableStream,
  iter,
  toReadableStream,
} from "../../future/stream/mod.ts";
import { ChunkDecoder, ResponseParser } from "../../net/http/h1/mod.ts";
import {
  eventSource,
  HttpClient,
  type HttpResponse,
  serverSentEvents,
  SimpleHttpClient,
} from "../../net/http/mod.ts";
import {
  BufReader,
  BufWriter,
  copy,
  duplex,
  lines,
  readerStream,
  readToEnd,
} from "../../net/io/mod.ts";
import { lookupHost, TcpListener, TcpStream } from "../../net/mod.ts";
import {
  cancelEverywhere,
  dfs,
  explore,
  httpFixture,
  PausedClock,
  pct,
  scriptedIo,
  simCertificate,
  SimNetwork,
  simTest,
  simulate,
  VirtualClock,
} from "../../net/sim/mod.ts";

// deno-lint-ignore no-explicit-any
type Options = any;

const one = () => lazy(() => 1);

async function* pages() {}

/** As much of a response as is looked at before its body is. */
const events = {
  status: 200,
  headers: new Headers({ "content-type": "text/event-stream" }),
  stream: () => iter([]),
} as unknown as HttpResponse;

const takers: Record<string, (options: Options) => unknown> = {
  Executor: (options) => new Executor(options),
  spawn: (options) => spawn(one(), options),
  "Executor.spawn": (options) => new Executor().spawn(one(), options),
  "JoinSet.spawn": (options) => new JoinSet<number>().spawn(one(), options),
  "JoinMap.spawn": (options) =>
    new JoinMap<string, number>().spawn("a", one(), options),
  "TaskTracker.spawn": (options) => new TaskTracker().spawn(one(), options),
  scope: (options) => scope(function* () {}, options),
  shield: (options) => shield(one(), options),
  shutdown: (options) => shutdown(options),
  observe: (options) => observe(options, new Executor()),
  dumpOnSignal: (options) => dumpOnSignal(options),
  interval: (options) => interval(1, options),
  select: (options) => select({ one: one() }, options),
  race: (options) => race([one()], options),
  retry: (options) =>
    retry(one, options && { schedule: [], delay: () => one(), ...options }),
  backoff: (options) => backoff(options),
  toReadableStream: (options) => toReadableStream(iter([1]), options),
  fromAsyncIterable: (options) => fromAsyncIterable(pages(), options),
  fromReadableStream: (options) =>
    fromReadableStream(new ReadableStream(), options),
  fromWritableStream: (options) =>
    fromWritableStream(new WritableStream(), options),
  fromCallback: (options) => fromCallback(() => () => {}, options),
  SimpleHttpClient: (options) =>
    new SimpleHttpClient("a:80", new Uint8Array(), options),
  lookupHost: (options) => lookupHost("a", options),
  "TcpStream.connect": (options) => TcpStream.connect("a:80", options),
  "TcpListener.bind": (options) =>
    TcpListener.bind(options && { port: 0, ...options }),
  BufReader: (options) => new BufReader(duplex(1)[0], options),
  BufWriter: (options) => new BufWriter(duplex(1)[0], options),
  copy: (options) => copy(duplex(1)[0], duplex(1)[0], options),
  lines: (options) => lines(new BufReader(duplex(1)[0]), options),
  readerStream: (options) => readerStream(duplex(1)[0], options),
  readToEnd: (options) => readToEnd(duplex(1)[0], options),
  explore: (options) => explore(options, function* () {}),
  simTest: (options) => simTest("never registered", options, function* () {}),
  cancelEverywhere: (options) => cancelEverywhere(one, options),
  pct: (options) => pct(options),
  dfs: (options) => dfs(options),
  PausedClock: (options) => new PausedClock(options),
  VirtualClock: (options) => new VirtualClock(options),
  serverSentEvents: (options) => serverSentEvents(events, options),
  eventSource: (options) =>
    eventSource(new HttpClient(), "http://a.test/", options),
  ResponseParser: (options) => new ResponseParser(options),
  ChunkDecoder: (options) => new ChunkDecoder(options),
  httpFixture: (options) => httpFixture("hello", options),
  simCertificate: (options) => simCertificate(["a.test"], options),
  SimNetwork: (options) =>
    new SimNetwork({ platform: new VirtualClock() } as Options, options),
  scriptedIo: (options) => scriptedIo([], options),
};

for (const [name, take] of Object.entries(takers)) {
  Deno.test(`options: ${name} refuses by name what it has not, and what is none`, () => {
    const misspelt = assertThrows(() => take({ graec: 1 })) as Error;
    assertEquals(
      /Cannot use the option graec: there is none; there are \w+/
        .test(misspelt.message),
      true,
      misspelt.message,
    );
    const none = assertThrows(() => take(null)) as Error;
    assertEquals(
      /^(?!Cannot (read|destructure|convert))Cannot /.test(none.message),
      true,
      none.message,
    );
  });
}

Deno.test("options: those of groups are refused with the group's name", () => {
  const executor = new Executor();
  const groups: Record<string, () => unknown> = {
    "lints.pollms": () =>
      observe({ lints: { pollms: 1 } as Options }, executor),
    "trace.event": () => observe({ trace: { event: 1 } as Options }, executor),
    "wakers.frsh": () =>
      explore({ wakers: { frsh: true } as Options }, function* () {}),
    "limits.lineByts": () =>
      new ResponseParser({ limits: { lineByts: 1 } as Options }),
  };
  for (const [name, call] of Object.entries(groups)) {
    assertThrows(
      call,
      TypeError,
      `Cannot use the option ${name}: there is none`,
    );
  }
  observe({}, executor)[Symbol.dispose](); // nothing was left of those refused
});

Deno.test("options: those of promises reject", async () => {
  const no = (options: Options) => [
    () => run(one(), options),
    () => simulate(options, function* () {}),
  ];
  for (const call of no({ graec: 1 })) {
    await assertRejects(call, TypeError, "Cannot use the option graec");
  }
  await assertRejects(() => run(one(), null as Options), TypeError, "options");
});

Deno.test("options: a task that is refused is not tracked, and its future is free", async () => {
  const tracker = new TaskTracker();
  const future = one();
  const bad: Options[] = [{ nam: "a" }, { name: 5 }];
  for (const options of bad) {
    assertThrows(() => tracker.spawn(future, options), TypeError, "Cannot");
    assertThrows(() => spawn(future, options), TypeError, "Cannot");
  }
  assertEquals(tracker.size, 0);
  assertEquals(await run(tracker.spawn(future)), 1);
});
