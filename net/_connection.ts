import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { adopt, Future, release } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { DropErrors } from "../future/_drop.ts";

/** A connection that is served: its handler, and its stream beside. */
export class Connection extends Future<void> {
  readonly #stream: Disposable;
  readonly #start: () => Future<unknown>;
  readonly #onClosed: (self: Connection) => void;
  readonly #onFailed: (error: unknown) => void;
  #handler: Future<unknown> | null = null;
  #ended: "completed" | "failed" | "was dropped" | null = null;

  constructor(
    stream: Disposable,
    start: () => Future<unknown>,
    onClosed: (self: Connection) => void,
    onFailed: (error: unknown) => void,
  ) {
    super();
    this.#stream = stream;
    this.#start = start;
    this.#onClosed = onClosed;
    this.#onFailed = onFailed;
  }

  override poll(cx: Context): Poll<void> {
    if (this.#ended !== null) {
      throw new PolledAfterCompletionError("Connection", this.#ended);
    }
    try {
      if (this.#handler === null) this.#begin();
      if (this.#handler!.poll(cx) === Pending) return Pending;
    } catch (error) {
      const errors = new DropErrors();
      errors.collect(() => this.#end("failed"));
      errors.collect(() => this.#onFailed(error));
      errors.rethrow();
      return;
    }
    this.#end("completed");
  }

  #begin(): void {
    const handler = this.#start();
    adopt(this, handler);
    this.#handler = handler;
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    if (this.#ended !== null) return;
    this.#ended = how;
    const handler = this.#handler;
    this.#handler = null;
    const errors = new DropErrors();
    if (handler !== null) {
      release(handler);
      errors.collect(() => handler[Symbol.dispose]());
    }
    errors.collect(() => this.#stream[Symbol.dispose]());
    errors.collect(() => this.#onClosed(this));
    errors.rethrow();
  }

  override inspect(): Inspection {
    return this.#handler === null ? {} : { children: [this.#handler] };
  }

  override [Symbol.dispose](): void {
    this.#end("was dropped");
  }
}
