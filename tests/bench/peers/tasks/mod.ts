/**
 * What a user would take instead of tasks, channels and timers of ours: other
 * libraries, in this process, and other languages, in one of their own. A peer
 * that is not to be had here is left out, and the benches say so by its name.
 *
 * The names of packages stand in strings, so that nothing but a bench that runs
 * looks for them: neither the type check nor any test does.
 */
import { skip } from "../../_report.ts";
import { part, type Way } from "../../_harness.ts";
import { effect } from "./effect.js";
import { effection } from "./effection.js";
import { native } from "./native.ts";
import { rxjs } from "./rxjs.js";

/** What peers do; not each of them does all. */
export interface Operations {
  /** Gives way so often, in one task. */
  yield(n: number): unknown;
  /** Spawns and joins so many tasks that give way once, 1,000 at a time. */
  spawn(n: number): unknown;
  /** Sends so many values to another task and back, one at a time. */
  roundTrip(n: number): unknown;
  /** Arms and cancels so many timers, 1,000 at a time. */
  timer(n: number, delayOf: (i: number) => number): unknown;
  /** Sends so many numbers through five operators. */
  pipeline(n: number): unknown;
  /** Merges two streams of so many numbers together. */
  merge(n: number): unknown;
  /** Runs an async function so often, so many times at once at most. */
  map(n: number, atMost: number, work: () => Promise<void>): unknown;
  /** Lets so many intervals tick so often, all at once. */
  interval(count: number, ticks: number, period: number): unknown;
}

type Peers = Record<string, Partial<Operations>>;

/** A package, and what turns it into peers. */
const PACKAGES: [specifier: string, peersOf: (module: never) => Peers][] = [
  ["npm:effect@4.1.0", effect],
  ["npm:effection@4.1.1", effection],
  ["npm:rxjs@7.8.2", rxjs],
];

let loaded: Promise<Peers> | undefined;

/** All libraries that can be had, once for all areas. */
function libraries(): Promise<Peers> {
  return loaded ??= (async () => {
    const all: Peers = {};
    for (const [specifier, peersOf] of PACKAGES) {
      try {
        Object.assign(all, peersOf(await import(specifier) as never));
      } catch (error) {
        skip(specifier, String(error).split("\n")[0]!);
      }
    }
    return all;
  })();
}

/** How a bench has an operation done. */
export interface Doing<O extends keyof Operations> {
  /** If the operation takes more than how often. */
  does?: (operation: Operations[O], n: number) => unknown;
  /** Which part of `n` libraries do, since they are slower by so much. */
  slower?: number;
}

/** The ways of all peers that have an operation. */
export async function peersFor<O extends keyof Operations>(
  operation: O,
  { does = (way, n) => (way as (n: number) => unknown)(n), slower = 1 }: Doing<
    O
  > = {},
): Promise<Record<string, Way>> {
  const ways: Record<string, Way> = {};
  for (const [name, peer] of Object.entries(await libraries())) {
    const own = peer[operation] as Operations[O] | undefined;
    if (own === undefined) continue;
    ways[name] = part((n, time) => time(() => does(own, n)), slower);
  }
  return { ...ways, ...await native(operation) };
}
