import { checkNames, kindOf, type Names } from "./_checks.ts";
import { ChunkReader } from "./_chunk_reader.ts";
import { Input } from "./_input.ts";
import {
  incompleteBody,
  incompleteHead,
  informationalTooLarge,
  tooManyInformational,
  unrequestedUpgrade,
} from "./_response_errors.ts";
import { RESPONSE_TABLE } from "./_response_table.ts";
import { type Rules, rulesFrom, type RulesInit } from "./_rules.ts";
import { SectionReader } from "./_section.ts";
import type { DataEvent, HeadEvent, ResponseEvent } from "./events.ts";
import { keepsAlive, responseFraming } from "./response_framing.ts";
import type { H1Limits } from "./limits.ts";

/** What a {@linkcode ResponseParser} has to know of the request. */
export interface ResponseParserOptions {
  /**
   * Its method, `GET` by default: a response to HEAD has no body, one to CONNECT
   * may be a tunnel.
   */
  method?: string;
  /** Whether it asked for an upgrade. A 101 is an error otherwise, as it is by default. */
  upgrade?: boolean;
  /**
   * How much to take of each part. They are read once: the same object given again
   * says the same.
   */
  limits?: Readonly<Partial<H1Limits>>;
  /**
   * What to do with a folded line (RFC 9112 §5.2), which nobody should send any
   * more: `"reject"` by default, `"unfold"` to read it as spaces.
   */
  obsFold?: "reject" | "unfold";
}

const NAMES: Names<ResponseParserOptions> = {
  method: true,
  upgrade: true,
  limits: true,
  obsFold: true,
};

/** One of them is of the wrong kind. */
function refuse(method: unknown, upgrade: unknown): never {
  throw new TypeError(
    typeof method === "string"
      ? `Cannot use upgrade: it must be true or false, got ${kindOf(upgrade)}`
      : `Cannot use method: it must be a text, got ${kindOf(method)}`,
  );
}

type State =
  | { at: "head" }
  | { at: "empty" }
  | { at: "length"; remaining: number }
  | { at: "chunked"; chunks: ChunkReader }
  | { at: "close"; remaining: number } // Infinity
  | { at: "ended" }
  | { at: "failed"; error: unknown };

type Working = Exclude<State, { at: "failed" }>;

const DEFAULT_RULES = /* @__PURE__ */ rulesFrom({});

/**
 * Parses the response to a request (RFC 9112) from pieces of any size. It does no
 * I/O, so that it can be tested byte by byte, and runs over any transport.
 *
 * Push what was read, then take events until there is `null`: it has looked at all
 * of the bytes, has copied what it must keep of them (the start of a head), and
 * needs more. The data of a body is never copied. What cannot be read in one way
 * only is refused. It holds at most a head at a time.
 *
 *     head ──informational──▶ head
 *      │
 *      └──head──▶ empty | length | chunked | close ──data──▶ the same
 *                   │
 *                   └──end──▶ ended ──reset──▶ head
 *
 * @example Usage
 * ```ts
 * import { ResponseParser } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const parser = new ResponseParser({ method: "GET" });
 * const seen: string[] = [];
 * for (const piece of ["HTTP/1.1 200 O", "K\r\nContent-Length: 5\r\n\r\nhe", "llo"]) {
 *   parser.push(new TextEncoder().encode(piece));
 *   for (let event; (event = parser.nextEvent()) !== null;) {
 *     if (event.type === "head") seen.push(`${event.status} ${event.reason}`);
 *     if (event.type === "data") seen.push(new TextDecoder().decode(event.bytes));
 *     if (event.type === "end") seen.push("end");
 *   }
 * }
 * assertEquals(seen, ["200 OK", "he", "llo", "end"]);
 * assertEquals(parser.leftover, 0); // the connection can be used again
 * ```
 */
