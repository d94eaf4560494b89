import { DropErrors } from "../future/_drop.ts";
import { proceed } from "../future/budget.ts";
import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import type { Future } from "../future/future.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import { Done } from "../future/stream/stream.ts";
import {
  append,
  isLinked,
  leave,
  type RingNode,
  Waiter,
} from "../future/sync/_wait_list.ts";
import { currentCore } from "./_current.ts";
import type { Keeper } from "./_keeper.ts";
import type { Task } from "./_task.ts";

/** A task of a set, with a tag: in the ring of those that live, or have ended. */
export class Member<T, Tag> extends Waiter implements Keeper {
  readonly #set: Members<T, Tag>;
  readonly task: Task<T>;
  readonly tag: Tag;

  constructor(set: Members<T, Tag>, task: Task<T>, tag: Tag) {
    super();
    this.#set = set;
    this.task = task;
    this.tag = tag;
    task.keeper = this;
  }

  dropFailed(error: unknown): boolean {
    return this.#set.dropFailed(error);
  }

  ended(): void {
    this.#set.ended(this);
  }
}

/**
 * The tasks of a set: those that live, as spawned, and those that have ended and
 * were not fetched yet, as they ended.
 */
export class Members<T, Tag> {
  readonly #name: string;
  readonly #live: RingNode = new Waiter();
  readonly #ended: RingNode = new Waiter();
  #size = 0;
  #waker: Waker | null = null;
  /** What drops throw, while it is this set that drops. */
  #errors: DropErrors | null = null;
  #isDropped = false;

  /** @param name What the set is called in errors. */
  constructor(name: string) {
    this.#name = name;
  }

  /** How many were not fetched. */
  get size(): number {
    return this.#size;
  }

  spawn(
    future: Future<T>,
    tag: Tag,
    name: string | undefined,
  ): Member<T, Tag> {
    this.#assertAlive();
    const task = currentCore().spawn(future, name);
    const member = new Member(this, task, tag);
    append(member, this.#live);
    this.#size++;
    return member;
  }

  /** The one that ended first of those that were not fetched. */
  pollEnded(cx: Context): Poll<Member<T, Tag> | Done> {
    this.#assertAlive();
    if (this.#size === 0) return Done;
    if (!isLinked(this.#ended)) {
      if (this.#waker === null || !this.#waker.willWake(cx.waker)) {
        this.#waker = cx.waker;
      }
      return Pending;
    }
    if (!proceed(cx)) return Pending;
    const member = this.#ended.after as Member<T, Tag>;
    leave(member);
    this.#size--;
    return member;
  }

  /** Aborts all; they are still to be fetched. */
  abortAll(): void {
    this.#assertAlive();
    // Not those that the drops spawn; and one that is being polled stays.
    const all: Member<T, Tag>[] = [];
    for (
      let place = this.#live.after;
      place !== this.#live;
      place = place.after
    ) all.push(place as Member<T, Tag>);
    this.#dropping(() => all.forEach(({ task }) => task.abort()));
  }

  /**
   * Aborts one that was not fetched, and forgets it. What it throws then is the
   * executor's to report.
   */
  remove(member: Member<T, Tag>): void {
    this.#forget(member);
    member.task.abort();
  }

  #forget(member: Member<T, Tag>): void {
    member.task.unkeep();
    leave(member);
    this.#size--;
  }

  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#wake(); // whoever waits for it is told by its next poll
    this.#dropping(() => {
      for (const ring of [this.#live, this.#ended]) {
        while (isLinked(ring)) {
          const member = ring.after as Member<T, Tag>;
          member.task.abort();
          this.#forget(member);
        }
      }
    });
  }

  /** Throws what the drops have thrown, once all are done. */
  #dropping(act: () => void): void {
    if (this.#errors !== null) return act(); // from inside a drop
    const errors = new DropErrors();
    this.#errors = errors;
    act();
    this.#errors = null;
    errors.rethrow();
  }

  dropFailed(error: unknown): boolean {
    this.#errors?.add(error);
    return this.#errors !== null;
  }

  ended(member: Member<T, Tag>): void {
    leave(member);
    append(member, this.#ended);
    this.#wake();
  }

  #wake(): void {
    const waker = this.#waker;
    this.#waker = null;
    waker?.wake();
  }

  #assertAlive(): void {
    if (this.#isDropped) {
      throw new PolledAfterCompletionError(this.#name, "was dropped");
    }
  }
}
