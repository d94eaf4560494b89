import { checkNames } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import { nameOf } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { Waker } from "../../future/waker.ts";
import type { AsyncRead } from "../io/async_read.ts";
import type { AsyncWrite } from "../io/async_write.ts";

/** One thing that a {@linkcode scriptedIo} expects, or does. */
export type ScriptStep =
  /** Gives bytes to whoever reads, over as many reads as it takes. */
  | { read: Uint8Array | string }
  /** Expects bytes to be written, over as many writes as it takes. */
  | { write: Uint8Array | string }
  /** Fails the next read. */
  | { readError: unknown }
  /** Fails the next write. */
  | { writeError: unknown }
  /** Answers so many polls with `Pending`, and wakes. */
  | { pending: number }
  /** Expects the stream to be shut down for writing. */
  | { shutdown: true }
  /** Ends the stream for whoever reads, now and ever after. */
  | { end: true };

/** How a {@linkcode scriptedIo} behaves besides its script. */
export interface ScriptedIoOptions {
  /** How many bytes a read or write takes at most: as many as fit by default. */
  chunk?: number;
}

/** A stream of bytes that follows a script: see {@linkcode scriptedIo}. */
export interface ScriptedIo extends AsyncRead, AsyncWrite, Disposable {
  /** How many steps of the script are left. */
  readonly left: number;
  /**
   * Checks that the whole script was done.
   *
   * @throws {Error} If a step is left.
   */
  assertDone(): void;
  /** Checks that the script was done, as `using` does at its end. */
  [Symbol.dispose](): void;
}

type Step =
  | { at: "read" | "write"; bytes: Uint8Array }
  | { at: "readError" | "writeError"; error: unknown }
  | { at: "pending"; polls: number }
  | { at: "shutdown" | "end" };

class Scripted implements ScriptedIo {
  readonly #steps: Step[];
  readonly #chunk: number;
  readonly #length: number;
  #reader: Waker | null = null;
  #writer: Waker | null = null;
  #hasEnded = false;

  constructor(script: readonly ScriptStep[], chunk: number) {
    this.#steps = script.map(stepOf);
    this.#length = script.length;
    this.#chunk = chunk;
  }

  get left(): number {
    return this.#steps.length;
  }

  pollRead(cx: Context, into: Uint8Array): Poll<number | null> {
    if (this.#hasEnded) return null;
    if (into.byteLength === 0) return 0;
    const step = this.#steps[0];
    switch (step?.at) {
      case "read": {
        const most = Math.min(into.byteLength, this.#chunk);
        const part = step.bytes.subarray(0, most);
        into.set(part);
        step.bytes = step.bytes.subarray(part.byteLength);
        if (step.bytes.byteLength === 0) this.#next();
        return part.byteLength;
      }
      case "readError":
        this.#next();
        throw step.error;
      case "end":
        this.#hasEnded = true;
        this.#next();
        return null;
      case "pending":
        return this.#wait(cx, step);
    }
    this.#assertComes("read", ["read", "readError", "end"]);
    this.#reader = cx.waker;
    return Pending;
  }

  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    if (bytes.byteLength === 0) return 0;
    const step = this.#steps[0];
    switch (step?.at) {
      case "write": {
        const n = Math.min(
          bytes.byteLength,
          step.bytes.byteLength,
          this.#chunk,
        );
        for (let i = 0; i < n; i++) {
          if (bytes[i] !== step.bytes[i]) {
            throw this.#unexpected(
              `wrote ${shown(bytes)}, expected ${shown(step.bytes)}`,
            );
          }
        }
        step.bytes = step.bytes.subarray(n);
        if (step.bytes.byteLength === 0) this.#next();
        return n;
      }
      case "writeError":
        this.#next();
        throw step.error;
      case "pending":
        return this.#wait(cx, step);
    }
    this.#assertComes(`write of ${shown(bytes)}`, ["write", "writeError"]);
    this.#writer = cx.waker;
    return Pending;
  }

  pollFlush(): void {}

  pollShutdown(cx: Context): Poll<void> {
    const step = this.#steps[0];
    if (step?.at === "shutdown") return this.#next();
    if (step?.at === "pending") return this.#wait(cx, step);
    this.#assertComes("shutdown", ["shutdown"]);
    this.#writer = cx.waker;
    return Pending;
  }

