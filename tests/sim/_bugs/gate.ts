import {
  type Context,
  Future,
  Pending,
  type Poll,
  PolledAfterCompletionError,
  type Waker,
} from "../../../future/mod.ts";

export type GateBug =
  | "lost wake"
  | "double grant"
  | "permit lost on drop"
  | "place kept on drop"
  | "waker not replaced"
  | "waker kept on drop";

/**
 * A semaphore as one would write it first, right without a bug: the seam at
 * which each mistake is put in.
 */
export class Gate {
  #free: number;
  readonly line: Entry[] = [];
  /** Wakers of those who have left the line: only by a mistake. */
  readonly kept: Waker[] = [];
  readonly bug: GateBug | null;

  constructor(permits: number, bug: GateBug | null) {
    this.#free = permits;
    this.bug = bug;
  }

  get free(): number {
    return this.#free;
  }

  acquire(): Future<Disposable> {
    return new Entry(this);
  }

  tryTake(): boolean {
    if (this.#free === 0 || this.line.length > 0) return false;
    this.#free--;
    return true;
  }

  give(): void {
    for (const waker of this.kept.splice(0)) waker.wake();
    const next = this.line.shift();
    if (next === undefined) {
      this.#free++;
      return;
    }
    if (this.bug === "double grant") this.#free++;
    // The mistake: whoever is woken first will wake the others.
    next.grant(this.bug !== "lost wake" || this.line.length === 0);
  }
}

class Entry extends Future<Disposable> {
  readonly #gate: Gate;
  #at: "new" | "waiting" | "granted" | "ended" = "new";
  #waker: Waker | null = null;

  constructor(gate: Gate) {
    super();
    this.#gate = gate;
  }

  grant(wakes: boolean): void {
    this.#at = "granted";
    if (wakes) this.#waker?.wake();
  }

  override poll(cx: Context): Poll<Disposable> {
    switch (this.#at) {
      case "new":
        if (this.#gate.tryTake()) return this.#take();
        this.#at = "waiting";
        this.#gate.line.push(this);
        this.#waker = cx.waker;
        return Pending;
      case "waiting":
        if (this.#gate.bug !== "waker not replaced") this.#waker = cx.waker;
        return Pending;
      case "granted":
        return this.#take();
      case "ended":
        throw new PolledAfterCompletionError("Entry");
    }
  }

  #take(): Disposable {
    this.#at = "ended";
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#gate.give();
        isHeld = false;
      },
    };
  }

  override [Symbol.dispose](): void {
    const at = this.#at;
    this.#at = "ended";
    const { bug, line, kept } = this.#gate;
    if (at === "waiting" && bug === "waker kept on drop") {
      kept.push(this.#waker!);
    }
    this.#waker = null;
    if (at === "waiting" && bug !== "place kept on drop") {
      line.splice(line.indexOf(this), 1);
    }
    if (at === "granted" && bug !== "permit lost on drop") this.#gate.give();
  }
}
