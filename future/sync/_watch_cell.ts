import type { Inspection } from "../inspection.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import { Pending, type Poll } from "../poll.ts";
import { Until } from "./_until.ts";
import { type Waiter, WaitList } from "./_wait_list.ts";
import { ChannelClosed } from "./errors.ts";

/** The latest value of a `watch`, and who looks at it. */
export class WatchCell<T> {
  /** Those who wait for a change. */
  readonly line: WaitList<Waiter> = new WaitList();
  /** Those who wait until nobody looks. */
  readonly closing: WaitList<Waiter> = new WaitList();
  value: T;
  /** How often it was set. */
  version = 0;
  viewers = 0;
  isSenderGone = false;

  constructor(value: T) {
    this.value = value;
  }

  set(value: T): void {
    this.value = value;
    this.version++;
    this.line.wakeAll();
  }

  dropSender(): void {
    this.isSenderGone = true;
    this.line.wakeAll();
  }
}

/** What one receiver has seen. */
export class View<T> {
  readonly cell: WatchCell<T>;
  #seen: number;
  #isDropped = false;

  constructor(cell: WatchCell<T>, seen: number) {
    this.cell = cell;
    this.#seen = seen;
    cell.viewers++;
  }

  get hasChanged(): boolean {
    return this.#seen !== this.cell.version;
  }

  get isDropped(): boolean {
    return this.#isDropped;
  }

  see(): T {
    this.#seen = this.cell.version;
    return this.cell.value;
  }

  copy(): View<T> {
    return new View(this.cell, this.#seen);
  }

  assertAlive(): void {
    if (this.#isDropped) {
      throw new PolledAfterCompletionError("WatchReceiver", "was dropped");
    }
  }

  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    if (--this.cell.viewers === 0) this.cell.closing.wakeAll();
  }
}

/** Waits for a value that has not been seen. */
export class Changed extends Until<void> {
  readonly #view: View<unknown>;

  constructor(view: View<unknown>) {
    super(view.cell.line);
    this.#view = view;
  }

  override inspect(): Inspection {
    return { name: "WatchReceiver.changed", waits: "for a new value" };
  }

  protected override check(): Poll<void> {
    const view = this.#view;
    view.assertAlive();
    if (view.hasChanged) {
      view.see();
      return;
    }
    if (view.cell.isSenderGone) throw noMore();
    return Pending;
  }
}

/** Waits for a value that suits. */
export class WaitFor<T> extends Until<T> {
  readonly #view: View<T>;
  readonly #suits: (value: T) => boolean;

  constructor(view: View<T>, suits: (value: T) => boolean) {
    super(view.cell.line);
    this.#view = view;
    this.#suits = suits;
  }

  override inspect(): Inspection {
    return { name: "WatchReceiver.waitFor", waits: "for a value that suits" };
  }

  protected override check(): Poll<T> {
    const view = this.#view;
    view.assertAlive();
    const value = view.see();
    if (this.#suits(value)) return value;
    if (view.cell.isSenderGone) throw noMore();
    return Pending;
  }
}

/** Waits until there are no receivers. */
export class Closed extends Until<void> {
  readonly #cell: WatchCell<unknown>;

  constructor(cell: WatchCell<unknown>) {
    super(cell.closing);
    this.#cell = cell;
  }

  override inspect(): Inspection {
    return {
      name: "WatchSender.closed",
      waits: `receivers: ${this.#cell.viewers}`,
    };
  }

  protected override check(): Poll<void> {
    if (this.#cell.viewers > 0) return Pending;
  }
}

function noMore(): ChannelClosed {
  return new ChannelClosed(
    "Cannot wait for a change: the sender was dropped",
  );
}