  #wait(cx: Context, step: { polls: number }): Pending {
    if (--step.polls === 0) this.#next();
    cx.waker.wake();
    return Pending;
  }

  /** Goes on to the next step, and wakes whoever may have waited for it. */
  #next(): void {
    this.#steps.shift();
    const reader = this.#reader;
    const writer = this.#writer;
    this.#reader = this.#writer = null;
    reader?.wake();
    writer?.wake();
  }

  #assertComes(what: string, kinds: Step["at"][]): void {
    if (this.#steps.some((step) => kinds.includes(step.at))) return;
    throw this.#unexpected(`${what}, and the script has none left`);
  }

  #unexpected(what: string): Error {
    const done = this.#length - this.#steps.length;
    return new Error(
      `Cannot follow the script at step ${
        done + 1
      } of ${this.#length}: unexpected ${what}`,
    );
  }

  assertDone(): void {
    const step = this.#steps[0];
    if (step === undefined) return;
    throw new Error(
      `Cannot end the script: ${this.#steps.length} of ${this.#length} steps are left, the next is ${
        "bytes" in step ? `${step.at} ${shown(step.bytes)}` : step.at
      }`,
    );
  }

  [Symbol.dispose](): void {
    this.assertDone();
  }
}

function stepOf(step: ScriptStep): Step {
  if ("read" in step) return { at: "read", bytes: bytesOf(step.read) };
  if ("write" in step) return { at: "write", bytes: bytesOf(step.write) };
  if ("readError" in step) return { at: "readError", error: step.readError };
  if ("writeError" in step) return { at: "writeError", error: step.writeError };
  if ("shutdown" in step) return { at: "shutdown" };
  if ("end" in step) return { at: "end" };
  if (Number.isInteger(step.pending) && step.pending >= 1) {
    return { at: "pending", polls: step.pending };
  }
  throw new RangeError(
    `Cannot read the script: pending must be a whole number of at least 1, got ${step.pending}`,
  );
}

function bytesOf(data: Uint8Array | string): Uint8Array {
  const bytes = typeof data === "string"
    ? new TextEncoder().encode(data)
    : data.slice();
  if (bytes.byteLength > 0) return bytes;
  throw new RangeError(
    "Cannot read the script: a step of no bytes would never be done",
  );
}

function shown(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 64));
  const more = bytes.byteLength > 64 ? `… (${bytes.byteLength} bytes)` : "";
  return `${JSON.stringify(text)}${more}`;
}

/**
 * A stream of bytes that follows a script, for tests of what reads and writes:
 * it gives bytes, expects bytes, fails and keeps waiting in the order that the
 * script says, and fails the test on what was not expected. Mirrors
 * `tokio_test::io::Builder`.
 *
 * A read that comes while the script expects a write waits for its turn, and the
 * other way round. Hold it with `using`, so that the test fails if a step of the
 * script was not done.
 *
 * @param script What happens, in order.
 * @param options How many bytes go at once.
 * @returns The stream.
 * @throws {TypeError} If the script is no array, or an option is unknown.
 * @throws {RangeError} If a step makes no sense.
 *
 * @example Usage
 * ```ts
 * import { scriptedIo } from "@pollen/futures/testing";
 * import { Pending, pollFn } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * using io = scriptedIo([{ write: "ping" }, { pending: 2 }, { read: "pong" }]);
 * const ping = new TextEncoder().encode("ping");
 * const into = new Uint8Array(8);
 * assertEquals(await run(pollFn((cx) => io.pollWrite(cx, ping))), 4);
 * const n = await run(pollFn((cx) => {
 *   const n = io.pollRead(cx, into);
 *   return n === Pending ? Pending : n!;
 * }));
 * assertEquals(new TextDecoder().decode(into.subarray(0, n)), "pong");
 * ```
 */
export function scriptedIo(
  script: readonly ScriptStep[],
  options: ScriptedIoOptions = {},
): ScriptedIo {
  if (!Array.isArray(script)) {
    throw new TypeError(
      `Cannot make a scripted stream of ${
        nameOf(script)
      }: pass an array of steps`,
    );
  }
  checkNames(options, { chunk: true });
  const chunk = options.chunk ?? Infinity;
  if (!(chunk >= 1)) {
    throw new RangeError(
      `Cannot make a scripted stream: chunk must be at least 1, got ${chunk}`,
    );
  }
  return new Scripted(script, chunk);
}
