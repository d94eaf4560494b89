import { assert, assertEquals, assertLess } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { co, fromPromise, join, Pending, pollFn } from "../../future/mod.ts";
import { busy } from "./_traced.ts";

// Real sockets and the real host: starvation is a fact of the platform's loop,
// which a simulation could only assert. Nothing here waits for a time to pass;
// the busy tasks stop when the socket has been read, or give up after this
// many polls, a hundred times what it takes.
const PATIENCE = 20_000_000;

type Spawn = (executor: Executor, isDone: () => boolean) => () => number;

/** Spawns tasks that wake themselves; how often they were polled. */
function selfWaking(tasks: number): Spawn {
  return (executor, isDone) => {
    let polls = 0;
    for (let i = 0; i < tasks; i++) {
      executor.spawn(busy(() => {
        polls++;
        return isDone() || polls > PATIENCE ? "stop" : "go on";
      }));
    }
    return () => polls;
  };
}

/** Spawns a task that is woken by a promise after each of its polls. */
const promisePingPong: Spawn = (executor, isDone) => {
  let polls = 0;
  executor.spawn(pollFn((cx) => {
    polls++;
    if (isDone() || polls > PATIENCE) return;
    Promise.resolve().then(() => cx.waker.wake());
    return Pending;
  }));
  return () => polls;
};

/** Reads over a real connection, and ticks, while the executor is busy. */
async function readBeside(spawnBusy: Spawn): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const connecting = Deno.connect({ hostname: "127.0.0.1", port });
  using server = await listener.accept();
  using client = await connecting;

  using executor = new Executor();
  let done = false;
  const polls = spawnBusy(executor, () => done);
  const bytes = new Uint8Array(8);
  let rounds = 0;
  let ticks = 0;
  const talk = executor.run(join([
    co(function* () {
      for (; rounds < 5; rounds++) {
        yield* fromPromise(() => server.write(Uint8Array.of(rounds)));
        assertEquals(yield* fromPromise(() => client.read(bytes)), 1);
        assertEquals(bytes[0], rounds);
      }
    }),
    co(function* () {
      for (; ticks < 5; ticks++) yield* sleep(1);
    }),
  ]));
  try {
    await talk;
  } finally {
    done = true;
  }
  assertEquals([rounds, ticks], [5, 5]);
  assert(polls() > 1000, "the others were busy indeed");
  assertLess(polls(), PATIENCE, "starved until the busy tasks gave up");
}

Deno.test("starvation: a task that wakes itself for ever starves no socket and no timer", async () => {
  await readBeside(selfWaking(1));
});

Deno.test("starvation: a thousand tasks that wake themselves starve none either", async () => {
  await readBeside(selfWaking(1000));
});

Deno.test("starvation: nor does a task that promises wake again and again", async () => {
  await readBeside(promisePingPong);
});
