import { activeTask } from "../../executor/_core.ts";
import {
  CancellationToken,
  type Executor,
  JoinSet,
  type Scope,
  scope,
  shield,
  type spawn,
} from "../../executor/mod.ts";
import { now, sleep, timeout, TimeoutError } from "../../executor/time/mod.ts";
import { co, type Future, race, select, settle } from "../../future/mod.ts";
import { Done } from "../../future/stream/mod.ts";
import type { Random } from "../future/sync/_random.ts";
import { Ending, Leaf, Region, Watched } from "./_tree_parts.ts";

/** Grows one random tree of tasks and keeps the books of it. */
export class Forest {
  readonly #random: Random;
  readonly #executor: Executor;
  /** Leaves that have begun and not ended. */
  readonly leaves: Set<Leaf> = new Set();
  /** Errors that were made up. */
  readonly errors: Set<unknown> = new Set();
  readonly tokens: CancellationToken[] = [new CancellationToken()];
  readonly root: Region = new Region(this, "run", null);
  /** The task that kills right now. */
  killer: object | null = null;
  /** How often each kind was grown. */
  readonly counts: Record<string, number> = {};
  /** What has gone wrong. An assertion would be caught by the tree itself. */
  readonly violations: string[] = [];
  /** Tasks that anybody may abort. */
  readonly victims: Disposable[] = [];

  constructor(random: Random, executor: Executor) {
    this.#random = random;
    this.#executor = executor;
  }

  chance(p: number): boolean {
    return this.#random.chance(p);
  }

  upTo(n: number): number {
    return this.#random.below(n + 1);
  }

  pick<T>(items: readonly T[]): T {
    return this.#random.pick(items);
  }

  newError(what: string): Error {
    const error = new Error(`${what} ${this.errors.size}`);
    this.errors.add(error);
    return error;
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** A random future: `s` is the scope around it, `region` all around it. */
  grow(
    depth: number,
    region: Region,
    s: Scope | null,
    around: Region,
  ): Future<unknown> {
    const kinds = depth <= 0 ? ["leaf", "sleep"] : [
      "leaf",
      "block",
      "scope",
      "scope",
      "scope",
      "set",
      "select",
      "timeout",
      "race",
      "token",
      "settle",
      "shield",
    ];
    const kind = this.pick(kinds);
    this.#count(kind);
    const deeper = () => this.grow(depth - 1, region, s, around);
    switch (kind) {
      case "leaf":
        return this.#leaf(region);
      case "sleep":
        return sleep(this.upTo(20));
      case "block":
        return this.#block(region, deeper);
      case "scope":
        return this.#scope(depth, region);
      case "set":
        return this.#set(depth, region, s, around);
      case "select":
        return select({ a: deeper(), b: deeper() });
      case "race":
        return race([deeper(), deeper()]);
      case "timeout":
        return timeout(deeper(), this.upTo(15));
      case "token":
        return this.#token(deeper());
      case "settle":
        return settle(deeper());
      default:
        return s === null ? deeper() : this.#shield(depth, s, around);
    }
  }

  #leaf(region: Region): Future<unknown> {
    const act = this.pick<() => unknown>([
      () => "done",
      () => "done",
      () => {
        throw this.newError("leaf");
      },
      () => this.pick(this.tokens).cancel(this.newError("token")),
      () => {
        this.#count("kill");
        if (this.victims.length === 0) return;
        this.killer = activeTask();
        this.pick(this.victims)[Symbol.dispose]();
        this.killer = null;
      },
    ]);
    return new Watched("leaf", region, new Leaf(this, this.upTo(3), act));
  }

