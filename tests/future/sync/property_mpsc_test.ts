// An mpsc channel against a model: arrays for the values and for the line.
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type WakeCounter, wakeCounter } from "../../../executor/sim/mod.ts";
import { type Future, Pending } from "../../../future/mod.ts";
import { Done } from "../../../future/stream/stream.ts";
import {
  ChannelClosed,
  ChannelFull,
  mpsc,
  MpscPermit,
  type MpscReceiver,
  type MpscSender,
} from "../../../future/sync/mod.ts";
import { forSeeds, type Random } from "./_random.ts";
import { cx, drop } from "./_tools.ts";

interface Wait {
  future: Future<MpscPermit<number> | void>;
  /** What it is to send; null if it only reserves. */
  value: number | null;
  waker: WakeCounter;
  at: "in line" | "granted" | "refused";
}

class Model {
  readonly line: Wait[] = [];
  readonly called: Wait[] = []; // granted or refused, not yet polled
  readonly permits: MpscPermit<number>[] = [];
  readonly senders: MpscSender<number>[] = [];
  readonly queue: number[] = [];
  readonly receiver: MpscReceiver<number>;
  receiverWaker: WakeCounter | null = null;
  isClosed = false;
  isGone = false;
  next = 0;

  constructor(readonly capacity: number) {
    const [sender, receiver] = mpsc<number>(capacity);
    this.senders.push(sender);
    this.receiver = receiver;
  }

  get granted(): number {
    return this.called.filter(({ at }) => at === "granted").length;
  }

  get free(): number {
    return this.capacity - this.queue.length - this.permits.length -
      this.granted;
  }

  get isOver(): boolean {
    return this.queue.length + this.permits.length + this.granted === 0 &&
      (this.isClosed || this.senders.length + this.line.length === 0);
  }

  handOut(): void {
    while (!this.isClosed && this.line.length > 0 && this.free > 0) {
      const wait = this.line.shift()!;
      wait.at = "granted";
      this.called.push(wait);
    }
  }

  close(): void {
    this.isClosed = true;
    for (const wait of this.line.splice(0)) {
      wait.at = "refused";
      this.called.push(wait);
    }
  }

  check(): void {
    if (!this.isGone) assertEquals(this.receiver.size, this.queue.length);
    for (const sender of this.senders) {
      assertEquals(sender.capacity, this.free);
      assertEquals(sender.isClosed, this.isClosed);
    }
    for (const { waker } of this.line) assertEquals(waker.count, 0);
    for (const { waker } of this.called) assertEquals(waker.count, 1);
    const { receiverWaker } = this;
    if (receiverWaker === null || this.isGone) return;
    const isReady = this.queue.length > 0 || this.isOver;
    assert(!isReady || receiverWaker.isWoken, "the receiver has been woken");
  }
}

function remove<T>(from: T[], random: Random): T | undefined {
  return from.splice(random.below(from.length), 1)[0];
}

/** What a send that fails hands back. */
function failure(send: () => unknown): ChannelClosed | ChannelFull {
  try {
    send();
  } catch (error) {
    assert(error instanceof ChannelClosed || error instanceof ChannelFull);
    return error;
  }
  throw new Error("it should have failed");
}

/** A poll that answers with a permit, or with nothing once a value is sent. */
function settle(model: Model, wait: Wait, mayPass: boolean): void {
  if (!mayPass) {
    const error = failure(() => wait.future.poll(wait));
    assertEquals(error.value, wait.value ?? undefined, "it is handed back");
    return;
  }
  const got = wait.future.poll(wait);
  if (wait.value === null) {
    assert(got instanceof MpscPermit);
    model.permits.push(got);
  } else {
    assertEquals(got, undefined);
    model.queue.push(wait.value);
  }
}