export class ResponseParser {
  readonly #input: Input = new Input();
  readonly #head: SectionReader = new SectionReader();
  /** Made for the first body that is chunked. */
  #chunks: ChunkReader | undefined;
  #method = "";
  #upgrade = false;
  /** What the rules were made from: mostly the same for each response. */
  #chosen: RulesInit = {};
  #rules: Rules = DEFAULT_RULES;
  #informational = 0;
  #informationalBytes = 0;
  #state: State = { at: "head" };

  /**
   * Makes a parser.
   *
   * @param options Of the request that is answered, limits, leniency.
   * @throws {RangeError} If a limit is no whole number, or below 0.
   * @throws {TypeError} If an option is of the wrong kind, or unknown.
   */
  constructor(options: ResponseParserOptions = {}) {
    checkNames(options, NAMES);
    this.reset(options);
  }

  /**
   * Starts with the next response, as a new parser would, keeping what can be
   * used again. As it is called for each response, it does not look for options
   * that are unknown.
   *
   * @param options Of the next request, limits, leniency.
   * @throws {RangeError} If a limit is no whole number, or below 0.
   * @throws {TypeError} If an option is of the wrong kind.
   * @throws {Error} If bytes came after the end of the response before, and were
   * not taken: they answer no request, and the connection cannot be trusted.
   */
  reset(options: ResponseParserOptions = {}): void {
    const { method = "GET", upgrade = false, limits, obsFold } = options;
    if (typeof method !== "string" || typeof upgrade !== "boolean") {
      refuse(method, upgrade);
    }
    const { leftover } = this;
    if (leftover > 0) {
      throw new Error(
        `Cannot reset ResponseParser: ${leftover} bytes are left over`,
      );
    }
    if (limits !== this.#chosen.limits || obsFold !== this.#chosen.obsFold) {
      this.#rules = rulesFrom(options);
      this.#chosen = { limits, obsFold };
    }
    this.#input.reset();
    this.#method = method;
    this.#upgrade = upgrade;
    this.#informational = 0;
    this.#informationalBytes = 0;
    this.#head.begin(this.#rules.head, 0);
    this.#state = { at: "head" };
  }

  /** Whether the end of the response was given. */
  get isEnded(): boolean {
    return this.#state.at === "ended";
  }

  /**
   * How many bytes came after the end of the response. If there are any, the
   * connection is not to be used for another request; after an upgrade they are
   * the first ones of the new protocol.
   */
  get leftover(): number {
    return this.isEnded ? this.#input.leftover : 0;
  }

  /**
   * How many bytes of the body follow what it has looked at, as far as it can
   * tell: what is left of the body, or of a chunk; `Infinity` if the body ends with
   * the connection; 0 where something else may come. Once it has asked for more,
   * so many can be read straight to where they are wanted.
   */
  get dataAhead(): number {
    const state = this.#state;
    switch (state.at) {
      case "length":
      case "close":
        return state.remaining;
      case "chunked":
        return state.chunks.dataAhead;
    }
    return 0;
  }

  /**
   * Takes what came after the end of the response.
   *
   * @returns A copy of those bytes.
   */
  takeLeftover(): Uint8Array {
    return this.isEnded ? this.#input.takeLeftover() : new Uint8Array(0);
  }

  /**
   * Gives it bytes to parse. Leave them alone until
   * {@linkcode ResponseParser.nextEvent} has returned `null`.
   *
   * @param bytes The bytes that follow those before.
   * @throws {Error} If the bytes before were not taken to their end, or after
   * {@linkcode ResponseParser.end}.
   */
  push(bytes: Uint8Array): void {
    this.#input.push(bytes);
  }

  /** Tells it that the connection has ended. */
  end(): void {
    this.#input.isEof = true;
  }

