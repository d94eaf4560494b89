import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Fields,
  H1Error,
  type ResponseEvent,
  ResponseParser,
  type ResponseParserOptions,
} from "../../../../net/http/h1/mod.ts";
import { text } from "./_bytes.ts";
import {
  RESPONSE_TABLE,
  type ResponseState,
} from "../../../../net/http/h1/_response_table.ts";

/** All ways to cut into two, the whole, and into single bytes. */
export function* everySplit(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  for (let i = 1; i < bytes.length; i++) {
    yield [bytes.subarray(0, i), bytes.subarray(i)];
  }
  yield singly(bytes);
}

export function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
}

/**
 * What a parser says to the pieces and then, if asked for, the end of the
 * connection. On the way it is held to its contract: events are legal by the
 * table, data is a view of the piece, pieces are left alone once it has said
 * `null`, an error is said again, and nothing comes after the end.
 */
export function traceOf(
  parser: ResponseParser,
  pieces: readonly Uint8Array[],
  eof = true,
): string[] {
  const trace = new Trace();
  try {
    for (const piece of pieces) {
      const lent = piece.slice();
      parser.push(lent);
      drain(parser, trace, lent);
      lent.fill(0x21); // as the next read into the same buffer would
    }
    if (eof) {
      parser.end();
      trace.eof();
      drain(parser, trace, new Uint8Array(0));
      trace.afterEof();
    }
  } catch (error) {
    if (!(error instanceof H1Error)) throw error;
    assertStrictEquals(assertThrows(() => parser.nextEvent()), error);
    trace.add(`error ${error.code} at ${error.offset}`);
  }
  if (parser.leftover > 0) {
    const { leftover } = parser;
    const taken = parser.takeLeftover();
    assertStrictEquals(taken.length, leftover);
    assertStrictEquals(parser.leftover, 0);
    trace.add(`leftover ${text(taken)}`);
  }
  return trace.lines;
}

/** The same, of a new parser. */
export function freshTrace(
  options: ResponseParserOptions,
  pieces: readonly Uint8Array[],
  eof = true,
): string[] {
  return traceOf(new ResponseParser(options), pieces, eof);
}

function drain(parser: ResponseParser, trace: Trace, piece: Uint8Array): void {
  // Each event but the two that close the piece takes at least one byte.
  for (let events = 0; events <= piece.length + 2; events++) {
    const event = parser.nextEvent();
    if (event === null) {
      assertStrictEquals(parser.nextEvent(), null);
      return;
    }
    trace.event(event, piece);
  }
  throw new Error("More events than bytes");
}

class Trace {
  readonly lines: string[] = [];
  #at: ResponseState = "head";
  #isData = false;
  #awaited: "error" | "end" | "nothing" = "nothing";
  #linesBefore = 0;

  add(line: string): void {
    this.lines.push(line);
    this.#isData = false;
  }

  /** The connection ends: what has to come of it is in the table. */
  eof(): void {
    this.#awaited = RESPONSE_TABLE[this.#at].eof;
    this.#linesBefore = this.lines.length;
  }

  afterEof(): void {
    const more = this.lines.slice(this.#linesBefore);
    assertEquals(more, this.#awaited === "end" ? ["end"] : []);
    assert(this.#awaited !== "error", `an error was awaited`);
  }

  event(event: ResponseEvent, piece: Uint8Array): void {
    const legal = RESPONSE_TABLE[this.#at].events;
    assert(legal.includes(event.type), `${event.type} while ${this.#at}`);
    switch (event.type) {
      case "informational":
        this.add(
          `informational ${event.status} ${event.reason}${
            listed(event.fields)
          }`,
        );
        break;
      case "head": {
        const { framing } = event;
        this.#at = framing.kind === "none" ? "empty" : framing.kind;
        this.add(
          [
            `head 1.${event.minor} ${event.status} ${event.reason}`,
            framing.kind === "length"
              ? `length ${framing.length}`
              : framing.kind,
            event.keepAlive ? "keep" : "close",
            ...event.upgrade ? ["upgrade"] : [],
          ].join(", ") + listed(event.fields),
        );
        break;
      }
      case "data": {
        const { bytes } = event;
        assert(bytes.length > 0, "data is never empty");
        assertStrictEquals(bytes.buffer, piece.buffer);
        assert(bytes.byteOffset >= piece.byteOffset);
        if (this.#isData) this.lines[this.lines.length - 1] += text(bytes);
        else this.add(`data ${text(bytes)}`);
        this.#isData = true;
        break;
      }
      case "end":
        this.#at = "ended";
        this.add(
          event.trailers === null ? "end" : `end${listed(event.trailers)}`,
        );
    }
  }
}

function listed(fields: Fields): string {
  return [...fields].map(([name, value]) => ` | ${name}: ${value}`).join("");
}
