// No task that is ready waits longer than one round: until it is polled, each
// other task is polled at most once, whatever they all do meanwhile.
import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import {
  Executor,
  type ExecutorOptions,
  type JoinHandle,
  unconstrained,
} from "../../executor/mod.ts";
import { observe } from "../../executor/observe/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  co,
  type Context,
  Future,
  Pending,
  type Poll,
  pollFn,
  type Waker,
} from "../../future/mod.ts";
import { LoopHost } from "./_loop_host.ts";
import { busy } from "./_traced.ts";

/** Tasks that do things at random, and the rule for their polls. */
class Crowd {
  readonly #executor: Executor;
  readonly #random: () => number;
  readonly #members: Member[] = [];
  readonly #handles: JoinHandle<void>[] = [];
  /** The tasks, in the order of their polls. */
  readonly polls: Member[] = [];
  /** How many polls a task has waited for its own, at most. */
  longest = 0;

  constructor(executor: Executor, random: () => number) {
    this.#executor = executor;
    this.#random = random;
    for (let i = 0; i < 20; i++) this.#add();
  }

  #add(): void {
    const member = new Member(this);
    this.#members.push(member);
    const future = this.#random() < 0.3 ? unconstrained(member) : member;
    this.#handles.push(this.#executor.spawn(future));
  }

  /** Checks the rule at a poll, then does something; whether it goes on. */
  polled(member: Member, readySince: number): boolean {
    const meanwhile = this.polls.slice(readySince);
    assertEquals(
      new Set(meanwhile).size,
      meanwhile.length,
      "a task stood in line while another one was polled twice",
    );
    this.longest = Math.max(this.longest, meanwhile.length);
    this.polls.push(member);
    if (this.polls.length >= 1_000) return false;
    for (let acts = this.#random() * 3; acts > 0; acts--) this.#act(member);
    return this.#random() > 0.02;
  }

  #act(member: Member): void {
    const any = Math.floor(this.#random() * this.#members.length);
    const choice = this.#random();
    if (choice < 0.4) member.wake();
    else if (choice < 0.8) this.#members[any]!.wake();
    else if (choice < 0.9 && this.#members.length < 200) this.#add();
    else if (choice < 0.92) this.#handles[any]!.abort();
  }
}

class Member extends Future<void> {
  readonly #crowd: Crowd;
  #at: "queued" | "polled" | "woken" | "idle" | "over" = "queued";
  /** How many polls of all there had been when it got in line. */
  #readySince: number;
  #waker: Waker | null = null;

  constructor(crowd: Crowd) {
    super();
    this.#crowd = crowd;
    this.#readySince = crowd.polls.length;
  }

  wake(): void {
    this.#waker?.wake();
    if (this.#at === "polled") this.#at = "woken";
    if (this.#at === "idle") this.#queue();
  }

  override poll(cx: Context): Poll<void> {
    this.#waker = cx.waker;
    this.#at = "polled";
    if (this.#crowd.polled(this, this.#readySince)) return this.#suspend();
    this.#at = "over";
  }

  #suspend(): Poll<void> {
    // In line when its poll is over, behind those who got there meanwhile.
    if (this.#at === "woken") this.#queue();
    else this.#at = "idle";
    return Pending;
  }

  #queue(): void {
    this.#at = "queued";
    this.#readySince = this.#crowd.polls.length;
  }

  override [Symbol.dispose](): void {
    this.#at = "over";
  }
}

const settings: Record<string, ExecutorOptions> = {
  "by default": {},
  "the host having a turn after each poll": { turn: { polls: 1 } },
  "the host having a turn in the middle of a round": { turn: { polls: 7 } },
};

for (const [how, options] of Object.entries(settings)) {
  for (const isObserved of [false, true]) {
    const name = isObserved ? `${how}, observed` : how;
    Deno.test(`fairness: no task is polled twice while another one waits, ${name}`, () => {
      let [polls, longest] = [0, 0];
      for (let seed = 1; seed <= 20; seed++) {
        const clock = new VirtualClock({ seed });
        using executor = new Executor({ host: clock, ...options });
        using _observation = isObserved ? observe({}, executor) : null;
        const crowd = new Crowd(executor, () => clock.random());
        try {
          clock.settle();
        } catch (cause) {
          throw new Error(`with the seed ${seed}`, { cause });
        }
        polls += crowd.polls.length;
        longest = Math.max(longest, crowd.longest);
      }
      assertGreater(polls, 5_000, "they did something");
      assertGreater(longest, 50, "and there were lines");
    });
  }
}

const BUSY = 1_000;

/** Tasks that wake themselves for ever, each taking a microsecond. */
function spawnBusy(executor: Executor, onPoll: () => void): void {
  for (let i = 0; i < BUSY; i++) {
    executor.spawn(busy(() => {
      onPoll();
      return "go on";
    })).detach();
  }
}

Deno.test("fairness: among a thousand busy tasks one that is woken has its turn a thousand polls later", () => {
  const host = new LoopHost();
  using executor = new Executor({ host });
  let polls = 0;
  spawnBusy(executor, () => polls++);
  const waits: number[] = [];
  let wokenAt = -1;
  let waker: Waker | null = null;
  executor.spawn(pollFn((cx) => {
    if (wokenAt >= 0) waits.push(polls - wokenAt);
    waker = cx.waker;
    return Pending;
  })).detach();
  for (let i = 0; i < 100; i++) {
    host.turn();
    if (waker === null) continue;
    wokenAt = polls;
    (waker as Waker).wake();
    waker = null;
  }
  assertGreater(waits.length, 10);
  assertEquals(new Set(waits), new Set([BUSY]));
});

Deno.test("fairness: beside a thousand busy tasks a timer is late by a turn and a round at most", () => {
  const host = new LoopHost();
  using executor = new Executor({ host });
  const MS = 0.001; // of each poll
  spawnBusy(executor, () => host.spend(MS));
  let latest = 0;
  let ticks = 0;
  executor.spawn(co(function* () {
    for (;;) {
      const due = host.now() + 5;
      yield* sleep(5);
      latest = Math.max(latest, host.now() - due);
      ticks++;
    }
  })).detach();
  for (let i = 0; i < 2_000; i++) host.turn();
  assertGreater(ticks, 100);
  // A turn of the executor's ends after 1 ms, which it sees within 64 polls.
  const turn = 1 + 64 * MS;
  const round = BUSY * MS;
  assertGreater(latest, round, "it did wait");
  assertLessOrEqual(latest, turn + round + MS);
});
