import type { AbortWatch } from "./_abort.ts";
import { DeadlineTimer } from "./_deadline.ts";
import type { HttpPhase } from "./errors.ts";
import type { Exchange } from "./_exchange.ts";
import type { Progress } from "./_failure.ts";
import { Moment } from "./_moment.ts";
import type { Settings } from "./options.ts";
import type { Plan } from "./_plan.ts";
import { Recording } from "./_recording.ts";
import { Timings } from "./timings.ts";

/**
 * What belongs to a request as a whole, from its first poll to the end of its
 * response's body, through all attempts and redirects. Whoever has a hand in it
 * is given this one object.
 */
export class Call {
  readonly settings: Settings;
  readonly abort: AbortWatch | null;
  readonly moment: Moment = new Moment();
  timings!: Timings;
  deadlines!: DeadlineTimer;
  recording: Recording | null = null;
  /** A redirect replaces it by the next. */
  plan: Plan;
  redirects = 0;
  /** How often it was tried since the last redirect. */
  attempts = 0;
  /** Whether a server may have got the request in an attempt before, or a hop. */
  arrived = false;

  constructor(settings: Settings, plan: Plan, abort: AbortWatch | null) {
    this.settings = settings;
    this.plan = plan;
    this.abort = abort;
  }

  /** It is polled for the first time: its time begins to run. */
  begin(): void {
    const { moment, settings } = this;
    this.timings = new Timings(moment.time);
    this.deadlines = new DeadlineTimer(moment, settings.deadlines.total);
    const { onExchange } = settings;
    this.recording = onExchange &&
      new Recording(onExchange, this.timings, moment);
  }

  /** How far it is, for an error to tell. */
  progress(phase: HttpPhase, exchange: Exchange | null): Progress {
    return {
      method: this.plan.method,
      origin: this.plan.target.origin,
      phase,
      attempt: this.attempts,
      bytesSent: exchange?.bytesSent ?? 0,
      bytesReceived: exchange?.bytesReceived ?? 0,
      requestMayHaveBeenProcessed: exchange?.mayHaveArrived || this.arrived,
    };
  }
}
