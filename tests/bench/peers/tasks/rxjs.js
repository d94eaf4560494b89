// The operations in RxJS's own words, where it has them: it pushes, and without
// waiting, so a pipeline is a few calls for each item.

/** @param module `npm:rxjs` */
export function rxjs(module) {
  const { filter, from, interval, lastValueFrom, map, merge } = module;
  const { mergeMap, range, reduce, take, timer } = module;

  return {
    "RxJS": {
      timer(n, delayOf) {
        const armed = new Array(1000);
        for (let done = 0; done < n; done += 1000) {
          for (let i = 0; i < 1000; i++) {
            armed[i] = timer(delayOf(i)).subscribe();
          }
          for (const each of armed) each.unsubscribe();
        }
      },

      pipeline: (n) =>
        lastValueFrom(
          range(0, n).pipe(
            map((i) => i + 1),
            filter((i) => i % 2 === 1),
            map((i) => i * 2),
            filter((i) => i >= 0),
            take(n),
            reduce((sum, i) => sum + (i & 7), 0),
          ),
        ),

      merge: (n) =>
        lastValueFrom(
          merge(range(0, n / 2), range(0, n / 2)).pipe(
            reduce((sum, i) => sum + (i & 7), 0),
          ),
        ),

      map: (n, atMost, work) =>
        lastValueFrom(
          range(0, n).pipe(
            mergeMap(() => from(work()), atMost),
            reduce((count) => count + 1, 0),
          ),
        ),

      interval: (count, ticks, period) =>
        lastValueFrom(
          merge(
            ...Array.from(
              { length: count },
              () => interval(period).pipe(take(ticks)),
            ),
          ),
        ),
    },
  };
}