const actions: [weight: number, (model: Model, random: Random) => void][] = [
  [6, function arrive(model, random) {
    if (model.senders.length === 0 || model.line.length > 8) return;
    const sender = random.pick(model.senders);
    const value = random.chance(0.3) ? null : model.next++;
    const wait: Wait = {
      value,
      future: value === null ? sender.reserve() : sender.send(value),
      waker: wakeCounter(),
      at: "in line",
    };
    const isFree = !model.isClosed && model.line.length === 0 &&
      model.free > 0;
    if (isFree || model.isClosed) return settle(model, wait, isFree);
    assertStrictEquals(wait.future.poll(wait), Pending);
    model.line.push(wait);
  }],
  [3, function trySend(model, random) {
    if (model.senders.length === 0) return;
    const sender = random.pick(model.senders);
    const value = model.next++;
    if (!model.isClosed && model.line.length === 0 && model.free > 0) {
      sender.trySend(value);
      model.queue.push(value);
      return;
    }
    const error = failure(() => sender.trySend(value));
    assertEquals(error.value, value);
    assertEquals(error instanceof ChannelClosed, model.isClosed);
  }],
  [5, function pollCalled(model, random) {
    const wait = remove(model.called, random);
    if (wait === undefined) return;
    settle(model, wait, wait.at === "granted" && takes(model, wait));
    model.handOut();
  }],
  [2, function pollInLine(model, random) {
    if (model.line.length === 0) return;
    const wait = random.pick(model.line);
    wait.waker = wakeCounter();
    assertStrictEquals(wait.future.poll(wait), Pending);
  }],
  [2, function dropWait(model, random) {
    drop(
      (random.chance(0.5)
        ? remove(model.called, random)
        : remove(model.line, random))
        ?.future ?? model.receiver.next(),
    );
    model.handOut();
  }],
  [3, function usePermit(model, random) {
    const permit = remove(model.permits, random);
    if (permit === undefined) return;
    if (random.chance(0.3)) {
      drop(permit);
    } else {
      const value = model.next++;
      if (model.isGone) {
        assertEquals(failure(() => permit.send(value)).value, value);
      } else {
        permit.send(value);
        model.queue.push(value);
      }
      if (random.chance(0.1)) drop(permit);
    }
    model.handOut();
  }],
  [8, function receive(model, random) {
    if (model.isGone) return;
    const expected = model.queue[0] ?? (model.isOver ? Done : Pending);
    if (expected === Done || random.chance(0.3)) {
      assertStrictEquals(model.receiver.tryRecv(), expected);
    } else {
      const waker = wakeCounter();
      assertStrictEquals(model.receiver.pollNext({ waker }), expected);
      model.receiverWaker = expected === Pending ? waker : null;
    }
    if (model.queue.shift() !== undefined) model.handOut();
  }],
  [1, function cloneSender(model, random) {
    if (model.senders.length === 0 || model.senders.length > 4) return;
    model.senders.push(random.pick(model.senders).clone());
  }],
  [1, function dropSender(model, random) {
    // The last goes now and then only, so that runs are long.
    if (model.senders.length < 2 && !random.chance(0.03)) return;
    const sender = remove(model.senders, random);
    if (sender === undefined) return;
    drop(sender);
    assert(failure(() => sender.trySend(0)) instanceof ChannelClosed);
  }],
  [1, function closeReceiver(model, random) {
    if (model.isGone || !random.chance(0.02)) return;
    model.receiver.close();
    model.close();
  }],
  [1, function dropReceiver(model, random) {
    if (!random.chance(0.01)) return;
    drop(model.receiver);
    model.close();
    model.isGone = true;
    model.queue.length = 0;
  }],
];

/** Whether a granted wait still gets what it was granted. */
function takes(model: Model, wait: Wait): boolean {
  return !model.isGone || wait.value === null;
}

const weighted = actions.flatMap(([weight, action]) =>
  new Array<typeof action>(weight).fill(action)
);

Deno.test("property: mpsc delivers each value once and in order, whatever is dropped or closed", () => {
  let received = 0;
  forSeeds(100, (random) => {
    const model = new Model(1 + random.below(5));
    for (let step = 0; step < 700; step++) {
      random.pick(weighted)(model, random);
      model.check();
    }
    received += model.next;
    model.senders.splice(0).forEach(drop);
    model.permits.splice(0).forEach(drop);
    model.called.splice(0).forEach(({ future }) => drop(future));
    model.handOut();
    while (model.line.length + model.called.length > 0) {
      for (const wait of model.called.splice(0)) drop(wait.future);
      model.handOut();
      for (const value of model.queue.splice(0)) {
        assertEquals(model.receiver.pollNext(cx), value);
      }
      model.handOut();
    }
    if (model.isGone) return;
    for (const value of model.queue) {
      assertEquals(model.receiver.pollNext(cx), value);
    }
    assertStrictEquals(model.receiver.pollNext(cx), Done, "nothing is lost");
  });
  assert(received > 10_000, `only ${received} values`);
});
