import { DropErrors } from "../../future/_drop.ts";
import type { Context } from "../../future/context.ts";
import type { Inspection } from "../../future/inspection.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { LivingFuture } from "../../future/_living.ts";
import { AsyncTimer } from "../../executor/time/async_timer.ts";
import { NetError } from "../errors.ts";
import type { AbortWatch } from "./_abort.ts";
import type { Connection } from "./pool/_connection.ts";
import { DeadlineTimer } from "./_deadline.ts";
import { Dial } from "./_dial.ts";
import type { HttpPhase } from "./errors.ts";
import { Exchange } from "./_exchange.ts";
import { deadlinePassed, failureOf, type Progress } from "./_failure.ts";
import { H1Incomplete } from "./h1/errors.ts";
import type { HeadEvent } from "./h1/events.ts";
import type { Settings } from "./options.ts";
import { HeadWait } from "./_head_wait.ts";
import { Meter } from "./_meter.ts";
import { Moment } from "./_moment.ts";
import type { Place } from "./pool/_place.ts";
import { isIdempotent, type Plan } from "./_plan.ts";
import type { Pool } from "./pool/_pool.ts";
import { nextPlan } from "./_redirect.ts";
import { Recording } from "./_recording.ts";
import type { Retries } from "./_retry.ts";
import type { HttpResponse } from "./response.ts";
import { respond } from "./_respond.ts";
import type { Ticket } from "./pool/_ticket.ts";
import { Timings } from "./timings.ts";

type State =
  | { at: "ready" }
  | { at: "queued"; ticket: Ticket }
  | { at: "dialling"; dial: Dial; place: Place }
  | { at: "exchanging"; exchange: Exchange; wait: HeadWait }
  /** Before another attempt. */
  | { at: "pausing"; timer: AsyncTimer }
  /** What it holds has gone to the response, or was let go. */
  | { at: "over" };

/**
 * A request on its way to a response. The states carry on those of
 * `SimpleHttpClient`: they are its own where it waits for a connection, those of
 * `Dial` where it makes one (resolving, connecting, handshaking), and those of
 * `Exchange` where it uses one (writing, awaiting the head); then the response's
 * body takes over (reading, draining).
 *
 *     ready --> queued --> dialling --> exchanging --> over
 *      ^  |                   ^             |
 *      |  +-------------------+-------------+  an idle connection is there
 *      +-- redirect, a stale connection, or a pause before another attempt
 *
 * One loop walks through them and comes back only when a child is pending.
 */
export class Send extends LivingFuture<HttpResponse> {
  readonly #pool: Pool;
  readonly #settings: Settings;
  readonly #abort: AbortWatch | null;
  #plan: Plan;
  readonly #moment = new Moment();
  #state: State = { at: "ready" };
  #deadlines!: DeadlineTimer;
  #timings!: Timings;
  #redirects = 0;
  #attempts = 0;
  #resolves = false;
  #retries: Retries | null = null;
  #recording: Recording | null = null;
  /** Whether a server may have got the request in an attempt before, or a hop. */
  #arrived = false;

  constructor(
    pool: Pool,
    settings: Settings,
    plan: Plan,
    abort: AbortWatch | null,
  ) {
    super();
    this.#pool = pool;
    this.#settings = settings;
    this.#plan = plan;
    this.#abort = abort;
  }

  protected override advance(cx: Context): Poll<HttpResponse> {
    this.#moment.tick();
    if (this.#timings === undefined) this.#begin();
    this.#abort?.check(cx.waker);
    for (;;) {
      try {
        const response = this.#walk(cx);
        if (response === Pending) this.#pollDeadline(cx);
        return response;
      } catch (error) {
        const failure = failureOf(error, this.#progress());
        this.#recording?.end("failed", failure);
        const wait = this.#retries?.afterFailure(failure, this.#plan) ?? null;
        if (wait === null) throw failure;
        this.#pause(wait);
      }
    }
  }

  /** Lets go of the attempt, and waits before the next. */
  #pause(wait: number): void {
    const errors = new DropErrors();
    this.#arrived = this.#progress().requestMayHaveBeenProcessed;
    this.#letGo(errors);
    this.#state = { at: "pausing", timer: new AsyncTimer(wait) };
    this.#deadlines.leave();
    errors.rethrow();
  }

  #begin(): void {
    this.#timings = new Timings(this.#moment.time);
    this.#deadlines = new DeadlineTimer(
      this.#moment,
      this.#settings.deadlines.total,
    );
    this.#retries = this.#settings.retry?.begin() ?? null;
    const { onExchange } = this.#settings;
    this.#recording = onExchange &&
      new Recording(onExchange, this.#timings, this.#moment);
  }

