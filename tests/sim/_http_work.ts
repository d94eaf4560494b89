// Work for a client of HTTP, and what must hold of it whatever happens.
import type { Future } from "../../future/mod.ts";
import {
  DeadlineExceeded,
  type ExchangeRecord,
  type HttpClient,
  HttpError,
  IncompleteBody,
  ProtocolError,
  TransportError,
} from "../../net/http/mod.ts";
import {
  type NetSim,
  pct,
  random,
  type SimTestOptions,
} from "../../net/sim/mod.ts";
import { Attempts, WEB } from "./_http_attempts.ts";
import { HEALED, one, whole } from "./_http_faults.ts";
import {
  randomWork,
  SourceFailed,
  type Work,
  workOf,
} from "./_http_requests.ts";
import { type Scene, sceneFor } from "./_http_scene.ts";
import { Seen } from "./_http_server.ts";

/** How long one request may take once all is well. */
const PROMPT = 6000;
/** The worker gave a request up, by its signal. */
class GivenUp extends Error {}

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
  readonly #scene: Scene;
  readonly #attempts: Attempts;
  /** Connections over which something has gone wrong. */
  readonly #broken = new Set<number>();
  /** Before which time an exchange must not begin, by its URL. */
  readonly #postponed = new Map<string, number>();
  readonly #isWeb: boolean;
  #requests = 0;

  /** @param isWeb Whether requests are made by `fetch`. */
  constructor(sim: NetSim, isWeb: boolean) {
    this.#sim = sim;
    this.#isWeb = isWeb;
    const scene = sceneFor(sim, this.#seen);
    this.#scene = scene;
    this.#client = sim.client({
      ...scene.options,
      onConnection: () => this.#checkPool(),
      onExchange: (exchange) => this.#checkExchange(exchange),
    });
    this.#attempts = new Attempts(sim, this.#client);
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
    for (const name of this.#scene.servers) {
      for (const method of ["GET", "POST", "GET"]) {
        yield* this.#succeed(this.#plain(method, name));
      }
    }
    this.#checkRest();
    sim.always(
      "nobody is asked whom the policy is against",
      this.#scene.denied === null ||
        !this.#seen.servers.has(this.#scene.denied),
    );
    this.#client.close();
    const { connections } = this.#client.snapshot();
    sim.always("a client that is closed has nothing", connections.length === 0);
  }

  /** The pool is never over its limits. */
  #checkPool(): void {
    const { connections, dialling, waiting } = this.#client.snapshot();
    const { maxPerOrigin, maxTotal, maxQueue } = this.#scene.pool;
    const places = new Map<string, number>();
    for (const { key } of connections) {
      places.set(key, (places.get(key) ?? 0) + 1);
    }
    const largest = Math.max(0, ...places.values());
    this.#sim.always(
      "the pool keeps to its limits",
      connections.length + dialling <= maxTotal && largest <= maxPerOrigin &&
        waiting <= maxQueue,
      { connections, dialling, waiting, pool: this.#scene.pool },
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
  #checkExchange(
    { url, response, connection, timings, error }: ExchangeRecord,
  ): void {
    const sim = this.#sim;
    if (connection !== null) {
      sim.always(
        "a connection over which something went wrong is not used again",
        !this.#broken.has(connection.id),
        { url, connection: connection.id },
      );
      if (isOfConnection(error)) this.#broken.add(connection.id);
    }
    const before = this.#postponed.get(url) ?? 0;
    sim.always(
      "a server that wants to be left alone is, for as long as it said",
      timings.startedAt >= before,
      { url, before, timings },
    );
    sim.sometimes("a request came back when it was asked to", before > 0);
    const seconds = Number(response?.headers.get("retry-after") ?? 0);
    if (seconds > 0) this.#postponed.set(url, sim.now() + seconds * 1000);
  }

  *#work() {
    const sim = this.#sim;
    const most = whole(sim, 1, 4);
    for (let i = 0; i < most && sim.now() < HEALED; i++) {
      yield* sim.sleep(one(sim, [0, whole(sim, 0, 50), whole(sim, 0, 1500)]));
      const work = randomWork(sim, this.#id(), this.#scene.servers);
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
        if (this.#isWeb) yield* this.#attempts.fetch(work);
        else yield* this.#attempts.attempt(work);
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
      work.server !== this.#scene.denied || !error.requestMayHaveBeenProcessed,
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
      deadline !== "total" || Math.abs(took - this.#scene.total) <= 2,
      { ...shown, took, total: this.#scene.total },
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
      this.#attempts.checkHead(work, response);
      this.#attempts.checkBody(work, response, yield* response.text());
      sim.always("nobody is denied", work.server !== this.#scene.denied);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      // A server may close a connection as it is used: only a GET can go again.
      const mayFail = (work.method === "POST" && this.#scene.isRestless) ||
        (work.server === this.#scene.denied &&
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
