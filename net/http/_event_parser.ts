import { LimitExceeded } from "./errors.ts";
import type { ServerSentEvent } from "./server_sent_events.ts";

const LINE_END = /[\r\n]/g;

/**
 * Makes events of text that comes in pieces (the HTML standard, section 9.2.6,
 * "Interpreting an event stream"). It looks at no character twice, however the
 * text is cut, and holds no more than one event.
 */
export class EventParser {
  readonly #limit: number;
  readonly #ready: ServerSentEvent[] = [];
  /** The line that has begun. */
  #line = "";
  /** A CR has ended a line: a LF right behind it belongs to that. */
  #afterCr = false;
  #data = "";
  #type = "";
  #lastEventId: string;
  #retry: number | null = null;
  #reached: string;

  /** @param lastEventId What was reached before, over another connection. */
  constructor(limit: number, lastEventId = "") {
    this.#limit = limit;
    this.#lastEventId = this.#reached = lastEventId;
  }

  /** The id behind which to go on: that of an event that has begun is none. */
  get reached(): string {
    return this.#reached;
  }

  /** What the server has said last about a new request. */
  get retry(): number | null {
    return this.#retry;
  }

  /** The next event that is whole. */
  next(): ServerSentEvent | undefined {
    return this.#ready.shift();
  }

  /** @throws {LimitExceeded} If a line, or an event, is too long. */
  push(text: string): void {
    let from = this.#afterCr && text.startsWith("\n") ? 1 : 0;
    if (text.length > 0) this.#afterCr = false;
    for (;;) {
      LINE_END.lastIndex = from;
      const end = LINE_END.exec(text)?.index;
      this.#grow(text.slice(from, end));
      if (end === undefined) return;
      this.#endLine();
      from = end + 1;
      if (text[end] === "\n") continue;
      if (from === text.length) this.#afterCr = true;
      else if (text[from] === "\n") from++;
    }
  }

  #grow(part: string): void {
    this.#line += part;
    if (this.#line.length + this.#data.length > this.#limit) {
      throw new LimitExceeded(
        `Cannot read events: one is longer than eventLength, ${this.#limit} characters`,
        {
          phase: "body",
          limit: "eventLength",
          requestMayHaveBeenProcessed: true,
        },
      );
    }
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = "";
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0
      ? ""
      : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    this.#field(name, value);
  }

  #field(name: string, value: string): void {
    switch (name) {
      case "event":
        this.#type = value;
        break;
      case "data":
        this.#data += `${value}\n`;
        break;
      case "id":
        if (!value.includes("\0")) this.#lastEventId = value;
        break;
      case "retry":
        if (/^[0-9]+$/.test(value)) this.#retry = Number(value);
    }
  }

  #dispatch(): void {
    const type = this.#type === "" ? "message" : this.#type;
    const data = this.#data;
    this.#type = "";
    this.#data = "";
    this.#reached = this.#lastEventId;
    if (data === "") return;
    this.#ready.push({
      type,
      data: data.slice(0, -1),
      lastEventId: this.#lastEventId,
      retry: this.#retry,
    });
  }
}
