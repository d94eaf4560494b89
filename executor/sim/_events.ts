/** Something that will happen at a time. */
export interface SimEvent {
  readonly due: number;
  readonly order: number;
  /** Null once it was taken back. */
  callback: (() => void) | null;
}

/**
 * What will happen, by time, and at one time in the order in which it was
 * asked for: a binary heap. What is taken back stays in it, empty, until its
 * time comes.
 */
export class Events {
  readonly #heap: SimEvent[] = [];
  #orders = 0;

  /** When the next one is due, that was not taken back; `Infinity` for never. */
  get due(): number {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return Infinity;
      if (first.callback !== null) return first.due;
      this.#shift();
    }
  }

  add(due: number, callback: () => void): SimEvent {
    const event: SimEvent = { due, order: this.#orders++, callback };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(event, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = event;
    return event;
  }

  /** Takes the next one out; only after `due` has said that there is one. */
  take(): () => void {
    const event = this.#shift();
    const callback = event.callback!;
    event.callback = null;
    return callback;
  }

  clear(): void {
    if (this.#heap.length > 0) this.#heap.length = 0;
    this.#orders = 0;
  }

  #shift(): SimEvent {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    const length = heap.length;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(heap[below + 1]!, heap[below]!)) {
        below++;
      }
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
