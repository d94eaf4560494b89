// What dropping what each export of ./sync makes keeps or loses.
import { subjects } from "./_scenes.ts";

/** What dropping a whole end of a channel does. */
export const streams: Record<string, string> = {
  BroadcastReceiver: "loses data",
  MpscReceiver: "loses data",
  WatchReceiver: "safe",
};

/** Exports that neither are futures nor make any. */
export const others: string[] = [
  "BroadcastSender",
  "ChannelClosed",
  "ChannelFull",
  "GuardReleased",
  "Lagged",
  "MpscPermit",
  "MutexGuard",
  "MutexHolder",
  "RwLockReadGuard",
  "RwLockWriteGuard",
  "SemaphoreClosed",
  "SemaphorePermit",
  "broadcast",
  "mpsc",
  "oneshot",
  "watch",
];

/** All of them. */
export const table: Record<string, string> = {
  ...streams,
  ...Object.fromEntries(subjects.map(({ of, promise }) => [of, promise])),
};
