import { proceed } from "../future/budget.ts";
import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { map } from "../future/map.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { type Shared, shared } from "../future/shared.ts";
import { now } from "../executor/time/now.ts";
import { isPermissionError } from "./_classify.ts";
import { checkNames, type Names } from "../future/_option_names.ts";
import {
  checkCount,
  checkObject,
  checkResolver,
  checkTime,
} from "./_options.ts";
import { lookupHost } from "./lookup_host.ts";

/**
 * Looks host names up: gives a future of IP addresses, the preferred ones
 * first. A function, or an object that has it as `resolve`.
 */
export type Resolver =
  | ((hostname: string) => Future<string[]>)
  | { resolve(hostname: string): Future<string[]> };

/** Asks a resolver, of whichever form. */
export function lookUpWith(
  resolver: Resolver,
  hostname: string,
): Future<string[]> {
  return typeof resolver === "function"
    ? resolver(hostname)
    : resolver.resolve(hostname);
}

/** How a {@linkcode cachingResolver} caches. */
export interface CachingResolverOptions {
  /** Milliseconds that an answer is kept: 30,000 by default. */
  ttl?: number;
  /** Milliseconds that a failure is kept: 1000 by default; 0 keeps none. */
  negativeTtl?: number;
  /** How many names are kept, those used last: 1000 by default. */
  maxEntries?: number;
  /** Who is asked for what is not kept: the operating system by default. */
  resolver?: Resolver;
}

const NAMES: Names<CachingResolverOptions> = {
  ttl: true,
  negativeTtl: true,
  maxEntries: true,
  resolver: true,
};

/** How a {@linkcode cachingResolver} answers. */
export type CachingResolver = (hostname: string) => Future<string[]>;

/** An answer that is kept, and until when. */
interface Entry {
  readonly outcome: Outcome;
  readonly until: number;
}

type Outcome = { addresses: readonly string[] } | { error: unknown };

/** A lookup under way: all who ask for the name meanwhile wait for this one. */
interface Flight {
  readonly lookup: Shared<string[]>;
  waiting: number;
}

class Cache {
  readonly #ttl: number;
  readonly #negativeTtl: number;
  readonly #maxEntries: number;
  readonly #resolver: Resolver;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();

  constructor(options: CachingResolverOptions) {
    this.#ttl = checkTime("ttl", options.ttl ?? 30_000);
    this.#negativeTtl = checkTime("negativeTtl", options.negativeTtl ?? 1000);
    this.#maxEntries = checkCount("maxEntries", options.maxEntries ?? 1000);
    this.#resolver = checkResolver(options.resolver) ?? systemResolver;
  }

  /** What is kept for a name, if it is still good. */
  find(hostname: string): Outcome | null {
    const entry = this.#entries.get(hostname);
    if (entry === undefined) return null;
    this.#entries.delete(hostname);
    if (entry.until <= now()) return null;
    this.#entries.set(hostname, entry); // used last
    return entry.outcome;
  }

  join(hostname: string): Flight {
    let flight = this.#flights.get(hostname);
    if (flight === undefined) {
      const lookup = shared(lookUpWith(this.#resolver, hostname));
      flight = { lookup, waiting: 0 };
      this.#flights.set(hostname, flight);
    }
    flight.waiting++;
    return flight;
  }

  /** One waits no more; the last one takes the lookup along. */
  leave(hostname: string, flight: Flight): void {
    if (--flight.waiting > 0) return;
    if (this.#flights.get(hostname) === flight) this.#flights.delete(hostname);
    flight.lookup[Symbol.dispose]();
  }

  /** The first to see the outcome keeps it. */
  keep(hostname: string, flight: Flight, outcome: Outcome): void {
    if (this.#flights.get(hostname) !== flight) return;
    this.#flights.delete(hostname);
    const ttl = "addresses" in outcome ? this.#ttl : this.#negativeTtl;
    // A refusal of the runtime is no news about the name.
    if ("error" in outcome && isRefusal(outcome.error)) return;
    this.#entries.set(hostname, { outcome, until: now() + ttl });
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}

function isRefusal(error: unknown): boolean {
  return isPermissionError(error) ||
    (error instanceof Error && isPermissionError(error.cause));
}

type State =
  | { at: "new" }
  | { at: "waiting"; flight: Flight; lookup: Future<string[]> }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

class CachedLookup extends Future<string[]> {
  readonly #cache: Cache;
  readonly #hostname: string;
  #state: State = { at: "new" };

  constructor(cache: Cache, hostname: string) {
    super();
    this.#cache = cache;
    this.#hostname = hostname;
  }

  override poll(cx: Context): Poll<string[]> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "new": {
          if (!proceed(cx)) return Pending;
          const known = this.#cache.find(this.#hostname);
          if (known !== null) return this.#end(known);
          const flight = this.#cache.join(this.#hostname);
          const lookup = flight.lookup.clone();
          this.#state = { at: "waiting", flight, lookup };
          continue;
        }
        case "waiting": {
          let outcome: Outcome;
          try {
            const addresses = state.lookup.poll(cx);
            if (addresses === Pending) return Pending;
            outcome = { addresses };
          } catch (error) {
            outcome = { error };
          }
          this.#cache.keep(this.#hostname, state.flight, outcome);
          this.#leave(state);
          return this.#end(outcome);
        }
        case "ended":
          throw new PolledAfterCompletionError("CachedLookup", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #end(outcome: Outcome): string[] {
    if ("error" in outcome) {
      this.#state = { at: "ended", how: "failed" };
      throw outcome.error;
    }
    this.#state = { at: "ended", how: "completed" };
    return [...outcome.addresses]; // the caller's own
  }

  #leave({ flight, lookup }: State & { at: "waiting" }): void {
    lookup[Symbol.dispose]();
    this.#cache.leave(this.#hostname, flight);
  }

  override inspect(): Inspection {
    const state = this.#state;
    return {
      name: "cachingResolver",
      waits: this.#hostname,
      ...(state.at === "waiting" ? { children: [state.lookup] } : {}),
    };
  }

  override [Symbol.dispose](): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how: "was dropped" };
    if (state.at === "waiting") this.#leave(state);
  }
}

const systemResolver: Resolver = (hostname) =>
  map(lookupHost(hostname), (found) => found.map((addr) => addr.hostname));

/**
 * A resolver that remembers. Several who ask for the same name at once wait for
 * one lookup; it goes on as long as one of them waits. Answers and failures are
 * kept for a time, on the clock of the executor that asks: share one among the
 * tasks of one executor.
 *
 * The operating system does not say how long an answer is good for, so the time
 * is yours to choose.
 *
 * Cancel safety: safe: dropped, the lookup goes on for the others, and is given
 * up when there are none.
 *
 * @param options How long, how many, and who is asked.
 * @returns The resolver, for the option `resolver` of a connect.
 * @throws {TypeError} If an option is of the wrong type.
 * @throws {RangeError} If a time is negative or NaN, or a count is less than 1.
 *
 * @example Usage
 * ```ts
 * import { ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { cachingResolver } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * let lookups = 0;
 * const resolver = cachingResolver({
 *   resolver: () => ready([`10.0.0.${++lookups}`]),
 * });
 * assertEquals(await run(resolver("example.test")), ["10.0.0.1"]);
 * assertEquals(await run(resolver("example.test")), ["10.0.0.1"]);
 * ```
 */
export function cachingResolver(
  options: CachingResolverOptions = {},
): CachingResolver {
  checkObject("options of a resolver", options);
  checkNames(options, NAMES);
  const cache = new Cache(options);
  return (hostname) => new CachedLookup(cache, hostname);
}