  #pollDeadline(cx: Context): void {
    const passed = this.#deadlines.poll(cx);
    if (passed !== Pending) throw deadlinePassed(passed, this.#progress());
  }

  #walk(cx: Context): Poll<HttpResponse> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "ready":
          this.#acquire();
          continue;

        case "queued": {
          const grant = state.ticket.poll(cx);
          if (grant === Pending) return Pending;
          this.#granted(grant, state.ticket.place);
          continue;
        }

        case "dialling": {
          const transport = state.dial.poll(cx);
          if (transport === Pending) return Pending;
          const { method } = this.#plan;
          this.#exchange(this.#pool.dialled(state.place, transport, method));
          continue;
        }

        case "exchanging": {
          const head = this.#pollHead(cx, state.exchange, state.wait);
          if (head === Pending) return Pending;
          if (head === null) continue; // the connection was stale
          const wait = this.#retries?.afterResponse(head, this.#plan) ?? null;
          if (wait !== null) {
            this.#recording?.end("dropped");
            this.#pause(wait);
            continue;
          }
          const next = nextPlan(
            this.#plan,
            head,
            this.#settings,
            this.#redirects,
          );
          if (next === null) return this.#respond(state.exchange, head);
          this.#recording?.end("dropped");
          state.exchange.drop();
          this.#arrived = true;
          this.#plan = next;
          this.#redirects++;
          this.#attempts = 0;
          this.#state = { at: "ready" };
          continue;
        }

        case "pausing":
          if (state.timer.poll(cx) === Pending) return Pending;
          this.#state = { at: "ready" };
          continue;

