// Requests of all kinds at random, and what must hold of each whatever happens.
import { type Context, Future, type Poll } from "../../future/mod.ts";
import { Done, iter } from "../../future/stream/mod.ts";
import {
  type HttpClient,
  type HttpClientOptions,
  HttpError,
  type HttpRequest,
  type HttpResponse,
} from "../../net/http/mod.ts";
import {
  type NetSim,
  pct,
  random,
  type SimTestOptions,
} from "../../net/sim/mod.ts";
import { HEALED, one, spoil, whole } from "./_http_faults.ts";
import { contentOf, type Habits, Seen, serveModel } from "./_http_server.ts";

const SERVERS = ["a.test", "b.test", "s.test"];
/** How long one request may take once all is well. */
const PROMPT = 6000;

const encoder = new TextEncoder();

/** A request, and what is known about it. */
interface Work {
  id: string;
  kind: string;
  size: number;
  method: string;
  request: HttpRequest;
}

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

/** One client, its servers, and those who work with it. */
export class Trial {
  readonly #sim: NetSim;
  readonly #client: HttpClient;
  readonly #seen = new Seen();
  readonly #pool: { maxPerOrigin: number; maxTotal: number; maxQueue: number };
  readonly #servers: string[];
  /** Whether servers close connections that rest. */
  readonly #isRestless: boolean;
  #requests = 0;

  constructor(sim: NetSim) {
    this.#sim = sim;
    this.#servers = SERVERS.slice(0, whole(sim, 1, SERVERS.length));
    const habits: Habits = {
      idle: one(sim, [20, 200, 1000, 1e9]),
      slow: one(sim, [0, 5, 100, 1000]),
      closes: one(sim, [0, 0, 0.3]),
      expected: one(sim, ["continue", "nothing", "refuse"]),
    };
    this.#isRestless = habits.idle < 1e9;
    // A proxy is a server too, and knows all of them.
    const isProxied = sim.random() < 0.1;
    if (isProxied) this.#servers = ["a.test", "b.test"];
    for (const name of [...this.#servers, ...isProxied ? ["proxy"] : []]) {
      serveModel(sim, name, this.#seen, habits);
      spoil(sim, name);
    }
    this.#pool = {
      maxPerOrigin: whole(sim, 1, 3),
      maxTotal: whole(sim, 1, 4),
      maxQueue: one(sim, [0, 1, 100]),
    };
    const options: HttpClientOptions = {
      pool: {
        ...this.#pool,
        idle: one(sim, [0, 50, 1000, 90_000]),
        maxAge: one(sim, [500, Infinity]),
      },
      deadlines: sim.random() < 0.5 ? {} : {
        queue: whole(sim, 1, 2000),
        resolve: whole(sim, 1, 1000),
        connect: whole(sim, 1, 2000),
        tls: whole(sim, 1, 2000),
        write: whole(sim, 50, 2000),
        head: whole(sim, 50, 3000),
        read: whole(sim, 50, 2000),
        total: whole(sim, 1, 4000),
      },
      limits: one(sim, [{}, { drainBytes: 0 }, { drainBytes: 500 }]),
      ...sim.random() < 0.5
        ? { retry: { attempts: whole(sim, 2, 4), first: whole(sim, 1, 100) } }
        : {},
      ...isProxied ? { proxy: "http://proxy:80" } : {},
      onConnection: () => this.#checkPool(),
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
      yield* this.#succeed(this.#plain("GET", name));
      yield* this.#succeed(this.#plain("POST", name));
      yield* this.#succeed(this.#plain("GET", name));
    }
    this.#checkRest();
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

  *#work() {
    const sim = this.#sim;
    const most = whole(sim, 1, 4);
    for (let i = 0; i < most && sim.now() < HEALED; i++) {
      yield* sim.sleep(one(sim, [0, whole(sim, 0, 50), whole(sim, 0, 1500)]));
      const work = this.#random();
      const giveUp = new AbortController();
      if (sim.random() < 0.15) {
        work.request.signal = giveUp.signal;
        sim.platform.setTimer(
          whole(sim, 0, 1500),
          () => giveUp.abort(new GivenUp()),
        );
      }
      try {
        yield* this.#attempt(work);
      } catch (error) {
        if (!(error instanceof GivenUp)) this.#failed(work, error);
        else sim.sometimes("a request was given up by its signal", true);
      }
      this.#checkOnce(work);
      this.#checkPool();
    }
  }

  #id(): string {
    return `r${++this.#requests}`;
  }

