import {
  any,
  type Future,
  join,
  joinSettled,
  race,
  select,
} from "../../future/mod.ts";

type Combine = (futures: readonly Future<unknown>[]) => Future<unknown>;

/** What has several children, under one signature. */
export const groups: { name: string; combine: Combine }[] = [
  { name: "join", combine: (futures) => join(futures) },
  {
    name: "join of an object",
    combine: (futures) => join(Object.fromEntries(named(futures))),
  },
  { name: "joinSettled", combine: (futures) => joinSettled(futures) },
  { name: "race", combine: (futures) => race(futures) },
  {
    name: "biased race",
    combine: (futures) => race(futures, { biased: true }),
  },
  { name: "any", combine: (futures) => any(futures) },
  {
    name: "select",
    combine: (futures) => select(Object.fromEntries(named(futures))),
  },
  {
    name: "biased select",
    combine: (futures) =>
      select(Object.fromEntries(named(futures)), { biased: true }),
  },
];

function named(
  futures: readonly Future<unknown>[],
): [string, Future<unknown>][] {
  return futures.map((future, i) => [`k${i}`, future]);
}