        case "over":
          throw new Error("Cannot go on with a request that is over");
        default:
          return state satisfies never;
      }
    }
  }

  /** Says how far it is; not with whom, for a URL may hold secrets. */
  override inspect(): Inspection {
    const state = this.#state;
    return {
      name: "HttpClient.request",
      waits: state.at,
      children: state.at === "dialling" ? [state.dial] : [],
    };
  }

  #acquire(): void {
    this.#recording?.begin(this.#plan);
    const place = this.#pool.place(this.#plan.route.key);
    const { method, body } = this.#plan;
    const careful = !isIdempotent(method) || body?.replayable === false;
    const grant = this.#pool.take(place, careful, this.#moment.time);
    if (grant !== null) {
      this.#granted(grant, place);
      return;
    }
    this.#state = { at: "queued", ticket: this.#pool.queue(place) };
    this.#deadlines.enter("queue", this.#settings.deadlines.queue);
  }

  #granted(grant: Connection | "dial", place: Place): void {
    this.#attempts++;
    this.#resolves = false;
    this.#timings.attempt(this.#moment.time);
    if (grant === "dial") this.#dial(place);
    else this.#exchange(grant);
  }

  #dial(place: Place): void {
    const { target, route } = this.#plan;
    const { deadlines } = this.#settings;
    const timings = this.#timings;
    const dial = new Dial(target, route, this.#settings, (phase) => {
      const time = this.#moment.tick();
      switch (phase) {
        case "resolving":
          this.#resolves = true;
          this.#deadlines.enter("resolve", deadlines.resolve);
          break;
        case "connecting":
          if (this.#resolves) timings.resolvedAt = time;
          this.#deadlines.enter("connect", deadlines.connect);
          break;
        case "tunnelling": // the time of connecting goes on
          break;
        case "handshaking":
          timings.connectedAt = time;
          this.#deadlines.enter("tls", deadlines.tls);
          break;
        case "connected":
          if (timings.connectedAt === 0) timings.connectedAt = time;
          else timings.securedAt = time;
      }
    });
    this.#state = { at: "dialling", dial, place };
  }

  #exchange(connection: Connection): void {
    const { method, fields, body, bytes, isWhole, expects } = this.#plan;
    const source = isWhole ? null : body!.open();
    const exchange = new Exchange(
      this.#pool,
      connection,
      bytes,
      source,
      expects,
      this.#settings.limits.drainBytes,
      this.#moment,
      body && Meter.for(this.#settings.onUpload, body.length),
    );
    this.#recording?.attach(exchange);
    connection.requests++;
    connection.parser.reset({
      method,
      upgrade: fields.has("upgrade"),
      limits: this.#settings.h1Limits,
    });
    this.#timings.sendingAt = this.#moment.time;
    const wait = new HeadWait(
      exchange,
      source !== null,
      this.#deadlines,
      this.#settings.deadlines,
    );
    this.#state = { at: "exchanging", exchange, wait };
  }

  #pollHead(
    cx: Context,
    exchange: Exchange,
    wait: HeadWait,
  ): Poll<HeadEvent | null> {
    try {
      return wait.poll(cx);
    } catch (error) {
      exchange.fail("the request failed");
      if (!this.#maySendAgain(exchange, error)) throw error;
      this.#recording?.end("failed", failureOf(error, this.#progress()));
      wait.drop();
      this.#arrived ||= exchange.mayHaveArrived;
      this.#state = { at: "ready" };
      return null;
    }
  }

  /**
   * A connection that was kept may have been closed by the server at the moment
   * that it was used. Sending again is safe if nothing came back, if the body is
   * still there, and if sending twice is sending once, or nothing was sent.
   */
  #maySendAgain(exchange: Exchange, error: unknown): boolean {
    const { method, body } = this.#plan;
    const isStale = exchange.connection.requests > 1 &&
      exchange.bytesReceived === 0 &&
      (error instanceof NetError || error instanceof H1Incomplete);
    if (!isStale) return false;
    this.#pool.wasStale(exchange.connection, this.#timings.sendingAt);
    if (body !== null && !body.replayable) return false;
    return isIdempotent(method) ||
      (exchange.bytesSent === 0 && exchange.sendFailure !== null);
  }

  #respond(exchange: Exchange, head: HeadEvent): HttpResponse {
    const response = respond(exchange, head, {
      plan: this.#plan,
      settings: this.#settings,
      timings: this.#timings,
      moment: this.#moment,
      deadlines: this.#deadlines,
      abort: this.#abort,
      attempts: this.#attempts,
      redirects: this.#redirects,
      recording: this.#recording,
    });
    this.#state = { at: "over" };
    return response;
  }

  #progress(): Progress {
    const state = this.#state;
    const exchange = state.at === "exchanging" ? state.exchange : null;
    return {
      method: this.#plan.method,
      origin: this.#plan.target.origin,
      phase: this.#phaseName(),
      attempt: this.#attempts,
      bytesSent: exchange?.bytesSent ?? 0,
      bytesReceived: exchange?.bytesReceived ?? 0,
      requestMayHaveBeenProcessed: exchange?.mayHaveArrived || this.#arrived,
    };
  }

  #phaseName(): HttpPhase {
    const state = this.#state;
    switch (state.at) {
      case "ready":
      case "pausing":
        return "request";
      case "queued":
        return "queue";
      case "dialling":
        return state.dial.phase;
      case "exchanging":
        return state.exchange.isSending ? "write" : "head";
      case "over":
        return "body";
    }
  }

  protected override free(errors: DropErrors): void {
    if (this.#state.at === "over") return; // the response has it all
    this.#recording?.end("dropped");
    this.#letGo(errors);
    this.#deadlines?.drop();
    this.#abort?.drop();
    errors.collect(() => this.#plan.body?.drop());
  }

  /** Lets go of what the state holds. */
  #letGo(errors: DropErrors): void {
    const state = this.#state;
    this.#state = { at: "over" };
    switch (state.at) {
      case "queued":
        errors.collect(() => state.ticket.drop());
        break;
      case "dialling":
        errors.collect(() => state.dial[Symbol.dispose]());
        this.#pool.undialled(state.place);
        break;
      case "exchanging":
        state.wait.drop();
        errors.collect(() => state.exchange.drop());
        break;
      case "pausing":
        state.timer[Symbol.dispose]();
    }
  }
}
