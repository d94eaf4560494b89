import { platformError } from "../_deno.ts";
import type { Completion, RawListener } from "../network.ts";
import type { AnyEnd } from "./_end.ts";
import type { Fabric } from "./_fabric.ts";

/** Where those who connect stand in line. */
export interface Line<E> {
  readonly isFull: boolean;
  /** A connection has come about, and waits to be accepted. */
  offer(end: E): void;
}

/**
 * A socket that listens, in a simulated network.
 *
 * @typeParam E The ends that come to it.
 * @typeParam R What it makes of one that is accepted.
 */
export class Listening<E extends AnyEnd, R>
  implements RawListener<R, E["localAddr"]>, Line<E> {
  readonly addr: E["localAddr"];
  readonly #fabric: Fabric;
  readonly #backlog: number;
  readonly #onClose: () => void;
  readonly #queue: E[] = [];
  readonly #wrap: (end: E) => R;
  #accepting: Completion<R> | null = null;
  #isClosed = false;

  constructor(
    fabric: Fabric,
    addr: E["localAddr"],
    backlog: number,
    wrap: (end: E) => R,
    onClose: () => void,
  ) {
    this.#wrap = wrap;
    this.#fabric = fabric;
    this.addr = addr;
    this.#backlog = backlog;
    this.#onClose = onClose;
    fabric.open++;
  }

  get isFull(): boolean {
    return this.#queue.length >= this.#backlog;
  }

  offer(end: E): void {
    this.#queue.push(end);
    this.#fabric.soon(this.#accept);
  }

  accept(done: Completion<R>): void {
    this.#fabric.operations++;
    if (this.#isClosed) return this.#reject(done, "BadResource");
    if (this.#accepting !== null) return this.#reject(done, "Busy");
    this.#accepting = done;
    this.#fabric.soon(this.#accept);
  }

  #accept = (): void => {
    const done = this.#accepting;
    if (done === null) return;
    const end = this.#queue.shift();
    if (end === undefined) return;
    this.#accepting = null;
    if (end.isReset) return this.#reject(done, "NotConnected");
    this.#fabric.operations--;
    end.open();
    done.resolve(this.#wrap(end));
  };

  #reject(done: Completion<R>, name: string): void {
    this.#fabric.soon(() => {
      this.#fabric.operations--;
      done.reject(platformError(name, `${name} (simulated)`));
    });
  }

  close(): void {
    if (this.#isClosed) throw platformError("BadResource", "Bad resource ID");
    this.#isClosed = true;
    this.#fabric.open--;
    this.#onClose();
    const done = this.#accepting;
    this.#accepting = null;
    if (done !== null) this.#reject(done, "BadResource");
    for (const end of this.#queue.splice(0)) end.abandon();
  }
}
