// Work for a client of HTTP, and what must hold of it whatever happens.
import {
  co,
  type Context,
  fromPromise,
  Future,
  join,
  type Poll,
} from "../../future/mod.ts";
import { Done, Stream, toReadableStream } from "../../future/stream/mod.ts";
import { JoinError } from "../../executor/mod.ts";
import {
  DeadlineExceeded,
  type ExchangeRecord,
  type FetchInit,
  type HttpClient,
  type HttpClientOptions,
  HttpError,
  HttpResponse,
  IncompleteBody,
  ProtocolError,
  serverSentEvents,
  TransportError,
} from "../../net/http/mod.ts";
import { NetError } from "../../net/mod.ts";
import {
  type NetSim,
  pct,
  random,
  simCertificate,
  type SimTestOptions,
} from "../../net/sim/mod.ts";
import { eventsOf } from "./_http_answers.ts";
import { HEALED, one, spoil, whole } from "./_http_faults.ts";
import {
  bodyOf,
  randomWork,
  SourceFailed,
  type Work,
  workOf,
} from "./_http_requests.ts";
import { type Habits, Seen, serveModel } from "./_http_server.ts";

/** How long one request may take once all is well. */
const PROMPT = 6000;
/** The task of what is done by promises. */
const WEB = "web";

/** The worker gave a request up, by its signal. */
class GivenUp extends Error {}

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

/** How the servers are reached. */
type Way =
  | "straight"
  | "by a proxy"
  | "with a certificate"
  | "by a Unix socket";

/** Where a Unix socket is. */
const PATH = "/run/a.sock";

/** During what each deadline may pass. */
const PHASES: Record<string, readonly string[]> = {
  queue: ["queue"],
  resolve: ["resolve"],
  connect: ["connect", "proxy"],
  tls: ["tls"],
  write: ["write"],
  head: ["head", "write"],
  read: ["body"],
};

/** One client, its servers, and those who work with it. */
export class Trial {
  readonly #sim: NetSim;
  readonly #client: HttpClient;
  readonly #seen = new Seen();
  readonly #pool: { maxPerOrigin: number; maxTotal: number; maxQueue: number };
  readonly #servers: string[];
  /** The server that the client's policy is against, if it is against one. */
  readonly #denied: string | null;
  readonly #total: number;
  /** Whether servers close connections that rest. */
  readonly #isRestless: boolean;
  /** Connections over which something has gone wrong. */
  readonly #broken = new Set<number>();
  readonly #isWeb: boolean;
  #requests = 0;

