import { isFieldValue, isToken, SP, trimOws } from "./_bytes.ts";
import { nameOf, numberAt, numberOf, SET_COOKIE, UNKNOWN } from "./_names.ts";
import { H1RequestError } from "./errors.ts";

/** What fields can be made from. */
export type FieldsInit =
  | Fields
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string>>;

/** How many numbers describe a field: the number of its name, and four places. */
export const SPAN = 5;

/**
 * The fields of a head or of trailers: an ordered list of names and values, that
 * does not change. A name may come several times; names are the same in any case.
 *
 * Kept as the text that was on the wire and the places in it, so that a field
 * costs a string only when it is asked for; the names that most heads have cost
 * none at all. Values are Latin-1: each byte the code point of its number.
 *
 * It is iterable as `Headers` wants it: `new Headers(fields)`.
 *
 * @example Usage
 * ```ts
 * import { Fields } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = Fields.from([["Accept", "text/html"], ["accept", "text/plain"]]);
 * assertEquals(fields.get("ACCEPT"), "text/html, text/plain");
 * assertEquals(fields.getAll("accept"), ["text/html", "text/plain"]);
 * assertEquals([...fields], [["accept", "text/html"], ["accept", "text/plain"]]);
 * ```
 */
export class Fields implements Iterable<[name: string, value: string]> {
  readonly #text: string;
  /** {@linkcode SPAN} numbers a field: number, name from, to, value from, to. */
  readonly #spans: readonly number[];
  /** Where each name that is not common comes; made when one is asked for. */
  #index: Map<string, number[]> | undefined;

  private constructor(text: string, spans: readonly number[]) {
    this.#text = text;
    this.#spans = spans;
  }

  static readonly #shown: void = /* @__PURE__ */ showInConsole(Fields);

  /** For `valueOf` below. */
  private static joined(fields: Fields, number: number): string | null {
    return fields.#joined(number);
  }

  /** For `linesWithout` below. */
  private static lines(fields: Fields, leftOut: readonly number[]): string {
    return fields.#lines(leftOut);
  }

  /**
   * Makes fields to send. Names keep their case on the wire; whitespace around a
   * value is no part of it.
   *
   * @param init Names and values: pairs, an object, or fields.
   * @returns The fields in the order given.
   * @throws {H1RequestError} If a name is no token, or a value has a control
   * character other than a tab, or a character that Latin-1 lacks.
   * @throws {TypeError} If they are neither pairs nor an object, or one is no pair.
   */
  static from(init: FieldsInit): Fields {
    if (init instanceof Fields) return init;
    if (typeof init !== "object" || init === null) {
      throw new TypeError(
        `Cannot make fields: they must be pairs or an object, got ${
          init === null ? "null" : typeof init
        }`,
      );
    }
    const pairs = Symbol.iterator in init ? init : Object.entries(init);
    let text = "";
    const spans: number[] = [];
    for (const pair of pairs) {
      if (!Array.isArray(pair)) {
        throw new TypeError(
          `Cannot make fields: each must be a pair of name and value, got ${
            pair === null ? "null" : typeof pair
          }`,
        );
      }
      const [name, given] = pair;
      checkName(name);
      const value = trimOws(checkValue(name, given));
      const start = text.length;
      const nameEnd = start + name.length;
      spans.push(numberOf(name), start, nameEnd, nameEnd + 2);
      text += `${name}: ${value}\r\n`;
      spans.push(text.length - 2);
    }
    return new Fields(text, spans);
  }

  /** How many there are; a name that comes twice counts twice. */
  get size(): number {
    return this.#spans.length / SPAN;
  }

  /**
   * The value of a field; several are joined by `", "`, as RFC 9110 §5.3 has it.
   * Those of `Set-Cookie` cannot be joined: of them it is the first.
   *
   * @param name The name, in any case.
   * @returns The value, or `null` if there is no such field.
   */
  get(name: string): string | null {
    const number = numberOf(name);
    if (number !== UNKNOWN) return this.#joined(number);
    const places = this.#indexed(name);
    if (places.length === 0) return null;
    return places.map((at) => this.#value(at)).join(", ");
  }

  /**
   * Each value of a field, as it was sent.
   *
   * @param name The name, in any case.
   * @returns The values in order; none if there is no such field.
   */
  getAll(name: string): string[] {
    return this.#find(name).map((at) => this.#value(at));
  }

  /**
   * Whether there is such a field.
   *
   * @param name The name, in any case.
   * @returns `true` if it comes at least once.
   */
  has(name: string): boolean {
    const number = numberOf(name);
    if (number !== UNKNOWN) return this.#next(number, 0) >= 0;
    return this.#indexed(name).length > 0;
  }

  /** Names in lower case and values, in order. */
  *[Symbol.iterator](): Generator<[name: string, value: string], void> {
    for (let at = 0; at < this.#spans.length; at += SPAN) {
      yield [this.#name(at), this.#value(at)];
    }
  }

  /** The fields as they are written on the wire, names in the case given. */
  *lines(): Generator<[name: string, value: string], void> {
    for (let at = 0; at < this.#spans.length; at += SPAN) {
      const name = this.#text.slice(this.#spans[at + 1], this.#spans[at + 2]);
      yield [name, this.#value(at)];
    }
  }

  /** The pairs of names and values, for `JSON.stringify`. */
  toJSON(): [name: string, value: string][] {
    return [...this];
  }

  #name(at: number): string {
    const number = this.#spans[at]!;
    if (number !== UNKNOWN) return nameOf(number);
    return this.#text.slice(this.#spans[at + 1], this.#spans[at + 2])
      .toLowerCase();
  }

  #value(at: number): string {
    return this.#text.slice(this.#spans[at + 3], this.#spans[at + 4]);
  }

  /** Where the name with this number comes next, or -1. */
  #next(number: number, from: number): number {
    const spans = this.#spans;
    for (let at = from; at < spans.length; at += SPAN) {
      if (spans[at] === number) return at;
    }
    return -1;
  }

