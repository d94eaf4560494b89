// Small configurations of each primitive, small enough to try every order.
import type { Sim } from "../../executor/sim/mod.ts";
import {
  anyOf,
  joining,
  joiningSettled,
  racing,
  selecting,
  sharing,
  unordered,
} from "./_future_bodies.ts";
import {
  barrier,
  broadcasting,
  channel,
  channelAborted,
  mutex,
  mutexAborted,
  notify,
  notifyAll,
  onceCell,
  oneshotSend,
  rwLock,
  semaphore,
  watching,
} from "./_sync_bodies.ts";
import { cancelling, joinSet, scoped } from "./_task_bodies.ts";

export const bodies: Record<string, (sim: Sim) => void> = {
  anyOf,
  barrier,
  broadcasting,
  cancelling,
  channel,
  channelAborted,
  joinSet,
  joining,
  joiningSettled,
  mutex: (sim) => mutex(sim),
  mutexAborted: (sim) => mutexAborted(sim),
  notify: (sim) => notify(sim),
  notifyAll,
  onceCell,
  oneshotSend,
  racing,
  rwLock,
  scoped,
  selecting,
  semaphore: (sim) => semaphore(sim),
  sharing,
  unordered,
  watching,
};
