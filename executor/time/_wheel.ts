/**
 * A hierarchical timing wheel (Varghese and Lauck, "Hashed and Hierarchical
 * Timing Wheels", 1987, scheme 7; the digit-by-digit placement is that of
 * tokio and Kafka).
 *
 * Ten levels of 32 slots; a slot of level `l` spans 32^l ticks of 1 ms, so the
 * wheel reaches 2^50 ms. A timer stands at the level of the highest base-32
 * digit in which its tick differs from the present one. When the present
 * enters a slot of a higher level, the slot's timers move to lower levels: at
 * most nine times for each. So arming, cancelling and firing are O(1).
 *
 * A timer's tick is its deadline rounded down, so that a slot never starts after
 * a deadline in it. The deadline itself is kept: timers that are due together
 * fire in the order of (deadline, sequence).
 *
 * A timer that is put off stays where it stands, with its new deadline: when its
 * slot comes up, it moves on. So a timeout that each packet puts off is moved once
 * a lap, not once a packet.
 *
 * Timers are rows of typed arrays, named by a number: nothing is allocated to
 * arm one, and the garbage collector never walks them. The one pointer of a row
 * is its value.
 */
const BITS = 5;
const SLOTS = 1 << BITS;
const LEVELS = 10;
/** Deadlines from here on (35,000 years) are as good as never. */
const HORIZON = 2 ** (BITS * LEVELS);
const NONE = -1;
/** The slot of a timer that never fires, or has no deadline yet. */
const NOWHERE = -1;
const SMALLEST = 64;
/** Rows beyond which an empty wheel gives its memory back. */
const LARGE = 1 << 14;

/** The span of a slot of each level, in ticks. */
const SPANS = /* @__PURE__ */ Array.from(
  { length: LEVELS + 1 },
  (_, l) => SLOTS ** l,
);

export class TimerWheel<T> {
  /** The present: no timer is due before it. */
  #tick: number;
  /** Timers that stand in a slot, and all timers. */
  #size = 0;
  #count = 0;
  /** The last number given out. They wrap round, and leave out 0. */
  #sequences: number;

  // A row for each timer. `next` also links the free rows.
  #deadline = new Float64Array(SMALLEST);
  #sequence = new Int32Array(SMALLEST);
  #next = new Int32Array(SMALLEST);
  #previous = new Int32Array(SMALLEST);
  #slot = new Int16Array(SMALLEST);
  #value: (T | undefined)[] = [];
  #free = NONE;
  #rows = 0;

  // A list for each slot of each level, and a bit for each that is not empty.
  readonly #first = new Int32Array(LEVELS * SLOTS).fill(NONE);
  readonly #last = new Int32Array(LEVELS * SLOTS).fill(NONE);
  readonly #occupied = new Int32Array(LEVELS);

  /** @param sequences Where the numbers start: for tests of their wrapping. */
  constructor(now: number, sequences = 0) {
    this.#tick = Math.floor(now);
    this.#sequences = sequences;
  }

  /** How many timers there are. */
  get count(): number {
    return this.#count;
  }

  /** How many of them have a deadline before `HORIZON`: they will fire. */
  get size(): number {
    return this.#size;
  }

  /**
   * Arms a timer. Returns its row, which is free for others once the timer has
   * fired or was removed: `valueOf` tells.
   */
  insert(deadline: number, value: T): number {
    const row = this.take(value);
    this.set(row, deadline);
    return row;
  }

  /** Arms a timer whose deadline is still to be `set`. */
  take(value: T): number {
    const row = this.#take();
    this.#value[row] = value;
    this.#slot[row] = NOWHERE;
    this.renew(row);
    return row;
  }

  /** Gives the timer in a row another deadline and a new sequence number. */
  move(row: number, deadline: number): void {
    this.renew(row);
    this.set(row, deadline);
  }

  /** Gives the timer in a row a new sequence number. */
  renew(row: number): void {
    this.#sequence[row] = this.#sequences = (this.#sequences + 1) | 0 || 1;
  }

