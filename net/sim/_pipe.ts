import type { Fabric } from "./_fabric.ts";
import type { ByteFault, Link, Traveller } from "./_link.ts";

/** What travels over a connection. */
export type Segment =
  | { kind: "established" }
  | { kind: "data"; bytes: Uint8Array }
  | { kind: "end"; isAnnounced: boolean }
  | { kind: "reset" };

/** Where it arrives. */
export interface Target {
  receive(segment: Segment): void;
  /** Bytes were lost on the way; the sender need not wait for them. */
  lost(bytes: number): void;
}

/**
 * One direction of a connection: what is sent arrives, in order, when the link
 * says so, unless a fault strikes before.
 */
export class Pipe implements Traveller {
  readonly #fabric: Fabric;
  readonly link: Link;
  readonly #target: Target;
  readonly #onReset: () => void;
  readonly #name: string;
  readonly #faults: ByteFault[];
  #state: "open" | "stalled" | "ended" | "reset" = "open";
  /** What has not left yet, because the link is held or the pipe stalls. */
  readonly #waiting: Segment[] = [];
  #isAwaitingRelease = false;
  /** What has left, and not arrived. */
  readonly #onTheWay: Segment[] = [];
  /** How many bytes have been sent on their way. */
  #passed = 0;
  #lastArrival = 0;
  /** The other direction; set when the connection is made. */
  sibling!: Pipe;
  #hasEnded = false;

  constructor(
    fabric: Fabric,
    link: Link,
    name: string,
    target: Target,
    onReset: () => void,
  ) {
    this.#fabric = fabric;
    this.link = link;
    this.#name = name;
    this.#target = target;
    this.#onReset = onReset;
    this.#faults = link.byteFaults();
    link.join(this);
  }

  send(segment: Segment): void {
    if (this.#state === "reset") return;
    if (this.#state === "ended" && segment.kind !== "reset") {
      if (segment.kind === "data") this.#target.lost(segment.bytes.byteLength);
      return;
    }
    this.#waiting.push(segment);
    this.#pump();
  }

  /** Everything that has not arrived is followed by a reset, or lost for it. */
  sendReset(): void {
    if (this.#state === "reset") return;
    this.#state = "reset";
    this.#waiting.length = 0;
    this.link.leave(this);
    this.#depart({ kind: "reset" });
  }

  reset(): void {
    this.#onReset();
  }

  unstall(): void {
    this.#faults.length = 0;
    if (this.#state !== "stalled") return;
    this.#state = "open";
    this.#pump();
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#state === "open") {
      if (this.link.isHeld) {
        if (this.#isAwaitingRelease) return;
        this.#isAwaitingRelease = true;
        this.link.onRelease(() => {
          this.#isAwaitingRelease = false;
          this.#pump();
        });
        return;
      }
      const segment = this.#waiting[0]!;
      if (segment.kind === "established") {
        this.#waiting.shift();
        this.#depart(segment);
        continue;
      }
      const fault = this.#faults[0];
      if (fault !== undefined && this.#passed >= fault.afterBytes) {
        this.#faults.shift();
        this.#strike(fault);
        continue;
      }
      this.#waiting.shift();
      if (segment.kind !== "data") {
        this.#depart(segment);
        continue;
      }
      const room = fault === undefined
        ? Infinity
        : fault.afterBytes - this.#passed;
      const { bytes } = segment;
      if (bytes.byteLength > room) {
        this.#waiting.unshift({ kind: "data", bytes: bytes.subarray(room) });
      }
      const leaves = bytes.subarray(0, room);
      this.#passed += leaves.byteLength;
      this.#depart({ kind: "data", bytes: leaves });
      // A fault after the last byte strikes now, not when there is another one.
      if (fault !== undefined && this.#passed === fault.afterBytes) {
        this.#faults.shift();
        this.#strike(fault);
      }
    }
  }

  #strike(fault: ByteFault): void {
    this.#fabric.note(() =>
      `net   ${fault.what} ${this.#name} after ${this.#passed} bytes`
    );
    switch (fault.what) {
      case "reset":
        this.#onReset();
        return;
      case "end": {
        this.#state = "ended";
        this.#depart({ kind: "end", isAnnounced: false });
        for (const segment of this.#waiting.splice(0)) {
          if (segment.kind === "data") {
            this.#target.lost(segment.bytes.byteLength);
          }
        }
        return;
      }
      case "stall":
        this.#state = "stalled";
        if (fault.lasts === Infinity) return;
        this.#fabric.after(fault.lasts, () => {
          if (this.#state !== "stalled") return;
          this.#state = "open";
          this.#pump();
        });
    }
  }

  /** Sends a segment on its way. */
  #depart(segment: Segment): void {
    const size = segment.kind === "data" ? segment.bytes.byteLength : 0;
    this.#lastArrival = Math.max(this.#lastArrival, this.link.arrival(size));
    this.#onTheWay.push(segment);
    // The first one arrives, whichever this was due for: two that are due at one
    // time may come in either order, as their delays are rounded.
    this.#fabric.at(
      this.#lastArrival,
      () => this.#arrive(this.#onTheWay.shift()!),
    );
  }

  #arrive(segment: Segment): void {
    if (this.link.isHeld) {
      this.link.onRelease(() => this.#arrive(segment));
      return;
    }
    this.#fabric.note(() =>
      `net   ${this.#name} ${segment.kind}${
        segment.kind === "data" ? ` ${segment.bytes.byteLength}` : ""
      }`
    );
    if (segment.kind === "end") this.#over();
    this.#target.receive(segment);
  }

  /** Nothing more comes: once that is so both ways, there is nothing to reset. */
  #over(): void {
    this.#hasEnded = true;
    if (!this.sibling.#hasEnded) return;
    this.link.leave(this);
    this.sibling.link.leave(this.sibling);
  }
}
