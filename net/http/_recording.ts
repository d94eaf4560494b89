import { report } from "../_report.ts";
import type { Exchange } from "./_exchange.ts";
import type {
  ExchangeConnection,
  ExchangeRecord,
  ExchangeResponse,
} from "./exchange_record.ts";
import { Fields } from "./h1/fields.ts";
import type { Moment } from "./_moment.ts";
import type { Plan } from "./_plan.ts";
import { Timings } from "./timings.ts";

/** Tells of each exchange of a request, once. */
export class Recording {
  readonly #listener: (exchange: ExchangeRecord) => void;
  readonly #timings: Timings;
  readonly #moment: Moment;
  /** The exchange that is going on. */
  #current: { plan: Plan; startedAt: number } | null = null;
  /** What it goes on over, once it has a connection. */
  #exchange: Exchange | null = null;

  /** @param timings Those of the request: what each exchange takes is set there. */
  constructor(
    listener: (exchange: ExchangeRecord) => void,
    timings: Timings,
    moment: Moment,
  ) {
    this.#listener = listener;
    this.#timings = timings;
    this.#moment = moment;
  }

  begin(plan: Plan): void {
    this.#timings.attempt(0); // it may end before there is a connection
    this.#current = { plan, startedAt: this.#moment.time };
    this.#exchange = null;
  }

  attach(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  /**
   * The exchange is over, unless it was before.
   *
   * @param received Bytes of the body that were read; null if it was not to be.
   */
  end(
    end: ExchangeRecord["end"],
    error: unknown = null,
    received: number | null = null,
  ): void {
    if (this.#current === null) return;
    const { plan, startedAt } = this.#current;
    const exchange = this.#exchange;
    this.#current = null;
    const headBytes = headBytesOf(plan);
    report(this.#listener, {
      method: plan.method,
      url: plan.target.href,
      requestHeaders: fieldsOf(plan.bytes.subarray(0, headBytes)),
      requestHeadBytes: headBytes,
      requestBodyBytes: plan.body === null ? 0 : plan.body.length,
      response: responseOf(exchange, received),
      connection: connectionOf(exchange),
      timings: this.#timingsOf(exchange, startedAt),
      end,
      error,
    });
  }

  #timingsOf(exchange: Exchange | null, startedAt: number): Timings {
    return Object.assign(new Timings(startedAt), this.#timings, {
      startedAt,
      sentAt: exchange?.sentAt ?? 0,
      firstByteAt: exchange?.firstByteAt ?? 0,
      endedAt: this.#moment.tick(),
    });
  }
}

function headBytesOf({ bytes, body, isWhole }: Plan): number {
  const content = body !== null && isWhole ? body.bytes!.byteLength : 0;
  return bytes.byteLength - content;
}

/** The fields as they were written: what the encoder has added is there too. */
function fieldsOf(head: Uint8Array): Fields {
  const text = Array.from(head, (each) => String.fromCharCode(each)).join("");
  const lines = text.split("\r\n").slice(1, -2);
  return Fields.from(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1)];
  }));
}

function responseOf(
  exchange: Exchange | null,
  bodyBytes: number | null,
): ExchangeResponse | null {
  const head = exchange?.head ?? null;
  return head === null ? null : {
    status: head.status,
    statusText: head.reason,
    headers: head.fields,
    bodyBytes,
  };
}

function connectionOf(exchange: Exchange | null): ExchangeConnection | null {
  if (exchange === null) return null;
  const { id, transport, requests } = exchange.connection;
  const { localAddr, remoteAddr } = transport;
  return { id, reused: requests > 1, localAddr, remoteAddr };
}
