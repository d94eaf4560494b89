import { assertInstanceOf, assertThrows } from "@std/assert";
import { JoinError } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import type { Future } from "../../future/mod.ts";
import { NetError } from "../../net/mod.ts";

/** Polls a future that fails. */
export function failure<T>(future: Future<T>): NetError {
  let error: unknown;
  try {
    pollOnce(future);
  } catch (thrown) {
    error = thrown;
  }
  assertInstanceOf(error, NetError);
  return error;
}

/** What a task of an executor failed with. */
export function failureOf(task: Future<unknown>): NetError {
  const error = assertThrows(() => pollOnce(task), JoinError).cause;
  assertInstanceOf(error, NetError);
  return error;
}
