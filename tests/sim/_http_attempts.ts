// One request at a time, made and read in one of many ways, and what must hold of
// what comes back.
import { JoinError } from "../../executor/mod.ts";
import {
  co,
  type Context,
  fromPromise,
  Future,
  join,
  type Poll,
} from "../../future/mod.ts";
import { Done, Stream, toReadableStream } from "../../future/stream/mod.ts";
import {
  type FetchInit,
  type HttpClient,
  HttpError,
  HttpResponse,
  serverSentEvents,
} from "../../net/http/mod.ts";
import { NetError } from "../../net/mod.ts";
import type { NetSim } from "../../net/sim/mod.ts";
import { eventsOf } from "./_http_answers.ts";
import { one, whole } from "./_http_faults.ts";
import { bodyOf, type Work } from "./_http_requests.ts";

/** The task of what is done by promises. */
export const WEB = "web";

type Trying = Generator<Future<unknown>, void, unknown>;

/** Polls a future so many times at most, then drops it. */
class DropAfter<T> extends Future<T | "dropped"> {
  readonly #inner: Future<T>;
  #left: number;

  constructor(inner: Future<T>, polls: number) {
    super();
    this.#inner = inner;
    this.#left = polls;
  }

  override poll(cx: Context): Poll<T | "dropped"> {
    if (this.#left-- > 0) return this.#inner.poll(cx);
    this.#inner[Symbol.dispose]();
    return "dropped";
  }

  override [Symbol.dispose](): void {
    this.#inner[Symbol.dispose]();
  }
}

/** Makes requests with a client. */
export class Attempts {
  readonly #sim: NetSim;
  readonly #client: HttpClient;

  constructor(sim: NetSim, client: HttpClient) {
    this.#sim = sim;
    this.#client = client;
  }

  /** Makes a request and reads it, in one of many ways. */
  *attempt(work: Work): Trying {
    const sim = this.#sim;
    const sending = this.#client.request(work.request);
    const isDropped = sim.random() < 0.2;
    const got = yield* new DropAfter(
      sending,
      isDropped ? whole(sim, 0, 12) : Infinity,
    );
    if (got === "dropped") {
      sim.sometimes("a request was dropped", true);
      return;
    }
    using response = got;
    this.checkHead(work, response);
    sim.sometimes("a connection was used again", response.connection.reused);
    sim.sometimes("it took another attempt", response.connection.attempts > 1);
    if (response.status === 101) return yield* this.#talk(work, response);
    if (work.kind === "events" && response.status === 200) {
      return yield* this.#listen(work, response);
    }
    switch (whole(sim, 0, 5)) {
      case 0: // nobody wants the body
        return;
      case 1: {
        const read = new DropAfter(response.text(), whole(sim, 0, 5));
        const text = yield* read;
        if (text !== "dropped") this.checkBody(work, response, text);
        return;
      }
      case 2: {
        using stream = response.stream();
        const most = one(sim, [1, 2, Infinity]);
        const decoder = new TextDecoder();
        let text = "";
        for (let n = 0; n < most; n++) {
          const piece = yield* stream.next();
          if (piece === Done) return this.checkBody(work, response, text);
          text += decoder.decode(piece);
        }
        const all = bodyOf(work, response);
        sim.always("what is read begins the body", all.startsWith(text), text);
        return;
      }
      default:
        this.checkBody(work, response, yield* response.text());
    }
  }

  /** Events come in order, each once, and all of them if there is an end. */
  *#listen(work: Work, response: HttpResponse) {
    const sim = this.#sim;
    const all = eventsOf(work.id, work.size);
    using events = serverSentEvents(response);
    const most = one(sim, [1, Infinity]);
    for (let n = 0; n < most; n++) {
      const event = yield* events.next();
      if (event === Done) {
        sim.always("all events have come", n === all.length, { n });
        return;
      }
      const isRight = event.data === all[n] && event.lastEventId === `${n}`;
      sim.always("the next event is the next", isRight, { n, event });
    }
  }