  /** @param isWeb Whether requests are made by `fetch`. */
  constructor(sim: NetSim, isWeb: boolean) {
    this.#sim = sim;
    this.#isWeb = isWeb;
    const way = one<Way>(sim, [
      "straight",
      "straight",
      "straight",
      "by a proxy",
      "with a certificate",
      "by a Unix socket",
    ]);
    sim.sometimes(`servers are reached ${way}`, true);
    const all = way === "by a Unix socket"
      ? ["a.test"]
      : way === "with a certificate"
      ? ["s.test", "s2.test"]
      : ["a.test", "b.test", "s.test"];
    this.#servers = all.slice(0, whole(sim, 1, all.length));
    const habits: Habits = {
      idle: one(sim, [20, 200, 1000, 1e9]),
      slow: one(sim, [0, 5, 100, 1000]),
      closes: one(sim, [0, 0, 0.3]),
      expected: one(sim, ["continue", "nothing", "refuse"]),
      refuses: one(sim, [0, 0.2]),
    };
    if (way === "by a proxy") {
      sim.platform.setTimer(HEALED, () => habits.refuses = 0);
    }
    this.#isRestless = habits.idle < 1e9;
    for (const name of this.#servers) {
      if (way === "by a Unix socket") {
        const place = { at: "unix", path: PATH } as const;
        serveModel(sim, name, this.#seen, habits, place);
        spoil(sim, "client");
      } else if (way === "with a certificate") {
        const place = { at: "tls", clients: ["me.test"] } as const;
        serveModel(sim, name, this.#seen, habits, place);
        spoil(sim, name);
      } else {
        serveModel(sim, name, this.#seen, habits);
        spoil(sim, name, way === "by a proxy" ? "proxy" : "client");
      }
    }
    if (way === "by a proxy") {
      // It is a server, too, and knows all of them.
      serveModel(sim, "proxy", this.#seen, habits);
      spoil(sim, "proxy");
    }
    this.#denied = way === "straight" && this.#servers.length > 1 &&
        sim.random() < 0.15
      ? this.#servers.at(-1)!
      : null;
    const denied = this.#denied && sim.net.host(this.#denied).address;
    this.#pool = {
      maxPerOrigin: whole(sim, 1, 3),
      maxTotal: whole(sim, 1, 4),
      maxQueue: one(sim, [0, 1, 100]),
    };
    const deadlines = sim.random() < 0.5 ? {} : {
      queue: whole(sim, 1, 2000),
      resolve: whole(sim, 1, 1000),
      connect: whole(sim, 1, 2000),
      tls: whole(sim, 1, 2000),
      write: whole(sim, 50, 2000),
      head: whole(sim, 50, 3000),
      read: whole(sim, 50, 2000),
      total: whole(sim, 1, 4000),
    };
    this.#total = deadlines.total ?? Infinity;
    const options: HttpClientOptions = {
      pool: {
        ...this.#pool,
        idle: one(sim, [0, 50, 1000, 90_000]),
        maxAge: one(sim, [500, Infinity]),
      },
      deadlines,
      limits: one(sim, [{}, { drainBytes: 0 }, { drainBytes: 500 }]),
      ...sim.random() < 0.5
        ? { retry: { attempts: whole(sim, 2, 4), first: whole(sim, 1, 100) } }
        : {},
      ...way === "by a proxy" ? { proxy: "http://proxy:80" } : {},
      ...way === "by a Unix socket" ? { unixSocket: PATH } : {},
      ...way === "with a certificate"
        ? { tls: simCertificate(["me.test"]) }
        : {},
      ...denied === null
        ? {}
        : { policy: ({ hostname }) => hostname === denied ? "denied" : null },
      onConnection: () => this.#checkPool(),
      onExchange: (exchange) => this.#checkExchange(exchange),
    };
    this.#client = sim.client(options);
  }

  /** Works while there are faults; then all must go well. */
  *run(): Generator<Future<unknown>, void, unknown> {
    const sim = this.#sim;
    const workers = Array.from(
      { length: whole(sim, 1, 4) },
      () => sim.spawn(() => this.#work()),
    );
    for (const worker of workers) yield* worker;
    yield* sim.sleep(Math.max(0, HEALED + 1 - sim.now()));
    yield* sim.sleep(3000); // what was under way has come, and drains are over
    this.#checkRest();
    for (const name of this.#servers) {
      for (const method of ["GET", "POST", "GET"]) {
        yield* this.#succeed(this.#plain(method, name));
      }
    }
    this.#checkRest();
    sim.always(
      "nobody is asked whom the policy is against",
      this.#denied === null || !this.#seen.servers.has(this.#denied),
    );
    this.#client.close();
    const { connections } = this.#client.snapshot();
    sim.always("a client that is closed has nothing", connections.length === 0);
  }

  /** The pool is never over its limits. */
  #checkPool(): void {
    const { connections, dialling, waiting } = this.#client.snapshot();
    const { maxPerOrigin, maxTotal, maxQueue } = this.#pool;
    const places = new Map<string, number>();
    for (const { key } of connections) {
      places.set(key, (places.get(key) ?? 0) + 1);
    }
    const largest = Math.max(0, ...places.values());
    this.#sim.always(
      "the pool keeps to its limits",
      connections.length + dialling <= maxTotal && largest <= maxPerOrigin &&
        waiting <= maxQueue,
      { connections, dialling, waiting, pool: this.#pool },
    );
  }

  /** With nothing under way, the pool holds nothing but what rests. */
  #checkRest(): void {
    const { connections, dialling, waiting } = this.#client.snapshot();
    this.#sim.always(
      "nobody waits or dials when nothing is under way",
      dialling === 0 && waiting === 0 &&
        connections.every(({ state }) => state === "idle"),
      { connections, dialling, waiting },
    );
  }

  /** An exchange is over. */
  #checkExchange({ url, response, connection, error }: ExchangeRecord): void {
    const sim = this.#sim;
    if (connection !== null) {
      sim.always(
        "a connection over which something went wrong is not used again",
        !this.#broken.has(connection.id),
        { url, connection: connection.id },
      );
      if (isOfConnection(error)) this.#broken.add(connection.id);
    }
    const seconds = response?.headers.get("retry-after") ?? null;
    if (seconds === null) return;
    const id = new URL(url).pathname.split("/")[2]!;
    this.#seen.postpone(id, sim.now() + Number(seconds) * 1000);
  }

