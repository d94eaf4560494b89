import { dropChild, type DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Inspectable } from "../inspection.ts";
import { adopt, type Future, release } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import {
  adoptStream,
  Done,
  dropStream,
  releaseStream,
  type Stream,
} from "./stream.ts";

/**
 * A stream that was taken over: polled until its end, not a single time beyond,
 * given up then, or dropped once. After its end it goes on to say `Done`.
 *
 * One that fails stays held: its holder fails with it, and drops it then, for
 * there are streams that live on after a failure.
 */
export class HeldStream<T> {
  #stream: Stream<T> | null;

  constructor(owner: object, stream: Stream<T>) {
    adoptStream(owner, stream);
    this.#stream = stream;
  }

  pollNext(cx: Context): Poll<T | Done> {
    const stream = this.#stream;
    if (stream === null) return Done;
    const item = stream.pollNext(cx);
    if (item === Done) this.giveUp();
    return item;
  }

  /** What is held; null when nothing is. */
  get content(): Stream<T> | null {
    return this.#stream;
  }

  /** Lets go of the stream as it is. */
  giveUp(): void {
    const stream = this.#stream;
    if (stream === null) return;
    this.#stream = null;
    releaseStream(stream);
  }

  drop(errors: DropErrors): void {
    const stream = this.#stream;
    if (stream === null) return;
    this.#stream = null;
    errors.collect(() => dropStream(stream));
  }
}

/** Takes all streams over, or none if one of them cannot be. */
export function holdAll<T>(
  owner: object,
  streams: readonly Stream<T>[],
): HeldStream<T>[] {
  const held: HeldStream<T>[] = [];
  try {
    for (const stream of streams) held.push(new HeldStream(owner, stream));
  } catch (error) {
    for (const one of held) one.giveUp();
    throw error;
  }
  return held;
}

/** What several places hold, for a dump to show. */
export function* contents(
  ...places: readonly { content: Inspectable | null }[]
): Generator<Inspectable> {
  for (const { content } of places) if (content !== null) yield content;
}

/** A place for one future at a time that was taken over. */
export class HeldFuture<T> {
  #future: Future<T> | null = null;

  get isEmpty(): boolean {
    return this.#future === null;
  }

  /** What is held; null when nothing is. */
  get content(): Future<T> | null {
    return this.#future;
  }

  hold(owner: object, future: Future<T>): void {
    adopt(owner, future);
    this.#future = future;
  }

  /** Polls the future that is there, and gives it up once it has ended. */
  poll(cx: Context): Poll<T> {
    const future = this.#future!;
    let value: Poll<T>;
    try {
      value = future.poll(cx);
    } catch (error) {
      this.#giveUp(future);
      throw error;
    }
    if (value !== Pending) this.#giveUp(future);
    return value;
  }

  #giveUp(future: Future<T>): void {
    this.#future = null;
    release(future);
  }

  drop(errors: DropErrors): void {
    const future = this.#future;
    if (future === null) return;
    this.#future = null;
    errors.collect(() => dropChild(future));
  }
}
