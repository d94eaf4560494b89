import type { Scheduler } from "./schedule.ts";

/**
 * A schedule as text: its choices, each a whole number; `0x17` stands for
 * seventeen zeros. Zeros at the end are left out, for they are what a replay
 * goes on with: the executor's own order.
 */
export function formatChoices(choices: readonly number[]): string {
  const parts: string[] = [];
  let zeros = 0;
  for (const choice of choices) {
    if (choice === 0) {
      zeros++;
      continue;
    }
    if (zeros > 0) parts.push(zeros === 1 ? "0" : `0x${zeros}`);
    parts.push(String(choice));
    zeros = 0;
  }
  return parts.length === 0 ? "0" : parts.join(".");
}

/** Reads what `formatChoices` has written. */
export function parseChoices(text: string): number[] {
  const choices: number[] = [];
  for (const part of text.split(".")) {
    const [, zeros, choice] = /^(?:0x(\d{1,6})|(\d{1,6}))$/.exec(part) ?? [];
    if (zeros !== undefined) {
      for (let i = Number(zeros); i > 0; i--) choices.push(0);
    } else if (choice !== undefined) {
      choices.push(Number(choice));
    } else {
      throw new SyntaxError(
        `Cannot read a schedule: expected numbers between dots, got "${part}"`,
      );
    }
  }
  return choices;
}

/**
 * Makes the choices of a list, then the first of each. One that is not there to
 * be made is replaced by the last: a list that is being shrunk need not fit.
 */
export class Replay implements Scheduler {
  readonly #choices: readonly number[];
  #at = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  next(): boolean {
    this.#at = 0;
    return true;
  }

  choose(_ready: readonly number[], count: number): number {
    return Math.min(this.#choices[this.#at++] ?? 0, count - 1);
  }
}
