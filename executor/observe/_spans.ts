import type { Task } from "../_task.ts";
import { telemetryApi } from "../_host.ts";
import type { TaskRecord } from "./_record.ts";
import type { Lint } from "./lint.ts";

// The part that is used of OpenTelemetry's API 1.x. It is found under a symbol of
// the global object, where whoever sets telemetry up puts it: nothing is imported.
interface Api {
  trace?: { getTracer?(name: string): TelemetryTracer };
  context?: ContextManager;
}
interface TelemetryTracer {
  startSpan(
    name: string,
    options: { attributes: Attributes },
    context?: TelemetryContext,
  ): Span;
}
interface ContextManager {
  active(): TelemetryContext;
  with(context: TelemetryContext, run: () => void): void;
}
interface TelemetryContext {
  setValue(key: symbol, value: unknown): TelemetryContext;
}
interface Span {
  setAttributes(attributes: Attributes): void;
  addEvent(name: string, attributes?: Attributes): void;
  recordException(error: unknown): void;
  setStatus(status: { code: number; message?: string }): void;
  end(): void;
}
type Attributes = Record<string, string | number>;

/** The API's own: keys made for the same text are the same. */
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
const STATUS_ERROR = 2;

interface Open {
  span: Span;
  context: TelemetryContext | null;
}

/**
 * A span for each task, from its spawn to its end, under the span of the task
 * that spawned it. It is the active one during the task's polls, so what those
 * start is below it.
 */
export class Spans {
  readonly #tracer: TelemetryTracer;
  readonly #contexts: ContextManager | undefined;
  readonly #open = new Map<number, Open>();
  readonly #failed: (error: unknown) => void;

  private constructor(
    tracer: TelemetryTracer,
    contexts: ContextManager | undefined,
    failed: (error: unknown) => void,
  ) {
    this.#tracer = tracer;
    this.#contexts = contexts;
    this.#failed = failed;
  }

  /** Null if none is set up, or it fails at once. `failed` is told of what the API throws. */
  static find(failed: (error: unknown) => void): Spans | null {
    try {
      const api = telemetryApi() as Api | undefined;
      const tracer = api?.trace?.getTracer?.("@pollen/futures");
      if (tracer === undefined) return null;
      return new Spans(tracer, api!.context, failed);
    } catch (error) {
      failed(error);
      return null;
    }
  }

  spawned(task: Task<unknown>, name: string): void {
    this.#guard(() => {
      const attributes: Attributes = { "pollen.task.id": task.id };
      const site = task.site;
      if (site !== undefined) attributes["pollen.task.spawned_at"] = site;
      // In a task's poll that is the task's own, or one that it has opened.
      const outer = this.#contexts?.active();
      const span = this.#tracer.startSpan(name, { attributes }, outer);
      const context = outer?.setValue(SPAN_KEY, span) ?? null;
      this.#open.set(task.id, { span, context });
    });
  }

  /** Runs a poll of the task, once, whatever the API does; what that returns. */
  poll(task: Task<unknown>, run: () => boolean): boolean {
    const context = this.#open.get(task.id)?.context ?? null;
    let isWoken: boolean | undefined;
    if (context !== null) {
      this.#guard(() =>
        this.#contexts!.with(context, () => {
          isWoken ??= run();
        })
      );
    }
    return isWoken ?? run();
  }

  ended(record: TaskRecord, busyMs: number): void {
    const { task } = record;
    const open = this.#open.get(task.id);
    if (open === undefined) return;
    this.#open.delete(task.id);
    this.#guard(() => {
      const { span } = open;
      span.setAttributes({
        "pollen.task.polls": record.polls,
        "pollen.task.busy_ms": busyMs,
      });
      if (task.state === "cancelled") span.addEvent("cancelled");
      if (task.state === "failed") {
        const outcome = task.outcome() as PromiseRejectedResult;
        span.recordException(outcome.reason);
        span.setStatus({ code: STATUS_ERROR });
      }
      span.end();
    });
  }

  found(lint: Lint): void {
    const open = lint.task === null ? undefined : this.#open.get(lint.task.id);
    if (open === undefined) return;
    const { kind, reason } = lint;
    this.#guard(() => open.span.addEvent(kind, { reason }));
  }

  /** Ends the spans of the tasks that go on: nobody will see how they end. */
  [Symbol.dispose](): void {
    for (const { span } of this.#open.values()) {
      this.#guard(() => {
        span.addEvent("observation ended");
        span.end();
      });
    }
    this.#open.clear();
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#failed(error);
    }
  }
}