  /** What is said after an upgrade comes back, whole and in order. */
  *#talk(work: Work, response: HttpResponse) {
    const sim = this.#sim;
    using stream = response.upgrade();
    const lines = Array.from(
      { length: whole(sim, 0, 3) },
      (_, n) => `${n} ${"x".repeat(whole(sim, 0, 200))}`,
    );
    const all = ["hello", ...lines].map((line) => `${work.id}: ${line}\n`)
      .join("");
    const said = new TextEncoder().encode(
      lines.map((line) => `${line}\n`).join(""),
    );
    const into = new Uint8Array(100);
    let text = "";
    const speaking = co(function* () {
      yield* stream.writeAll(said);
      yield* stream.shutdown();
    });
    const hearing = co(function* () {
      for (let n; (n = yield* stream.read(into)) !== null;) {
        text += new TextDecoder().decode(into.subarray(0, n));
        sim.always("what comes back is what was said", all.startsWith(text), {
          text,
          all,
        });
      }
    });
    try {
      // Both at once: each side may have to wait for the other to read.
      yield* join([speaking, hearing]);
      sim.sometimes("a protocol was switched, and spoken", text === all);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }

  /** The same by way of the web's own types and of promises. */
  *fetch(work: Work): Trying {
    const sim = this.#sim;
    const { url, method, headers, body, signal } = work.request;
    const init: RequestInit = { headers: headers as HeadersInit };
    if (method !== undefined) init.method = method;
    if (signal !== undefined) init.signal = signal;
    if (body instanceof Stream) init.body = toReadableStream(body);
    else if (body !== undefined) init.body = body as BodyInit;
    const how = whole(sim, 0, 3);
    const reading = fromPromise(async () => {
      const input = how === 0 ? new Request(url, init) : url;
      const response = await this.#client.fetch(
        input,
        how === 0 ? {} : init as FetchInit,
      );
      this.checkHead(work, response);
      if (how === 1) return await response.body?.cancel();
      let text = "";
      if (how === 2 && response.body !== null) {
        const decoder = new TextDecoderStream();
        for await (const piece of response.body.pipeThrough(decoder)) {
          text += piece;
        }
      } else text = await response.text();
      if (work.kind === "upgrade" && response.status === 101) return;
      if (work.kind !== "events") this.checkBody(work, response, text);
      sim.sometimes("a body was fetched", true);
    });
    try {
      yield* sim.spawn(reading, { name: WEB });
    } catch (error) {
      throw causeOf(error);
    }
  }

  checkHead(
    { id, kind, size }: Work,
    response: Pick<HttpResponse, "status"> & {
      headers: { get(name: string): string | null };
    },
  ): void {
    const { status } = response;
    const is = (...all: number[]) => all.includes(status);
    const fits = is(417) ||
      (kind === "early"
        ? is(413)
        : kind.startsWith("busy")
        ? is(200, 503)
        : kind === "upgrade"
        ? is(101)
        : is(200));
    const whose = response.headers.get("x-id");
    this.#sim.always("the answer is to this one", whose === id && fits, {
      id,
      kind,
      size,
      status,
      whose,
    });
  }

  checkBody(
    work: Work,
    response: Pick<HttpResponse, "status"> & { trailers?: unknown },
    text: string,
  ): void {
    const all = bodyOf(work, response);
    // A body that ends with its connection may be cut without a sign of it; not
    // if it is coded, for its coding has an end of its own.
    const isOpen = work.kind === "close" ||
      (work.kind.endsWith("-close") && text === "");
    this.#sim.always(
      "the body is what was sent",
      text === all || (isOpen && all.startsWith(text)),
      { work: work.id, status: response.status, text, all },
    );
    if (
      work.kind === "chunked" && response.status === 200 && all !== "" &&
      response instanceof HttpResponse
    ) {
      const sum = response.trailers?.get("x-sum");
      this.#sim.always("the trailers came", sum === work.id, sum);
    }
    this.#sim.sometimes(
      "a coded body was read",
      work.kind.startsWith("coded") && text !== "",
    );
  }
}

/** What the web's own errors stand for. */
function causeOf(error: unknown): unknown {
  if (error instanceof JoinError) return causeOf(error.cause);
  return error instanceof TypeError && error.cause instanceof HttpError
    ? error.cause
    : error;
}
