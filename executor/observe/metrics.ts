/** What a task has cost so far, since the executor is observed. */
export interface TaskMetrics {
  /** How often it was polled. */
  polls: number;
  /** How often a wake has put it in line. */
  wakes: number;
  /** The milliseconds of its polls. */
  busyMs: number;
  /** The milliseconds that it stood in line. */
  readyMs: number;
  /** The milliseconds that it waited to be woken. */
  idleMs: number;
  /** The milliseconds since its last poll ended, or since it was first seen. */
  sinceLastPollMs: number;
}

/** What an executor has done so far, since it is observed. */
export interface ExecutorMetrics {
  /** Tasks that were spawned. */
  tasksSpawned: number;
  /** Tasks that have ended with a value. */
  tasksCompleted: number;
  /** Tasks that have ended with an error. */
  tasksFailed: number;
  /** Tasks that were aborted. */
  tasksCancelled: number;
  /** Polls of tasks. */
  polls: number;
  /** Wakes that have put a task in line. */
  wakes: number;
  /** Batches of polls, each in one microtask or turn of the host. */
  turns: number;
  /** Turns that were cut short, so that the host had its own. */
  hostYields: number;
  /** The milliseconds of all polls. */
  busyMs: number;
  /** How long the polls took. */
  pollTimes: PollTimes;
}

/** How many polls took how long, in steps that double. */
export interface PollTimes {
  /** The upper bounds in microseconds; a poll counts for the first above it. */
  lessThanUs: number[];
  /** How many polls there were for each bound. */
  counts: number[];
}
