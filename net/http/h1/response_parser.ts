import { ChunkReader } from "./_chunk_reader.ts";
import { Input } from "./_input.ts";
import { type Rules, rulesFrom, type RulesInit } from "./_rules.ts";
import { SectionReader } from "./_section.ts";
import { H1Error, H1Incomplete, H1LimitExceeded } from "./errors.ts";
import type { DataEvent, HeadEvent, ResponseEvent } from "./events.ts";
import { keepsAlive, responseFraming } from "./response_framing.ts";
import type { H1Limits } from "./limits.ts";

/** What a {@linkcode ResponseParser} has to know of the request. */
export interface ResponseParserOptions {
  /** Its method: a response to HEAD has no body, one to CONNECT may be a tunnel. */
  method: string;
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

type State =
  | { at: "head" }
  | { at: "empty" }
  | { at: "length"; remaining: number }
  | { at: "chunked" }
  | { at: "close" }
  | { at: "ended" }
  | { at: "failed"; error: unknown };

const DEFAULT_RULES = rulesFrom({});

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
   */
  constructor(options: ResponseParserOptions) {
    this.reset(options);
  }

  /**
   * Starts with the next response, as a new parser would, keeping what can be
   * used again.
   *
   * @param options Of the next request, limits, leniency.
   * @throws {RangeError} If a limit is no whole number, or below 0.
   * @throws {Error} If bytes came after the end of the response before, and were
   * not taken: they answer no request, and the connection cannot be trusted.
   */
  reset(options: ResponseParserOptions): void {
    const { method, upgrade, limits, obsFold } = options;
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
    this.#upgrade = upgrade ?? false;
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
      return this.#parse(state);
    } catch (error) {
      this.#state = { at: "failed", error };
      throw error;
    }
  }

  #parse(state: Exclude<State, { at: "failed" }>): ResponseEvent | null {
    const input = this.#input;
    switch (state.at) {
      case "head": {
        const head = this.#head;
        if (!input.isRead) {
          input.position = head.scan(input.bytes, input.position);
          if (head.isComplete) return this.#headEvent(head);
        }
        if (input.isEof) throw incompleteHead(input.offset);
        return null;
      }
      case "empty":
        return this.#end();

      case "length":
        if (state.remaining === 0) return this.#end();
        if (!input.isRead) {
          const data = this.#data(state.remaining);
          state.remaining -= data.bytes.length;
          return data;
        }
        if (input.isEof) throw incompleteBody(state.remaining, input.offset);
        return null;

      case "chunked": {
        const event = this.#chunks!.read(input);
        if (event?.type === "end") this.#state = { at: "ended" };
        if (event === null && input.isEof) {
          throw this.#chunks!.incomplete(input);
        }
        return event;
      }
      case "close":
        if (!input.isRead) return this.#data(Infinity);
        return input.isEof ? this.#end() : null;

      case "ended":
        input.keepRest();
        return null;
      default:
        return state satisfies never;
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
      throw new H1Error(
        "Cannot read the head: the server switches protocols, which was not asked for",
        { code: "unrequested-upgrade", expected: "a final response", offset },
      );
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
        this.#state = { at: "chunked" };
        break;
      case "close":
        this.#state = { at: "close" };
    }
    return event;
  }

  /** A flood of interim responses is refused: CVE-2021-3737. */
  #countInformational(bytes: number, offset: number): void {
    const { informational, informationalBytes } = this.#rules.limits;
    this.#informational++;
    this.#informationalBytes += bytes;
    if (this.#informational > informational) {
      throw new H1LimitExceeded(
        `Cannot read the head: there are more than ${informational} interim responses before it`,
        {
          code: "too-many-informational",
          expected: "a final response",
          offset,
        },
      );
    }
    if (this.#informationalBytes > informationalBytes) {
      throw new H1LimitExceeded(
        `Cannot read the head: the interim responses before it have more than ${informationalBytes} bytes`,
        {
          code: "informational-too-large",
          expected: "a final response",
          offset,
        },
      );
    }
  }

  #data(atMost: number): DataEvent {
    const { bytes, position } = this.#input;
    const end = Math.min(bytes.length, position + atMost);
    this.#input.position = end;
    return {
      type: "data",
      bytes: position === 0 && end === bytes.length
        ? bytes
        : bytes.subarray(position, end),
    };
  }

  #end(): ResponseEvent {
    this.#state = { at: "ended" };
    return { type: "end", trailers: null };
  }
}

function incompleteHead(offset: number): H1Incomplete {
  const isNothing = offset === 0;
  return new H1Incomplete(
    isNothing
      ? "Cannot read the head: the connection ended before the first byte"
      : "Cannot read the head: the connection ended before its end",
    {
      code: isNothing ? "no-response" : "incomplete-head",
      expected: isNothing ? "a response" : "an empty line",
      offset,
      missing: null,
    },
  );
}

function incompleteBody(missing: number, offset: number): H1Incomplete {
  return new H1Incomplete(
    `Cannot complete the body: the connection ended ${missing} bytes before its end`,
    {
      code: "incomplete-body",
      expected: "the rest of the body",
      offset,
      missing,
    },
  );
}