  #plain(method: string, server: string): Work {
    return this.#made(method, "plain", whole(this.#sim, 0, 500), server);
  }

  #random(): Work {
    const sim = this.#sim;
    const to = one(sim, this.#servers);
    const method = one(sim, [
      "GET",
      "GET",
      "GET",
      "HEAD",
      "POST",
      "POST",
      "PUT",
    ]);
    const kind = one(sim, [
      "plain",
      "plain",
      "chunked",
      "close",
      "busy",
      "early",
      `307-${to}`,
      `303-${to}`,
    ]);
    const size = one(sim, [0, whole(sim, 0, 100), whole(sim, 0, 4000)]);
    return this.#made(method, kind, size, one(sim, this.#servers));
  }

  #made(method: string, kind: string, size: number, server: string): Work {
    const sim = this.#sim;
    const id = this.#id();
    const scheme = server.startsWith("s") ? "https" : "http";
    const url = `${scheme}://${server}/${kind}/${id}/${size}`;
    const request: HttpRequest = { method, url };
    if (method === "POST" || method === "PUT") {
      const content = contentOf(id, size);
      request.body = one(sim, [
        content,
        encoder.encode(content),
        iter(piecesOf(content)),
      ]);
      if (sim.random() < 0.2) request.headers = { expect: "100-continue" };
    }
    return { id, kind, size, method, request };
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

  #checkHead({ id, kind, size }: Work, response: HttpResponse): void {
    const { status } = response;
    const is = (...all: number[]) => all.includes(status);
    const fits = is(417) ||
      (kind === "early" ? is(413) : kind === "busy" ? is(200, 503) : is(200));
    const whose = response.headers.get("x-id");
    this.#sim.always("the answer is to this one", whose === id && fits, {
      id,
      kind,
      size,
      status,
      whose,
    });
  }

  #checkBody(work: Work, response: HttpResponse, text: string): void {
    const all = bodyOf(work, response);
    // A body that ends with its connection may be cut without a sign of it.
    const isOpen = work.kind === "close";
    this.#sim.always(
      "the body is what was sent",
      text === all || (isOpen && all.startsWith(text)),
      { work: work.id, status: response.status, text, all },
    );
    if (work.kind === "chunked" && response.status === 200 && all !== "") {
      const sum = response.trailers?.get("x-sum");
      this.#sim.always("the trailers came", sum === work.id, sum);
    }
  }

  #failed(work: Work, error: unknown): void {
    if (!(error instanceof HttpError)) throw error;
    const sim = this.#sim;
    sim.sometimes(`a request has failed: ${error.name}`, true);
    const times = this.#seen.any(work.id);
    sim.always(
      "an error says so if the server may have acted",
      times === 0 || error.requestMayHaveBeenProcessed,
      { work: work.id, kind: work.kind, times, error: String(error) },
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
    try {
      using response = yield* this.#client.request(work.request);
      this.#checkHead(work, response);
      this.#checkBody(work, response, yield* response.text());
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      // A server may close a connection as it is used: only a GET can go again.
      const mayFail = work.method === "POST" && this.#isRestless;
      sim.always("all goes well with no faults", mayFail, {
        work: `${work.method} ${work.request.url}`,
        error: String(error),
        before,
      });
      this.#failed(work, error);
    }
    this.#checkOnce(work);
  }
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

/** What the body of a response should be. */
function bodyOf({ id, size, method }: Work, response: HttpResponse): string {
  if (method === "HEAD") return "";
  switch (response.status) {
    case 413:
      return "stop";
    case 417:
      return "";
    case 503:
      return "busy";
    default:
      return contentOf(id, size);
  }
}

function piecesOf(content: string): Uint8Array[] {
  const middle = content.length >> 1;
  return [content.slice(0, middle), content.slice(middle)]
    .map((piece) => encoder.encode(piece));
}

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
  yield* new Trial(sim).run();
}
