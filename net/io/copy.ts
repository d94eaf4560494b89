import { checkNames } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import type { Future } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import {
  checkProgress,
  checkSink,
  checkSize,
  checkSource,
  isBufRead,
} from "./_checks.ts";
import { IoFuture } from "./_io_future.ts";
import { sidesOf } from "./_sides.ts";
import type { AsyncBufRead } from "./async_buf_read.ts";
import type { AsyncRead } from "./async_read.ts";
import type { AsyncWrite } from "./async_write.ts";
import { BufReader } from "./buf_reader.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

/** How bytes are copied. */
export interface CopyOptions {
  /**
   * How many bytes are read at a time from a source that shows no buffer of its
   * own: 64 KiB by default.
   */
  bufferSize?: number;
}

/** A future of how many bytes were copied, which says how far it is. */
export interface Copy extends Future<number> {
  /** How many bytes the sink has taken so far. */
  readonly copied: number;
}

const BUFFER_SIZE = 64 * 1024;

/**
 * Offers what the source shows to the sink, and takes from the source what the
 * sink has taken:
 *
 *   filling <---> offering        filling ---- end of the source ----> ending
 *
 * As the bytes stay in the source until then, a drop loses none; and as they
 * stay in their place, a sink whose write is under way knows them again when
 * another copy offers them.
 */
export class Copying extends IoFuture<number> implements Copy {
  readonly #source: AsyncBufRead;
  readonly #sink: AsyncWrite;
  readonly #shutdown: boolean;
  #at: "filling" | "offering" | "ending" = "filling";
  #offered: Uint8Array | null = null;
  #isFlushed = true;
  copied = 0;

  /** @param shutdown Whether the end of the source is that of the sink, too. */
  constructor(source: AsyncBufRead, sink: AsyncWrite, shutdown: boolean) {
    super(sidesOf(source), sidesOf(sink));
    this.#source = source;
    this.#sink = sink;
    this.#shutdown = shutdown;
  }

  protected override advance(cx: Context): Poll<number> {
    for (;;) {
      switch (this.#at) {
        case "filling": {
          const view = this.#source.pollFillBuf(cx);
          if (view === pending) return this.#flush(cx);
          this.#offered = view;
          this.#at = view === null ? "ending" : "offering";
          continue;
        }
        case "offering": {
          const offered = this.#offered!;
          const n = this.#sink.pollWrite(cx, offered);
          if (n === pending) return Pending;
          this.#taken(n, offered);
          continue;
        }
        case "ending": {
          const done = this.#shutdown
            ? this.#sink.pollShutdown(cx)
            : this.#sink.pollFlush(cx);
          return done === pending ? Pending : this.copied;
        }
        default:
          return this.#at satisfies never;
      }
    }
  }

  #taken(n: number, offered: Uint8Array): void {
    checkProgress(this.#sink, n, offered.byteLength);
    this.#source.consume(n);
    this.copied += n;
    this.#isFlushed = false;
    if (n === offered.byteLength) {
      this.#offered = null;
      this.#at = "filling";
    } else {
      this.#offered = offered.subarray(n);
    }
  }

  /** While there is nothing to read, what was written need not wait for more. */
  #flush(cx: Context): Pending {
    if (!this.#isFlushed) {
      this.#isFlushed = this.#sink.pollFlush(cx) !== pending;
    }
    return Pending;
  }

  protected override onDropped(): void {
    if (this.#offered !== null) this.reading!.detach();
  }
}

/** The source itself if it shows its buffer, else a reader over it. */
export function showing(
  caller: string,
  source: AsyncRead,
  options: CopyOptions,
): AsyncBufRead {
  checkNames(options, { bufferSize: true });
  const { bufferSize = BUFFER_SIZE } = options;
  checkSource(`${caller} from`, source);
  checkSize(caller, "bufferSize", bufferSize, 1);
  return isBufRead(source)
    ? source
    : new BufReader(source, { capacity: bufferSize });
}

/**
 * Copies all bytes from a source to a sink, as fast as the sink takes them, and
 * flushes it. It does not shut it down. From a source that shows its buffer, as
 * sockets and {@linkcode BufReader} do, nothing is copied on the way. Mirrors
 * `tokio::io::copy_buf`.
 *
 * Cancel safety: safe if `source` shows its buffer: what the sink has not taken is
 * still in it, and another copy between the same two goes on where this one was.
 * If something else writes to the sink first, bytes that were under way are sent
 * twice. From any other source it loses data: what was read ahead is gone; copy
 * from a `BufReader` over it. `copied` says how much the sink has taken.
 *
 * @param source Where from; it stays yours.
 * @param sink Where to; it stays yours.
 * @param options `bufferSize`, for a source that shows no buffer of its own.
 * @returns A future of how many bytes were copied. It fails with what the source
 * or the sink fails with, and with a `NetError` if another read or write is
 * waiting.
 * @throws {TypeError} If an argument is of the wrong kind.
 * @throws {RangeError} If `bufferSize` is no whole number of at least 1.
 *
 * @example An echo
 * ```ts
 * import { copy, duplex, readExact } from "@pollen/futures/io";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   const [client, server] = duplex(1024);
 *   const echo = spawn(copy(server, server));
 *   yield* client.writeAll(new Uint8Array([1, 2, 3]));
 *   assertEquals(yield* readExact(client, 3), new Uint8Array([1, 2, 3]));
 *   yield* client.shutdown();
 *   assertEquals(yield* echo, 3);
 * }));
 * ```
 */
export function copy(
  source: AsyncRead,
  sink: AsyncWrite,
  options: CopyOptions = {},
): Copy {
  checkSink("copy to", sink);
  return new Copying(showing("copy", source, options), sink, false);
}
