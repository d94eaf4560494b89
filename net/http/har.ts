/**
 * Records what an `HttpClient` does as a HAR log, which the network panel of a
 * browser opens: see {@linkcode HarRecorder}.
 *
 * @module
 */

import { wallClock } from "../_deno.ts";
import { checkNames } from "../../future/_option_names.ts";
import { checkCount, checkFunction, checkObject } from "../_options.ts";
import type { ExchangeRecord } from "./exchange_record.ts";
import { entryOf } from "./_har_entry.ts";
import type { Har, HarEntry } from "./har_format.ts";

export type * from "./har_format.ts";

/** How a {@linkcode HarRecorder} records. */
export interface HarOptions {
  /**
   * What is done with secrets: `"redact"` by default. Secrets are the values of
   * `authorization`, `proxy-authorization`, `cookie` and `set-cookie`, and of
   * what the query string of a URL says, here and in `location`; and credentials
   * within it. A token in a field of another name, or in the path, is not known
   * for one.
   */
  secrets?: "redact" | "keep";
  /** How many entries are kept, the latest: 10,000. */
  maxEntries?: number;
  /** The clock on the wall: the platform's by default. */
  now?: () => Date;
}

/**
 * Records the exchanges of clients in the format HAR 1.2, which the developer
 * tools of browsers read. Each redirect and each attempt is an entry. Bodies are
 * not kept.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { HttpClient } from "@pollen/futures/http";
 * import { HarRecorder } from "@pollen/futures/http/har";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   () => new Response("hello"),
 * );
 * const har = new HarRecorder();
 * await using client = new HttpClient({ onExchange: har.onExchange });
 * await run(co(function* () {
 *   using response = yield* client.get(`http://127.0.0.1:${server.addr.port}/?key=k`);
 *   yield* response.text();
 * }));
 *
 * const { log } = JSON.parse(JSON.stringify(har));
 * assertEquals(log.version, "1.2");
 * const [{ request, response }] = log.entries;
 * assertEquals(request.queryString, [{ name: "key", value: "redacted" }]);
 * assertEquals(response.status, 200);
 * assertEquals(response.bodySize, 5);
 * ```
 */
export class HarRecorder {
  readonly #redacts: boolean;
  readonly #maxEntries: number;
  readonly #now: () => Date;
  #entries: HarEntry[] = [];

  /** Records an exchange: what to give a client as its option `onExchange`. */
  readonly onExchange: (exchange: ExchangeRecord) => void;

  /**
   * Makes a recorder with no entries.
   *
   * @param options How it records.
   * @throws {TypeError} If an option is of the wrong kind, or unknown.
   * @throws {RangeError} If `maxEntries` is not a whole number of at least 1.
   */
  constructor(options: HarOptions = {}) {
    checkObject("options of a recorder", options);
    checkNames(options, { secrets: true, maxEntries: true, now: true });
    const { secrets = "redact", maxEntries = 10_000, now } = options;
    if (secrets !== "redact" && secrets !== "keep") {
      throw new TypeError(
        "Cannot use the option secrets: it must be redact or keep",
      );
    }
    this.#redacts = secrets === "redact";
    this.#maxEntries = checkCount("maxEntries", maxEntries);
    this.#now = checkFunction("now", now) ?? wallClock;
    this.onExchange = (exchange) => {
      this.#entries.push(entryOf(exchange, this.#now(), this.#redacts));
      if (this.#entries.length > this.#maxEntries) this.#entries.shift();
    };
  }

  /** Forgets the entries. */
  clear(): void {
    this.#entries = [];
  }

  /**
   * What was recorded, for `JSON.stringify`.
   *
   * @returns The log, with the entries that have ended so far.
   */
  toJSON(): Har {
    const entries = this.#entries.toSorted((a, b) =>
      a.startedDateTime < b.startedDateTime
        ? -1
        : a.startedDateTime > b.startedDateTime
        ? 1
        : 0
    );
    const creator = { name: "@pollen/futures", version: "0.1.0" };
    return { log: { version: "1.2", creator, entries } };
  }
}
