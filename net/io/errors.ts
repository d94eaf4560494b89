/**
 * A stream ended before all bytes had come that belong together: in the middle
 * of what `readExact` was to read, or of a frame. Mirrors
 * `ErrorKind::UnexpectedEof`.
 *
 * @example Usage
 * ```ts
 * import { duplex, readExact, UnexpectedEnd } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(b.writeAll(new Uint8Array(3)));
 * b.close();
 * const error = await assertRejects(() => run(readExact(a, 4)), UnexpectedEnd);
 * assertEquals([error.received, error.expected], [3, 4]);
 * ```
 */
export class UnexpectedEnd extends Error {
  /** How many bytes there were. */
  readonly received: number;
  /** How many there should have been; `undefined` if that was not known yet. */
  readonly expected: number | undefined;

  /**
   * Makes the error.
   *
   * @param doing What could not be done, after "Cannot".
   * @param received How many bytes there were.
   * @param expected How many there should have been, if that is known.
   */
  constructor(doing: string, received: number, expected?: number) {
    const after = expected === undefined
      ? `${received} bytes`
      : `${received} of ${expected} bytes`;
    super(`Cannot ${doing}: the stream ended after ${after}`);
    this.name = "UnexpectedEnd";
    this.received = received;
    this.expected = expected;
  }
}

/**
 * What was read is longer than its reader allows. Nothing is lost: the bytes
 * are still in the `BufReader` that they were read from, or in
 * {@linkcode ReadLimitExceeded.partial}.
 *
 * @example Usage
 * ```ts
 * import { BufReader, duplex, ReadLimitExceeded, readUntil } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(b.writeAll(new Uint8Array(10)));
 * const reader = new BufReader(a);
 * await assertRejects(
 *   () => run(readUntil(reader, 1, { limit: 8 })),
 *   ReadLimitExceeded,
 * );
 * assertEquals(reader.buffered.byteLength, 10);
 * ```
 */
export class ReadLimitExceeded extends Error {
  /** How many bytes were allowed. */
  readonly limit: number;
  /** What was read and is in no buffer any more: empty as a rule. */
  readonly partial: Uint8Array;

  /**
   * Makes the error.
   *
   * @param doing What could not be done, after "Cannot".
   * @param limit How many bytes were allowed.
   * @param partial What was read and is in no buffer any more.
   */
  constructor(
    doing: string,
    limit: number,
    partial: Uint8Array = new Uint8Array(0),
  ) {
    super(`Cannot ${doing}: it is longer than ${limit} bytes`);
    this.name = "ReadLimitExceeded";
    this.limit = limit;
    this.partial = partial;
  }
}

/**
 * What should be text is not UTF-8. The bytes are still in the `BufReader` that
 * they were read from.
 *
 * @example Usage
 * ```ts
 * import { BufReader, duplex, InvalidUtf8, lines } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertRejects } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(b.writeAll(new Uint8Array([0xff, 0x0a])));
 * using text = lines(new BufReader(a));
 * await assertRejects(() => run(text.next()), InvalidUtf8);
 * ```
 */
export class InvalidUtf8 extends Error {
  /**
   * Makes the error.
   *
   * @param doing What could not be done, after "Cannot".
   * @param options What the decoder said, as `cause`.
   */
  constructor(doing: string, options?: ErrorOptions) {
    super(`Cannot ${doing}: the bytes are not UTF-8`, options);
    this.name = "InvalidUtf8";
  }
}