  /** Gives the timer in a row a deadline. */
  set(row: number, deadline: number): void {
    const isPutOff = this.#slot[row] !== NOWHERE &&
      deadline >= this.#deadline[row]! && deadline < HORIZON;
    if (!isPutOff) this.#displace(row);
    this.#deadline[row] = deadline;
    if (isPutOff) return;
    if (deadline >= HORIZON) {
      this.#slot[row] = NOWHERE;
    } else {
      this.#size++;
      this.#link(row);
    }
  }

  /** Cancels the timer in a row. */
  remove(row: number): void {
    this.#displace(row);
    this.#give(row);
    this.#shrink();
  }

  /** The sequence number of the timer in a row; 0 when the row is free. */
  sequenceOf(row: number): number {
    return this.#sequence[row] ?? 0;
  }

  deadlineOf(row: number): number {
    return this.#deadline[row]!;
  }

  /** The timer in a row; undefined when the row is free. */
  valueOf(row: number): T | undefined {
    return this.#value[row];
  }

  /**
   * The next deadline, if it is within the present 32 ticks; else a time, not
   * later than the next deadline, by which `advance` should be called.
   */
  next(): number {
    while (this.#size > 0) {
      const level = this.#lowest();
      const slot = this.#nextSlot(level);
      const start = this.#startOf(level, slot);
      if (level > 0) return start;
      let soonest = Infinity;
      for (let row = this.#first[slot]!; row !== NONE;) {
        const next = this.#next[row]!;
        if (!this.#movedOn(row, start)) {
          soonest = Math.min(soonest, this.#deadline[row]!);
        }
        row = next;
      }
      if (soonest < Infinity) return soonest;
    }
    return Infinity;
  }

  /** Moves a timer that was put off out of a slot that is too early for it. */
  #movedOn(row: number, start: number): boolean {
    if (this.#deadline[row]! < start + 1) return false;
    this.#unlink(row);
    this.#link(row);
    return true;
  }

  /** Moves the present to `now`; the values of all timers due, in order. */
  advance(now: number): T[] {
    const due: T[] = [];
    const target = Math.floor(now);
    while (this.#size > 0) {
      const level = this.#lowest();
      const slot = this.#nextSlot(level);
      const start = this.#startOf(level, slot);
      if (start > target) break;
      this.#tick = start;
      if (level > 0) this.#cascade(level, slot);
      else if (!this.#expire(slot, now, due)) break;
    }
    if (target > this.#tick) this.#tick = target;
    this.#shrink();
    return due;
  }

  /** Moves a slot's timers to lower levels, keeping their order. */
  #cascade(level: number, slot: number): void {
    let row = this.#detach(level * SLOTS + slot);
    while (row !== NONE) {
      const next = this.#next[row]!;
      this.#link(row);
      row = next;
    }
  }

  /** Takes those due out of a slot of level 0; whether that emptied it. */
  #expire(slot: number, now: number, due: T[]): boolean {
    const rows: number[] = [];
    let sorted = true;
    for (let row = this.#first[slot]!; row !== NONE;) {
      const next = this.#next[row]!;
      if (!this.#movedOn(row, this.#tick) && this.#deadline[row]! <= now) {
        const before = rows.at(-1);
        sorted &&= before === undefined || this.#compare(before, row) < 0;
        rows.push(row);
        this.#displace(row);
      }
      row = next;
    }
    if (!sorted) rows.sort((a, b) => this.#compare(a, b));
    for (const row of rows) {
      due.push(this.#value[row]!);
      this.#give(row);
    }
    return this.#first[slot] === NONE;
  }

  #compare(a: number, b: number): number {
    return this.#deadline[a]! - this.#deadline[b]! ||
      (this.#sequence[a]! - this.#sequence[b]!) | 0;
  }

  /** The level of the soonest timers: all of a level precede the next one's. */
  #lowest(): number {
    let level = 0;
    while (this.#occupied[level] === 0) level++;
    return level;
  }

  /** The first occupied slot of a level; all are ahead of the present. */
  #nextSlot(level: number): number {
    const bits = this.#occupied[level]!;
    return 31 - Math.clz32(bits & -bits);
  }

  #startOf(level: number, slot: number): number {
    const turn = SPANS[level + 1]!;
    return Math.floor(this.#tick / turn) * turn + slot * SPANS[level]!;
  }

  #displace(row: number): void {
    if (this.#slot[row] === NOWHERE) return;
    this.#size--;
    this.#unlink(row);
  }

  /** Appends a row to the slot that its deadline belongs to. */
  #link(row: number): void {
    const tick = Math.max(Math.floor(this.#deadline[row]!), this.#tick);
    const at = tick < 2 ** 31
      ? nearSlot(tick, this.#tick)
      : farSlot(tick, this.#tick);
    const last = this.#last[at]!;
    this.#slot[row] = at;
    this.#next[row] = NONE;
    this.#previous[row] = last;
    this.#last[at] = row;
    if (last === NONE) {
      this.#first[at] = row;
      this.#occupied[at >> BITS]! |= 1 << (at % SLOTS);
    } else {
      this.#next[last] = row;
    }
  }

  #unlink(row: number): void {
    const at = this.#slot[row]!;
    const next = this.#next[row]!;
    const previous = this.#previous[row]!;
    if (next === NONE) this.#last[at] = previous;
    else this.#previous[next] = previous;
    if (previous === NONE) this.#first[at] = next;
    else this.#next[previous] = next;
    if (this.#first[at] === NONE) this.#clearBit(at);
  }

  #detach(at: number): number {
    const row = this.#first[at]!;
    this.#first[at] = NONE;
    this.#last[at] = NONE;
    this.#clearBit(at);
    return row;
  }

  #clearBit(at: number): void {
    this.#occupied[at >> BITS]! &= ~(1 << (at % SLOTS));
  }

  #take(): number {
    this.#count++;
    const row = this.#free;
    if (row !== NONE) {
      this.#free = this.#next[row]!;
      return row;
    }
    if (this.#rows === this.#next.length) this.#resize(this.#rows * 2);
    return this.#rows++;
  }

  #give(row: number): void {
    this.#value[row] = undefined;
    this.#sequence[row] = 0;
    this.#next[row] = this.#free;
    this.#free = row;
    this.#count--;
  }

  #resize(rows: number): void {
    this.#deadline = resized(this.#deadline, new Float64Array(rows));
    this.#sequence = resized(this.#sequence, new Int32Array(rows));
    this.#next = resized(this.#next, new Int32Array(rows));
    this.#previous = resized(this.#previous, new Int32Array(rows));
    this.#slot = resized(this.#slot, new Int16Array(rows));
  }

  #shrink(): void {
    if (this.#count > 0 || this.#rows <= LARGE) return;
    this.#rows = 0;
    this.#free = NONE;
    this.#value.length = 0;
    this.#resize(SMALLEST);
  }
}

/**
 * The slot for a tick: of the level of the highest base-32 digit in which it
 * differs from the present. Ticks below 2^31, which is 25 days, are integers to
 * the machine, and many times as quick to take apart.
 */
function nearSlot(tick: number, present: number): number {
  const differing = tick ^ present;
  // An integer times 13 / 64 is it times 1/5, rounded down, as far as 31.
  const level = differing < SLOTS
    ? 0
    : ((31 - Math.clz32(differing)) * 13) >> 6;
  return level * SLOTS + ((tick >> (level * BITS)) & (SLOTS - 1));
}

/** The same for any tick. */
function farSlot(tick: number, present: number): number {
  let level = 0;
  while (
    Math.floor(tick / SPANS[level + 1]!) !==
      Math.floor(present / SPANS[level + 1]!)
  ) level++;
  return level * SLOTS + Math.floor(tick / SPANS[level]!) % SLOTS;
}

function resized<A extends Float64Array | Int32Array | Int16Array>(
  from: A,
  to: A,
): A {
  to.set(from.subarray(0, Math.min(from.length, to.length)));
  return to;
}