  *#work() {
    const sim = this.#sim;
    const most = whole(sim, 1, 4);
    for (let i = 0; i < most && sim.now() < HEALED; i++) {
      yield* sim.sleep(one(sim, [0, whole(sim, 0, 50), whole(sim, 0, 1500)]));
      const work = randomWork(sim, this.#id(), this.#servers);
      const giveUp = new AbortController();
      if (sim.random() < 0.15) {
        work.request.signal = giveUp.signal;
        sim.platform.setTimer(
          whole(sim, 0, 1500),
          () => giveUp.abort(new GivenUp()),
        );
      }
      const start = sim.now();
      try {
        if (this.#isWeb) yield* this.#fetch(work);
        else yield* this.#attempt(work);
      } catch (error) {
        if (error instanceof GivenUp) {
          sim.sometimes("a request was given up by its signal", true);
        } else this.#failed(work, error, start);
      }
      this.#checkOnce(work);
      this.#checkPool();
    }
  }

  #id(): string {
    return `r${++this.#requests}`;
  }

  #plain(method: string, server: string): Work {
    const size = whole(this.#sim, 0, 500);
    return workOf(this.#sim, this.#id(), method, "plain", size, server);
  }

  /** Makes a request and reads it, in one of many ways. */
  *#attempt(work: Work) {
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
    this.#checkHead(work, response);
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
        if (text !== "dropped") this.#checkBody(work, response, text);
        return;
      }
      case 2: {
        using stream = response.stream();
        const most = one(sim, [1, 2, Infinity]);
        const decoder = new TextDecoder();
        let text = "";
        for (let n = 0; n < most; n++) {
          const piece = yield* stream.next();
          if (piece === Done) return this.#checkBody(work, response, text);
          text += decoder.decode(piece);
        }
        const all = bodyOf(work, response);
        sim.always("what is read begins the body", all.startsWith(text), text);
        return;
      }
      default:
        this.#checkBody(work, response, yield* response.text());
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
  *#fetch(work: Work) {
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
      this.#checkHead(work, response);
      if (how === 1) return await response.body?.cancel();
      let text = "";
      if (how === 2 && response.body !== null) {
        const decoder = new TextDecoderStream();
        for await (const piece of response.body.pipeThrough(decoder)) {
          text += piece;
        }
      } else text = await response.text();
      if (work.kind === "upgrade" && response.status === 101) return;
      if (work.kind !== "events") this.#checkBody(work, response, text);
      sim.sometimes("a body was fetched", true);
    });
    try {
      yield* sim.spawn(reading, { name: WEB });
    } catch (error) {
      throw causeOf(error);
    }
  }

  #checkHead(
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

  #checkBody(
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

  #failed(work: Work, error: unknown, start: number): void {
    const sim = this.#sim;
    if (error instanceof SourceFailed) {
      sim.sometimes("a body to be sent has failed", true);
      return;
    }
    if (!(error instanceof HttpError)) throw error;
    sim.sometimes(`a request has failed: ${error.name}`, true);
    sim.sometimes(`a request has failed during: ${error.phase}`, true);
    const times = this.#seen.any(work.id);
    const shown = { work, times, error: String(error), phase: error.phase };
    sim.always(
      "an error says so if the server may have acted",
      times === 0 || error.requestMayHaveBeenProcessed,
      shown,
    );
    sim.always(
      "whom the policy is against is not asked",
      work.server !== this.#denied || !error.requestMayHaveBeenProcessed,
      shown,
    );
    if (!(error instanceof DeadlineExceeded)) return;
    const deadline = error.deadline.slice("deadlines.".length);
    sim.always(
      "a deadline passes in its phase",
      PHASES[deadline]?.includes(error.phase) ?? deadline === "total",
      shown,
    );
    const took = sim.now() - start;
    sim.always(
      "the whole ends in its time",
      deadline !== "total" || Math.abs(took - this.#total) <= 2,
      { ...shown, took, total: this.#total },
    );
  }

  /** What must not be done twice was not. */
  #checkOnce({ id, kind, method }: Work): void {
    if (method !== "POST") return;
    const first = this.#seen.times("POST", kind, id);
    const next = this.#seen.times("POST", "plain", id);
    this.#sim.always("a POST is done once at most", first <= 1 && next <= 1, {
      id,
      kind,
      first,
      next,
    });
  }

  /** All is well: the request must be, too, and soon. */
  *#succeed(work: Work) {
    const sim = this.#sim;
    work.request.deadlines = { ...GENEROUS, total: PROMPT };
    const before = this.#client.snapshot();
    const start = sim.now();
    try {
      using response = yield* this.#client.request(work.request);
      this.#checkHead(work, response);
      this.#checkBody(work, response, yield* response.text());
      sim.always("nobody is denied", work.server !== this.#denied);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      // A server may close a connection as it is used: only a GET can go again.
      const mayFail = (work.method === "POST" && this.#isRestless) ||
        (work.server === this.#denied &&
          ["resolve", "connect"].includes(error.phase));
      sim.always("all goes well with no faults", mayFail, {
        work: `${work.method} ${work.request.url}`,
        error: String(error),
        before,
      });
      this.#failed(work, error, start);
    }
    this.#checkOnce(work);
  }
}

