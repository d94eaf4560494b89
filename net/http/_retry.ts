import { backoff } from "../../future/retry.ts";
import { currentCore } from "../../executor/_current.ts";
import { checkNames } from "../../future/_option_names.ts";
import { wallClock } from "../_deno.ts";
import { DeadlineExceeded, type HttpError, TransportError } from "./errors.ts";
import type { HeadEvent } from "./h1/events.ts";
import { isIdempotent, type Plan } from "./_plan.ts";
import type { HttpRetryOptions } from "./options.ts";

const DEFAULTS: Required<HttpRetryOptions> = {
  attempts: 3,
  first: 100,
  factor: 2,
  most: 30_000,
  statuses: [408, 429, 502, 503, 504],
  retryAfter: 60_000,
  budget: 0.2,
};

/** Retries that are free, before the budget is asked: few requests need them. */
const RESERVE = 10;

/**
 * Which failures and which responses are worth another attempt, and when. It is
 * one for a client: the budget is that of all its requests together, so that a
 * server that is down is not hit by several times the traffic.
 *
 * A request is only sent again if its body can be, and if sending it twice is
 * sending it once: it is idempotent, or the server has not seen it.
 */
export class RetryPolicy {
  readonly #options: Required<HttpRetryOptions>;
  #tokens = RESERVE;

  /**
   * @throws {TypeError} If an option is of the wrong kind.
   * @throws {RangeError} If a number is out of range.
   */
  constructor(given: HttpRetryOptions) {
    checkNames(given, DEFAULTS, "retry.");
    const options = { ...DEFAULTS, ...given };
    const { first, factor, most, attempts, statuses, retryAfter, budget } =
      options;
    backoff({ first, factor, most, attempts }); // checks them
    if (
      !Array.isArray(statuses) ||
      !statuses.every((each) => Number.isInteger(each) && each >= 200)
    ) {
      throw new TypeError(
        "Cannot use the option retry.statuses: it must be an array of statuses",
      );
    }
    for (const [name, value] of Object.entries({ retryAfter, budget })) {
      if (!(value >= 0)) {
        throw new RangeError(
          `Cannot use the option retry.${name}: it must be at least 0, got ${value}`,
        );
      }
    }
    this.#options = options;
  }

  /** A request has begun: it earns the right to a part of a retry. */
  begin(): Retries {
    const { first, factor, most, attempts, budget } = this.#options;
    this.#tokens = Math.min(RESERVE, this.#tokens + budget);
    const random = () => currentCore().host.random();
    return new Retries(
      this,
      this.#options,
      backoff({ first, factor, most, attempts, random }),
    );
  }

  /** Takes from the budget what a retry costs. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** The attempts of one request. */
export class Retries {
  readonly #policy: RetryPolicy;
  readonly #options: Required<HttpRetryOptions>;
  /** The waits before the second attempt, the third and so on. */
  readonly #waits: Iterator<number>;

  constructor(
    policy: RetryPolicy,
    options: Required<HttpRetryOptions>,
    waits: Iterable<number>,
  ) {
    this.#policy = policy;
    this.#options = options;
    this.#waits = waits[Symbol.iterator]();
  }

  /** Milliseconds to wait before another attempt; null if it is not worth one. */
  afterFailure(error: unknown, plan: Plan): number | null {
    const isPassing = error instanceof TransportError ||
      (error instanceof DeadlineExceeded &&
        error.deadline !== "deadlines.total");
    if (!isPassing || !canRepeat(plan, error as HttpError)) return null;
    return this.#next(0);
  }

  /** The same, after a response. */
  afterResponse(head: HeadEvent, plan: Plan): number | null {
    if (!this.#options.statuses.includes(head.status)) return null;
    if (!canRepeat(plan, null)) return null;
    const asked = retryAfter(head) ?? 0;
    if (asked > this.#options.retryAfter) return null; // too long to wait
    return this.#next(asked);
  }

  /** The server's own wish is heeded where it is the longer. */
  #next(asked: number): number | null {
    const next = this.#waits.next();
    if (next.done || !this.#policy.spend()) return null;
    return Math.max(next.value, asked);
  }
}

function canRepeat(plan: Plan, error: HttpError | null): boolean {
  if (plan.body !== null && !plan.body.replayable) return false;
  return isIdempotent(plan.method) ||
    (error !== null && !error.requestMayHaveBeenProcessed);
}

/**
 * RFC 9110 section 10.2.3: seconds, or a date. A date counts from the response's
 * own, so that it does not matter whether our clock agrees with the server's; a
 * response without one has come now (section 6.6.1).
 */
function retryAfter({ fields }: HeadEvent): number | null {
  const value = fields.get("retry-after");
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(fields.get("date") ?? "");
  const from = Number.isNaN(date) ? wallClock().getTime() : date;
  const wait = Date.parse(value) - from;
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