  /**
   * Parses on.
   *
   * @returns The next event; `null` if that takes more bytes, or after the end.
   * @throws {H1Error} If the bytes are no response, or too much of one;
   * from then on, always.
   * @throws {H1Incomplete} If the connection ended before the response did.
   */
  nextEvent(): ResponseEvent | null {
    const state = this.#state;
    if (state.at === "failed") throw state.error;
    try {
      const event = this.#parse(state);
      return event === null && this.#input.isEof ? this.#atEof(state) : event;
    } catch (error) {
      this.#state = { at: "failed", error };
      throw error;
    }
  }

  #parse(state: Working): ResponseEvent | null {
    const input = this.#input;
    switch (state.at) {
      case "head": {
        if (input.isRead) return null;
        const head = this.#head;
        input.position = head.scan(input.bytes, input.position);
        return head.isComplete ? this.#headEvent(head) : null;
      }
      case "empty":
        return this.#end();

      case "length":
        if (state.remaining === 0) return this.#end();
        if (input.isRead) return null;
        return this.#data(state);

      case "chunked": {
        const event = state.chunks.read(input);
        if (event?.type === "end") this.#state = { at: "ended" };
        return event;
      }
      case "close":
        return input.isRead ? null : this.#data(state);

      case "ended":
        input.keepRest();
        return null;
      default:
        return state satisfies never;
    }
  }

  /** No more bytes will come: what that means where it is, the table says. */
  #atEof(state: Working): ResponseEvent | null {
    switch (RESPONSE_TABLE[state.at].eof) {
      case "nothing":
        return null;
      case "end":
        return this.#end();
      case "error":
        throw this.#incomplete(state);
    }
  }

  #incomplete(state: Working): Error {
    const { offset } = this.#input;
    switch (state.at) {
      case "length":
        return incompleteBody(state.remaining, offset);
      case "chunked":
        return state.chunks.incomplete(offset);
      default:
        return incompleteHead(offset);
    }
  }

  #headEvent(head: SectionReader): ResponseEvent {
    const { minor, status, reason } = head;
    const fields = head.fields!;
    const offset = this.#input.offset;
    if (status < 200 && status !== 101) {
      this.#countInformational(head.read, offset);
      head.begin(this.#rules.head, offset);
      return { type: "informational", status, reason, fields };
    }
    if (status === 101 && !this.#upgrade) {
      throw unrequestedUpgrade(offset);
    }
    const framed = { method: this.#method, status, minor, fields };
    const framing = responseFraming(framed, offset);
    const event: HeadEvent = {
      type: "head",
      minor,
      status,
      reason,
      fields,
      framing,
      keepAlive: keepsAlive(framed, framing),
      upgrade: status === 101 ||
        (this.#method === "CONNECT" && status < 300),
    };
    switch (framing.kind) {
      case "none":
        this.#state = { at: "empty" };
        break;
      case "length":
        this.#state = { at: "length", remaining: framing.length };
        break;
      case "chunked":
        this.#chunks ??= new ChunkReader();
        this.#chunks.begin(this.#rules);
        this.#state = { at: "chunked", chunks: this.#chunks };
        break;
      case "close":
        this.#state = { at: "close", remaining: Infinity };
    }
    return event;
  }

  /** A flood of interim responses is refused: CVE-2021-3737. */
  #countInformational(bytes: number, offset: number): void {
    const { informational, informationalBytes } = this.#rules.limits;
    this.#informational++;
    this.#informationalBytes += bytes;
    if (this.#informational > informational) {
      throw tooManyInformational(informational, offset);
    }
    if (this.#informationalBytes > informationalBytes) {
      throw informationalTooLarge(informationalBytes, offset);
    }
  }

  #data(state: { remaining: number }): DataEvent {
    const { bytes, position } = this.#input;
    const end = Math.min(bytes.length, position + state.remaining);
    state.remaining -= end - position;
    return { type: "data", bytes: this.#input.takeUpTo(end) };
  }

  #end(): ResponseEvent {
    this.#state = { at: "ended" };
    return { type: "end", trailers: null };
  }
}
