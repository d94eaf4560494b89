import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { AsyncTimer } from "../../executor/time/async_timer.ts";
import type { Call } from "./_call.ts";
import type { DeadlineTimer } from "./_deadline.ts";
import type { Exchange } from "./_exchange.ts";
import type { HeadEvent } from "./h1/events.ts";
import type { Deadlines } from "./options.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

/** How long a server is waited for that was asked whether it wants the body. */
const CONTINUE_MS = 1000;

/**
 * Waits for the head of a response, and sees to whose time it is that passes:
 *
 *     the source's <--> the server's, for taking what is sent --> for its head
 *
 * While the source of the body is waited for, or the server's leave to send it,
 * no time of the server's runs. What is sent in one go with its head has no time
 * of its own: that of the head begins at once.
 */
export class HeadWait {
  readonly #exchange: Exchange;
  readonly #timer: DeadlineTimer;
  readonly #deadlines: Required<Deadlines>;
  #phase: "none" | "write" | "head" = "none";
  #sentBefore = 0;
  #continue: AsyncTimer | null = null;

  constructor(exchange: Exchange, { deadlines, settings }: Call) {
    this.#exchange = exchange;
    this.#timer = deadlines;
    this.#deadlines = settings.deadlines;
    if (exchange.hasSource) deadlines.leave();
    else this.#awaitHead();
  }

  poll(cx: Context): Poll<HeadEvent> {
    const exchange = this.#exchange;
    for (;;) {
      const head = exchange.pollHead(cx);
      if (head !== pending) {
        this.drop();
        return head;
      }
      if (!exchange.isExpecting || this.#pollContinue(cx) === pending) break;
      exchange.proceed();
    }
    this.#enterPhase();
    return Pending;
  }

  /** RFC 9110 section 10.1.1: a client does not wait for a 100 for ever. */
  #pollContinue(cx: Context): Poll<void> {
    this.#continue ??= new AsyncTimer(CONTINUE_MS);
    return this.#continue.poll(cx);
  }

  #enterPhase(): void {
    if (this.#phase === "head") return;
    const exchange = this.#exchange;
    if (exchange.sentAt !== 0) this.#awaitHead();
    else if (exchange.isPulling || exchange.isExpecting) {
      this.#phase = "none";
      this.#timer.leave();
    } else if (
      this.#phase === "none" || exchange.bytesSent !== this.#sentBefore
    ) {
      this.#phase = "write";
      this.#sentBefore = exchange.bytesSent;
      this.#timer.enter("write", this.#deadlines.write);
    }
  }

  #awaitHead(): void {
    this.#phase = "head";
    this.#timer.enter("head", this.#deadlines.head);
  }

  drop(): void {
    this.#continue?.[Symbol.dispose]();
    this.#continue = null;
  }
}
