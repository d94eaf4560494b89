// What dropping what each export of ./future makes keeps or loses.

/** What each export promises; the words its documentation begins with. */
export const promises: Record<string, string> = {
  abortable: "as safe as `future`",
  any: "loses data",
  co: "as safe as what the body waits for",
  flatMap: "as safe as the future that is under way",
  fromPromise: "loses data",
  fromSignal: "safe",
  join: "loses data",
  joinSettled: "loses data",
  lazy: "safe before the first poll",
  map: "as safe as `future`",
  mapError: "as safe as `future`",
  pending: "safe",
  pin: "safe",
  pollFn: "safe",
  race: "loses data",
  ready: "safe",
  recover: "as safe as the future that is under way",
  retry: "as safe as the attempt that is under way",
  select: "loses data",
  settle: "as safe as `future`",
  shared: "safe",
};

/** Exports that make no future. */
export const others: string[] = [
  "FuturesOrdered",
  "FuturesUnordered",
  "Shared",
  "adopt",
  "backoff",
  "Budget",
  "CancelledError",
  "Future",
  "FutureMovedError",
  "noopWaker",
  "nowOrNever",
  "Pending",
  "PolledAfterCompletionError",
  "proceed",
  "ReentrantPollError",
  "release",
];