  #joined(number: number): string | null {
    let at = this.#next(number, 0);
    if (at < 0) return null;
    let value = this.#value(at);
    if (number === SET_COOKIE) return value;
    while ((at = this.#next(number, at + SPAN)) >= 0) {
      value += `, ${this.#value(at)}`;
    }
    return value;
  }

  #lines(leftOut: readonly number[]): string {
    const spans = this.#spans;
    let lines = "";
    for (let at = 0; at < spans.length; at += SPAN) {
      if (leftOut.includes(spans[at]!)) continue;
      // From the name to the end of the value it is a line already.
      lines += `${this.#text.slice(spans[at + 1], spans[at + 4])}\r\n`;
    }
    return lines;
  }

  #find(name: string): readonly number[] {
    const number = numberOf(name);
    if (number === UNKNOWN) return this.#indexed(name);
    const places: number[] = [];
    let at = this.#next(number, 0);
    for (; at >= 0; at = this.#next(number, at + SPAN)) places.push(at);
    return places;
  }

  #indexed(name: string): readonly number[] {
    if (this.#index === undefined) {
      this.#index = new Map();
      for (let at = 0; at < this.#spans.length; at += SPAN) {
        if (this.#spans[at] !== UNKNOWN) continue;
        const key = this.#name(at);
        const places = this.#index.get(key);
        if (places === undefined) this.#index.set(key, [at]);
        else places.push(at);
      }
    }
    return this.#index.get(name.toLowerCase()) ?? [];
  }
}

// Only `from` and `fieldsOf` make fields, whose constructor is private.
const Made = Fields as unknown as new (
  text: string,
  spans: readonly number[],
) => Fields;

/** Has `console.log` show the fields, which are private. */
function showInConsole({ prototype }: typeof Fields): void {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: Fields): string {
      const all = [...this].map(([name, value]) =>
        `${name}: ${JSON.stringify(value)}`
      );
      return `Fields { ${all.join(", ")} }`;
    },
  });
}

/**
 * Fields from what was on the wire. The spans come without numbers, and with the
 * whitespace around values: both are seen to in place.
 *
 * @param bytes Those that the text was decoded from.
 */
export function fieldsOf(
  text: string,
  bytes: Uint8Array,
  spans: number[],
): Fields {
  for (let at = 0; at < spans.length; at += SPAN) {
    spans[at] = numberAt(bytes, spans[at + 1]!, spans[at + 2]!);
    // No control stands in a value but HTAB, and CRLF in a fold.
    let start = spans[at + 3]!;
    let end = spans[at + 4]!;
    while (end > start && bytes[end - 1]! <= SP) end--;
    while (start < end && bytes[start]! <= SP) start++;
    spans[at + 3] = start;
    spans[at + 4] = end;
  }
  return new Made(text, spans);
}

/** `fields.get` for the number of a common name: what the protocol itself asks for. */
export function valueOf(fields: Fields, number: number): string | null {
  return Fields["joined"](fields, number);
}

/** The lines of the fields, but for those whose common name has one of the numbers. */
export function linesWithout(
  fields: Fields,
  leftOut: readonly number[],
): string {
  return Fields["lines"](fields, leftOut);
}

function checkName(name: string): void {
  if (typeof name !== "string" || !isToken(name)) {
    throw new H1RequestError(
      "Cannot make fields: a name is no token",
      "invalid-field-name",
    );
  }
}

function checkValue(name: string, value: string): string {
  if (typeof value !== "string") {
    throw new H1RequestError(
      `Cannot make fields: the value of ${name} must be text, got ${
        value === null ? "null" : typeof value
      }`,
      "invalid-field-value",
    );
  }
  if (!isFieldValue(value)) {
    throw new H1RequestError(
      `Cannot make fields: the value of ${name} has a character that no value can have`,
      "invalid-field-value",
    );
  }
  return value;
}
