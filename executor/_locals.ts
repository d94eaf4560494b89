/**
 * Values of task-locals, as a list from the innermost on. A list is never
 * changed: tasks that were spawned under it share it.
 */
export class Locals {
  readonly key: object;
  readonly value: unknown;
  readonly outer: Locals | null;

  constructor(key: object, value: unknown, outer: Locals | null) {
    this.key = key;
    this.value = value;
    this.outer = outer;
  }
}

/** Stands in for a task while a future is polled by hand, outside of any. */
export const noTask: { locals: Locals | null } = { locals: null };