  /** What goes on in the scope belongs to that alone. */
  #shield(depth: number, s: Scope, around: Region): Future<unknown> {
    let isHandedOver = false;
    const region = new Region(this, "shield", around);
    const work = new Ending(
      new Watched(
        "shielded work",
        around,
        this.grow(depth - 2, region, s, around),
      ),
      region,
      (how) => {
        region.ended();
        if (isHandedOver && typeof how === "object" && !s.isCancelled) {
          around.note(how.error);
        }
      },
    );
    return new Ending(shield(work, { into: s }), null, (how) => {
      isHandedOver = how === "dropped"; // polled as a task later on
    });
  }

  /** Sequential code with something to clean up. */
  #block(region: Region, deeper: () => Future<unknown>): Future<unknown> {
    const cleanupError = this.chance(0.1) ? this.newError("cleanup") : null;
    const steps = [deeper(), deeper()];
    return new Watched(
      "block",
      region,
      co(function* () {
        try {
          for (const step of steps) yield* step;
        } finally {
          // deno-lint-ignore no-unsafe-finally
          if (cleanupError !== null) throw cleanupError;
        }
      }),
    );
  }

  #token(future: Future<unknown>): Future<unknown> {
    const token = this.chance(0.5)
      ? this.pick(this.tokens).child()
      : this.pick(this.tokens);
    if (this.chance(0.3)) this.tokens.push(token);
    return token.runUntilCancelled(future);
  }

  #scope(depth: number, outer: Region): Future<unknown> {
    const region = new Region(this, "scope", outer);
    const limit = this.chance(0.4) ? this.upTo(20) : undefined;
    const token = this.chance(0.2) ? this.pick(this.tokens) : undefined;
    let begun = 0;
    const body = this.#body.bind(this);
    const inner = scope(
      function* (s) {
        begun = now();
        yield* new Watched(
          "body",
          region,
          co(() => body(depth, region, s)),
          (error) => {
            if (!s.isCancelled) region.note(error);
          },
        );
      },
      {
        ...(limit !== undefined && { timeout: limit }),
        ...(token !== undefined && { token }),
      },
    );
    return new Ending(inner, region, (how) => {
      region.ended();
      if (how === "dropped") return;
      const { first } = region;
      if (how === "completed") {
        if (first !== null) this.violations.push(`${first.error} is lost`);
        return;
      }
      for (let at = how.error;; at = (at as SuppressedError).suppressed) {
        if (first !== null && at === first.error) return;
        if (at instanceof SuppressedError) continue;
        const isToken = token !== undefined && at === token.reason;
        const isLimit = at instanceof TimeoutError && limit !== undefined &&
          now() >= begun + limit;
        if (first !== null || !(isToken || isLimit)) {
          this.violations.push(`thrown is ${at}, first was ${first?.error}`);
        }
        return;
      }
    });
  }

  *#body(
    depth: number,
    region: Region,
    s: Scope,
  ): Generator<Future<unknown>, void> {
    const handles = [];
    for (let i = this.upTo(3); i >= 0; i--) {
      const child = this.#child(depth, region, s);
      const handle = s.spawn(child);
      child.begin();
      handles.push(handle);
      if (this.chance(0.3)) this.victims.push(handle);
    }
    if (this.chance(0.5)) {
      yield* this.grow(depth - 2, region, s, region);
    }
    if (this.chance(0.3)) yield* settle(this.pick(handles));
    if (this.chance(0.2)) this.pick(handles).abort();
    if (this.chance(0.1)) s.abortAll();
    if (this.chance(0.1)) {
      const reason = this.newError("cancel");
      if (!s.isCancelled) region.note(reason);
      s.cancel(reason);
    }
    if (this.chance(0.2)) throw this.newError("body");
    if (this.chance(0.3)) {
      const late = this.#child(depth - 1, region, s);
      s.spawn(late);
      late.begin();
    }
  }

  #child(depth: number, region: Region, s: Scope): Watched {
    return new Watched(
      "child",
      region,
      this.grow(depth - 1, region, s, region),
      (error) => {
        if (!s.isCancelled) region.note(error);
      },
    );
  }

  #set(
    depth: number,
    outer: Region,
    s: Scope | null,
    around: Region,
  ): Future<unknown> {
    const region = new Region(this, "set", outer);
    const member = () =>
      new Watched("member", region, this.grow(depth - 1, region, s, around));
    const count = this.upTo(3) + 1;
    const fetched = this.upTo(4);
    const abortAfter = this.chance(0.2);
    const body = co(function* () {
      try {
        using set = new JoinSet<unknown>();
        for (let i = 0; i < count; i++) set.spawn(member().begin());
        for (let i = 0; i < fetched; i++) {
          if ((yield* set.joinNext()) === Done) break;
        }
        if (abortAfter) set.abortAll();
      } finally {
        region.ended();
      }
    });
    return new Ending(body, region, () => region.ended());
  }

  /** Wakes some of those that wait, as events from outside would. */
  stir(): void {
    for (const leaf of [...this.leaves]) if (this.chance(0.5)) leaf.wake();
  }

  /** Spawns a tree as a task. */
  plant(depth: number): ReturnType<typeof spawn<unknown>> {
    const tree = new Watched(
      "tree",
      this.root,
      this.grow(depth, this.root, null, this.root),
    );
    const task = this.#executor.spawn(
      new Ending(tree, this.root, () => this.root.ended()),
      { name: "root" },
    );
    this.victims.push(task);
    return task;
  }
}