/** Whether nobody can know after it what else comes over the connection. */
function isOfConnection(error: unknown): boolean {
  return error instanceof TransportError || error instanceof ProtocolError ||
    error instanceof IncompleteBody ||
    (error instanceof DeadlineExceeded && error.bytesSent > 0);
}

/** What the web's own errors stand for. */
function causeOf(error: unknown): unknown {
  if (error instanceof JoinError) return causeOf(error.cause);
  return error instanceof TypeError && error.cause instanceof HttpError
    ? error.cause
    : error;
}

const GENEROUS = {
  queue: PROMPT,
  resolve: PROMPT,
  connect: PROMPT,
  tls: PROMPT,
  write: PROMPT,
  head: PROMPT,
  read: PROMPT,
};

/** When the faults end, and how long after that all must be done. */
export const trialOptions: SimTestOptions = {
  recovery: { at: HEALED, within: 90_000 },
};

/** In which orders tasks are polled, and what happens to wakers. */
export const WAYS: Record<string, SimTestOptions> = {
  "tasks in any order": { schedule: random() },
  "tasks in an order that changes thrice": { schedule: pct({ depth: 3 }) },
  "with wakes that are late, doubled or for nothing": {
    schedule: random(),
    wakers: { spurious: 0.05, duplicated: 0.1, delayed: 0.1, late: true },
  },
};

/** The body of the simulation. */
export function* trial(
  sim: NetSim,
): Generator<Future<unknown>, void, unknown> {
  yield* new Trial(sim, false).run();
}

/** How it is simulated with `fetch`. */
export const webOptions: SimTestOptions = {
  ...trialOptions,
  allowPromises: [WEB],
};

/** The same with `fetch`. */
export function* webTrial(
  sim: NetSim,
): Generator<Future<unknown>, void, unknown> {
  yield* new Trial(sim, true).run();
}
