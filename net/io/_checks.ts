import { nameOf } from "../../future/future.ts";
import type { AsyncBufRead } from "./async_buf_read.ts";
import type { AsyncRead } from "./async_read.ts";

/** @throws {TypeError} If nothing can be read from it. */
export function checkSource(caller: string, source: unknown): void {
  if (typeof Object(source).pollRead === "function") return;
  throw new TypeError(
    `Cannot ${caller} ${nameOf(source)}: it has no pollRead${
      source instanceof ReadableStream
        ? "; fromReadableBytes() makes a source of a ReadableStream"
        : ""
    }`,
  );
}

/** @throws {TypeError} If nothing can be written to it. */
export function checkSink(caller: string, sink: unknown): void {
  const { pollWrite, pollFlush, pollShutdown } = Object(sink);
  if (
    typeof pollWrite === "function" && typeof pollFlush === "function" &&
    typeof pollShutdown === "function"
  ) return;
  throw new TypeError(
    `Cannot ${caller} ${
      nameOf(sink)
    }: it needs pollWrite, pollFlush and pollShutdown${
      sink instanceof WritableStream
        ? "; fromWritableBytes() makes a sink of a WritableStream"
        : ""
    }`,
  );
}

/** Whether a source shows its buffer. */
export function isBufRead(source: AsyncRead): source is AsyncBufRead {
  const { pollFillBuf, consume } = source as Partial<AsyncBufRead>;
  return typeof pollFillBuf === "function" && typeof consume === "function";
}

/** @throws {TypeError} If it is no `Uint8Array`. */
export function checkBytes(caller: string, bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  throw new TypeError(
    `Cannot ${caller} ${nameOf(bytes)}: pass a Uint8Array`,
  );
}

/** A size: a whole number of at least `least`. */
export function checkSize(
  caller: string,
  what: string,
  n: number,
  least: number,
): void {
  if (Number.isSafeInteger(n) && n >= least) return;
  throw new RangeError(
    `Cannot ${caller}: ${what} must be a whole number of at least ${least}, got ${
      String(n)
    }`,
  );
}

/** A limit: a whole number of at least 0, or `Infinity`. */
export function checkLimit(caller: string, n: number): void {
  if (n === Infinity) return;
  if (Number.isSafeInteger(n) && n >= 0) return;
  throw new RangeError(
    `Cannot ${caller}: the limit must be a whole number of at least 0, or Infinity, got ${
      String(n)
    }`,
  );
}

/**
 * What a source or sink says it has dealt with.
 *
 * @throws {RangeError} If it cannot be so: a loop over it would have no end.
 */
export function checkProgress(what: object, n: number, most: number): void {
  if (n >= 1 && n <= most) return;
  throw new RangeError(
    `Cannot go on with ${nameOf(what)}: of ${most} bytes it dealt with ${n}`,
  );
}
