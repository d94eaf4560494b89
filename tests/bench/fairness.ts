/**
 * What sockets and timers wait for while a thousand tasks are busy.
 *
 * A round of a thousand polls takes some 25 microseconds, and after 8192 polls, or
 * 1 ms, the executor lets the host have a turn. But Deno polls its sockets only each
 * 61st time that it goes round its loop, so with one round a turn an echo took 30
 * ms, and 230 beside tasks that take a millisecond. Going round 61 times after each
 * millisecond of work, it took 2 to 3 (p99 3.5 to 5): it is two events, each of which
 * waits for as long as that. After an event it now goes round already when half a
 * millisecond of work is done, since another is likely to follow: an echo takes 1.2
 * to 1.5 (p99 2 to 3). Busy tasks pay 65 microseconds for it each time: 6 % of the
 * time if no sockets are busy, as before, and 12 if some are.
 *
 * Latencies are the processor's time of this process, which is busy all along: on
 * a machine that has nothing else to do it is the same as time.
 *
 * The same load in async functions lets nothing through at all: what `await
 * undefined` puts in line comes before all sockets and timers, for ever. If each
 * goes through `setImmediate` instead, timers live, and an echo takes 61 rounds
 * twice, of a thousand steps each, at a microsecond a step.
 */
import { cpuUsage } from "node:process";
import { Executor } from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  co,
  type Future,
  join,
  Pending,
  type Poll,
  pollFn,
} from "../../future/mod.ts";
import { TcpListener, TcpStream } from "../../net/mod.ts";
import { type Figure, report } from "./_report.ts";

const BUSY = 1_000;
const LIMIT = 5; // ms
/** How long each is looked at, by the clock. */
const SPAN = 2_000; // ms
const hostname = "127.0.0.1";

/** What was measured, in the processor's milliseconds, and how often the busy ones had a step. */
interface Waits {
  echoes: number[];
  timers: number[];
  steps: number;
}

export async function fairness(): Promise<void> {
  show("Nothing else to do", await ours(0));
  show(`Beside ${BUSY} busy tasks`, await ours(BUSY), LIMIT);
  show(
    `Beside ${BUSY} async functions that await a setImmediate`,
    await promises(BUSY, () => new Promise((done) => setImmediate(done))),
  );
  show(
    `Beside ${BUSY} async functions that await undefined`,
    await promises(BUSY, () => undefined),
  );
}

function show(title: string, waits: Waits, limit?: number): void {
  const figures: Figure[] = [];
  const kinds = [["an echo", waits.echoes], ["a timer", waits.timers]] as const;
  for (const [name, all] of kinds) {
    const sorted = all.toSorted((a, b) => a - b);
    const at = (part: number) => sorted[Math.ceil(sorted.length * part) - 1]!;
    figures.push({ name: `${name}: how many`, value: all.length, unit: "" });
    if (all.length === 0) continue;
    figures.push({ name: `${name}: p50`, value: at(0.5), unit: "ms" });
    const p99: Figure = { name: `${name}: p99`, value: at(0.99), unit: "ms" };
    if (limit !== undefined) {
      p99.target = `under ${limit} ms`;
      p99.verdict = p99.value < limit ? "met" : "not met";
    }
    figures.push(p99, { name: `${name}: max`, value: at(1), unit: "ms" });
  }
  figures.push({
    name: "steps of the busy ones, a second",
    value: waits.steps / (SPAN / 1000),
    unit: "",
  });
  report(`${title}, for ${SPAN / 1000} s`, figures);
}

/** Both ends of the echo, the timers and the busy ones are tasks of ours. */
async function ours(count: number): Promise<Waits> {
  const waits: Waits = { echoes: [], timers: [], steps: 0 };
  using executor = new Executor();
  const end = performance.now() + SPAN;
  for (let i = 0; i < count; i++) executor.spawn(busy(waits)).detach();
  await executor.run(co(function* () {
    using listener = TcpListener.bind({ hostname, port: 0 });
    const [client, server] = yield* join([
      TcpStream.connect(listener.addr),
      listener.accept(),
    ]);
    yield* join([
      echo(server),
      calls(client, end, waits),
      ticks(end, waits),
    ]);
  }));
  return waits;
}

/** Wakes itself until its executor is gone. */
function busy(waits: Waits): Future<void> {
  return pollFn((cx): Poll<void> => {
    waits.steps++;
    cx.waker.wake();
    return Pending;
  });
}

function echo(stream: TcpStream): Future<void> {
  return co(function* () {
    using _stream = stream;
    const buffer = new Uint8Array(32);
    for (let n; (n = yield* stream.read(buffer)) !== null;) {
      yield* stream.writeAll(buffer.subarray(0, n));
    }
  });
}

function calls(stream: TcpStream, end: number, waits: Waits): Future<void> {
  return co(function* () {
    using _stream = stream;
    const message = new Uint8Array(32);
    while (performance.now() < end) {
      const start = busyTime();
      yield* stream.writeAll(message);
      yield* stream.read(message);
      waits.echoes.push(busyTime() - start);
    }
  });
}

function ticks(end: number, waits: Waits): Future<void> {
  return co(function* () {
    while (performance.now() < end) {
      const start = busyTime();
      yield* sleep(1);
      waits.timers.push(busyTime() - start - 1);
    }
  });
}

/** The same with promises; at the end the busy ones stop, or nothing would. */
async function promises(
  count: number,
  giveWay: () => Promise<void> | void,
): Promise<Waits> {
  const waits: Waits = { echoes: [], timers: [], steps: 0 };
  using listener = Deno.listen({ hostname, port: 0 });
  const { port } = listener.addr;
  const connecting = Deno.connect({ hostname, port });
  using server = await listener.accept();
  using client = await connecting;
  client.setNoDelay(true);
  server.setNoDelay(true);
  const end = performance.now() + SPAN;
  await Promise.all([
    rawEcho(server),
    rawCalls(client, end, waits),
    rawTicks(end, waits),
    ...Array.from({ length: count }, async () => {
      while (performance.now() < end) {
        waits.steps++;
        await giveWay();
      }
    }),
  ]);
  return waits;
}

async function rawEcho(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(32);
  for (let n; (n = await conn.read(buffer)) !== null;) {
    await conn.write(buffer.subarray(0, n));
  }
}

async function rawCalls(
  conn: Deno.TcpConn,
  end: number,
  waits: Waits,
): Promise<void> {
  const message = new Uint8Array(32);
  while (performance.now() < end) {
    const start = busyTime();
    await conn.write(message);
    await conn.read(message);
    waits.echoes.push(busyTime() - start);
  }
  await conn.closeWrite();
}

async function rawTicks(end: number, waits: Waits): Promise<void> {
  while (performance.now() < end) {
    const start = busyTime();
    await new Promise((done) => setTimeout(done, 1));
    waits.timers.push(busyTime() - start - 1);
  }
}

/** Milliseconds of the processor that this process has had. */
function busyTime(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
