import { assertSpan, type Fabric } from "./_fabric.ts";
import type { FaultRule, SimLink, Span } from "./sim_link.ts";

/** What happens to a connection once so many bytes have passed. */
export interface ByteFault {
  readonly afterBytes: number;
  readonly what: "reset" | "end" | "stall";
  /** For how long it stalls. */
  readonly lasts: number;
}

type DialFault = "refuse" | "blackhole" | "accept then reset";

export class Rule<F> {
  readonly fault: F;
  readonly #probability: number;
  readonly #from: number;
  readonly #until: number;
  #left: number;

  constructor(fault: F, rule: FaultRule) {
    const { probability = 1, from = 0, until = Infinity, times = Infinity } =
      rule;
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(
        `Cannot set up a fault: probability must be from 0 to 1, got ${probability}`,
      );
    }
    if (!(times >= 0) || !(from >= 0) || !(until >= from)) {
      throw new RangeError(
        `Cannot set up a fault: times and from must be at least 0, and until not before from, got ${times}, ${from}, ${until}`,
      );
    }
    this.fault = fault;
    this.#probability = probability;
    this.#from = from;
    this.#until = until;
    this.#left = times;
  }

  /** Whether it strikes a connection that is made now. */
  strikes(fabric: Fabric): boolean {
    const { now } = fabric;
    if (this.#left <= 0 || now < this.#from || now >= this.#until) return false;
    if (this.#probability < 1 && !fabric.random.chance(this.#probability)) {
      return false;
    }
    this.#left--;
    return true;
  }
}

/** What a link starts with. */
export interface LinkDefaults {
  latency: Span;
  bandwidth: number;
  chunk: Span;
  sendBuffer: number;
}

/** What goes over a link, as far as that is concerned. */
export interface Traveller {
  reset(): void;
  unstall(): void;
}

/** A link, as the network sees it. */
export class Link implements SimLink {
  readonly name: string;
  readonly #fabric: Fabric;
  readonly #settings: LinkDefaults;
  #dialRules: Rule<DialFault>[] = [];
  #byteRules: Rule<ByteFault>[] = [];
  #isHeld = false;
  /** What goes on once the link is released. */
  #held: (() => void)[] = [];
  /** The connections over it, to be reset. */
  readonly #alive = new Set<Traveller>();
  /** When the last byte before has left. */
  #freeAt = 0;

  constructor(fabric: Fabric, name: string, defaults: LinkDefaults) {
    this.#fabric = fabric;
    this.name = name;
    this.#settings = { ...defaults };
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  latency(span: Span): this {
    assertSpan("latency", span, 0);
    this.#settings.latency = span;
    return this;
  }

  bandwidth(bytesPerSecond: number): this {
    assertSpan("bandwidth", bytesPerSecond, Number.MIN_VALUE);
    this.#settings.bandwidth = bytesPerSecond;
    return this;
  }

  chunk(span: Span): this {
    assertSpan("chunk", span, 1);
    this.#settings.chunk = span;
    return this;
  }

  sendBuffer(bytes: number): this {
    assertSpan("sendBuffer", bytes, 1);
    this.#settings.sendBuffer = bytes;
    return this;
  }

  refuse(rule: FaultRule = {}): this {
    this.#dialRules.push(new Rule("refuse", rule));
    return this;
  }

  blackhole(rule: FaultRule = {}): this {
    this.#dialRules.push(new Rule("blackhole", rule));
    return this;
  }

  acceptThenReset(rule: FaultRule = {}): this {
    this.#dialRules.push(new Rule("accept then reset", rule));
    return this;
  }

  resetAfterBytes(bytes: number, rule: FaultRule = {}): this {
    return this.#afterBytes(bytes, "reset", 0, rule);
  }

  endAfterBytes(bytes: number, rule: FaultRule = {}): this {
    return this.#afterBytes(bytes, "end", 0, rule);
  }

  stallAfterBytes(
    bytes: number,
    rule: FaultRule & { lasts?: number } = {},
  ): this {
    const { lasts = Infinity, ...rest } = rule;
    if (!(lasts >= 0)) {
      throw new RangeError(
        `Cannot set up a fault: lasts must be at least 0, got ${lasts}`,
      );
    }
    return this.#afterBytes(bytes, "stall", lasts, rest);
  }

  #afterBytes(
    afterBytes: number,
    what: ByteFault["what"],
    lasts: number,
    rule: FaultRule,
  ): this {
    if (!(Number.isInteger(afterBytes) && afterBytes >= 0)) {
      throw new RangeError(
        `Cannot set up a fault: bytes must be a whole number of at least 0, got ${afterBytes}`,
      );
    }
    this.#byteRules.push(new Rule({ afterBytes, what, lasts }, rule));
    return this;
  }

  hold(): void {
    this.#isHeld = true;
    this.#fabric.note(() => `net   hold ${this.name}`);
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#fabric.note(() => `net   release ${this.name}`);
    for (const resume of this.#held.splice(0)) resume();
  }

  reset(): void {
    for (const each of [...this.#alive]) each.reset();
  }

  heal(): void {
    this.#dialRules = [];
    this.#byteRules = [];
    this.release();
    for (const each of [...this.#alive]) each.unstall();
  }

  /** What strikes a connection attempt that is made now. */
  dialFault(): DialFault | null {
    return this.#dialRules.find((rule) => rule.strikes(this.#fabric))?.fault ??
      null;
  }

  /** What strikes a connection that is made now, soonest first. */
  byteFaults(): ByteFault[] {
    return this.#byteRules.filter((rule) => rule.strikes(this.#fabric))
      .map((rule) => rule.fault)
      .sort((a, b) => a.afterBytes - b.afterBytes);
  }

  /** When a message of so many bytes arrives that is sent now. */
  arrival(bytes: number): number {
    const { latency, bandwidth } = this.#settings;
    const { now } = this.#fabric;
    this.#freeAt = Math.max(this.#freeAt, now) + bytes * 1000 / bandwidth;
    return this.#freeAt + this.#fabric.draw(latency);
  }

  /** Is called back when the link is released. */
  onRelease(resume: () => void): void {
    this.#held.push(resume);
  }

  drawChunk(): number {
    return this.#fabric.drawWhole(this.#settings.chunk);
  }

  get bufferSize(): number {
    return this.#settings.sendBuffer;
  }

  join(connection: Traveller): void {
    this.#alive.add(connection);
  }

  leave(connection: Traveller): void {
    this.#alive.delete(connection);
  }
}
