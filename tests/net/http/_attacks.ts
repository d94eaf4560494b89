import { assert, assertEquals, AssertionError } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import {
  HttpClient,
  type HttpClientOptions,
  HttpError,
  type HttpRequest,
} from "../../../net/http/mod.ts";
import { H1Error } from "../../../net/http/h1/mod.ts";
import { NetError } from "../../../net/mod.ts";
import { eventually, socketTest } from "../_sockets.ts";
import { type Answer, answering, ok, settled } from "./_answers.ts";
import { latin1 } from "./h1/_bytes.ts";
import { freshTrace, singly } from "./h1/_trace.ts";

/** What has to come of an answer. */
export type Outcome =
  /** It is delivered, and the connection kept for the next request, or closed. */
  | { text: string; fate: "kept" | "closed" }
  /** Its connection is kept at first, and closed as what is too much comes. */
  | { text: string; fate: "evicted" }
  /** It is refused: at its head, or as its body is read. */
  | {
    fails: "head" | "body";
    /** The name of the error. */
    with: string;
    /** The code of the protocol's error behind it, or the limit's name. */
    code?: string;
    /** What its text has to say. */
    says?: string;
    /** All of it had come: there was nothing wrong on the wire. */
    fate?: "kept";
  };

/** A way in which a server can be hostile, or just broken. */
export interface Attack {
  name: string;
  /** Where it is known from. */
  source: string;
  answer: Answer | string;
  request?: Omit<HttpRequest, "url">;
  options?: HttpClientOptions;
  outcome: Outcome;
}

/** No attack may hold a request for longer. */
const DEADLINES = { head: 5000, read: 5000, total: 10_000 };

const MIB = 1024 * 1024;

/** The most memory that is in use beyond what was at the start. */
export class MemoryWatch {
  readonly #before = inUse();
  #most = 0;

  look(): void {
    this.#most = Math.max(this.#most, inUse() - this.#before);
  }

  assertBelow(mib: number): void {
    this.look();
    assert(this.#most < mib * MIB, `${this.#most / MIB} MiB`);
  }
}

function inUse(): number {
  const { external, heapUsed } = Deno.memoryUsage();
  return external + heapUsed;
}

/** Goes on sending for as long as the client takes it. */
export function flood(start: string, piece: string): Answer {
  const pieces = piece.repeat(Math.ceil(16 * 1024 / piece.length));
  return (socket) => {
    socket.on("error", () => {}); // the client hangs up
    socket.write(start, "latin1");
    const more = () => {
      if (socket.destroyed) return;
      if (socket.write(pieces, "latin1")) setImmediate(more);
      else socket.once("drain", more);
    };
    more();
  };
}

/** Sends one piece after another, at intervals of so many milliseconds. */
export function drip(pieces: Iterable<string>, every: number): Answer {
  return (socket) => {
    socket.on("error", () => {});
    const left = pieces[Symbol.iterator]();
    const timer = setInterval(() => {
      const next = left.next();
      if (next.done || socket.destroyed) clearInterval(timer);
      else socket.write(next.value, "latin1");
    }, every);
    socket.on("close", () => clearInterval(timer));
  };
}

async function outcomeOf(client: HttpClient, request: HttpRequest): Promise<
  { text: string; fate: string } | { error: unknown; at: "head" | "body" }
> {
  let at: "head" | "body" = "head";
  try {
    const response = await run(client.request(request));
    at = "body";
    const text = await run(response.text());
    return { text, fate: response.connection.fate };
  } catch (error) {
    return { error, at };
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof HttpError)) return undefined;
  if ("limit" in error) return error.limit as string;
  if ("deadline" in error) return error.deadline as string;
  const { cause } = error;
  // The network's failure stands between, where the peer hung up too early.
  const from = cause instanceof NetError ? cause.cause : cause;
  return from instanceof H1Error ? from.code : undefined;
}

/**
 * Checks what came of an attack, and that the client goes on well: with the
 * same server, over another connection unless that one was kept, and with
 * another one.
 */
export async function checkAttack(
  client: HttpClient,
  { answer, request, outcome }: Attack,
): Promise<void> {
  await using good = await answering(ok("good"));
  assertEquals(await outcomeOf(client, { url: good.url }), {
    text: "good",
    fate: "kept",
  });
  await using server = await answering(answer, ok("next"));
  const memory = new MemoryWatch();
  const watch = setInterval(() => memory.look(), 1);
  const start = performance.now();
  try {
    const result = await outcomeOf(client, { url: server.url, ...request });
    if ("fails" in outcome) {
      if (!("error" in result)) {
        throw new AssertionError(JSON.stringify(result));
      }
      const { error, at } = result;
      assert(error instanceof HttpError, `${(error as Error).stack}`);
      assertEquals(
        [at, error.name, codeOf(error)],
        [outcome.fails, outcome.with, outcome.code],
        error.message,
      );
      assert(error.message.includes(outcome.says ?? ""), error.message);
      assertEquals(error.requestMayHaveBeenProcessed, true);
    } else if (outcome.fate === "evicted") {
      assertEquals(result, { text: outcome.text, fate: "kept" });
      await eventually(
        "the connection is evicted",
        () => client.snapshot().connections.length === 1,
      );
    } else assertEquals(result, { text: outcome.text, fate: outcome.fate });
  } finally {
    clearInterval(watch);
  }
  memory.assertBelow(32);
  assert(performance.now() - start < DEADLINES.total);
  await settled(client);
  const isKept = "fate" in outcome && outcome.fate === "kept";
  assertEquals(client.snapshot().connections.length, isKept ? 2 : 1);
  for (const [each, text] of [[server, "next"], [good, "good"]] as const) {
    assertEquals(await outcomeOf(client, { url: each.url }), {
      text,
      fate: "kept",
    });
  }
  assertEquals(server.sockets.length, isKept ? 1 : 2);
  assertEquals(server.requests.length, 2); // nothing was sent twice
  assertEquals(good.sockets.length, 1);
}

/** Nothing depends on how what comes over the wire is cut. */
export function checkSplits(wire: string, method = "GET"): void {
  const bytes = latin1(wire);
  const whole = freshTrace({ method }, [bytes]);
  // Of what is very long, some cuts.
  const step = Math.ceil(bytes.length / 200);
  for (let at = 1; at < bytes.length; at += step) {
    const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
    assertEquals(freshTrace({ method }, pieces), whole, `cut at ${at}`);
  }
  assertEquals(freshTrace({ method }, singly(bytes)), whole, "byte by byte");
}

/** Tests for attacks. */
export function attackTests(attacks: Attack[]): void {
  for (const attack of attacks) {
    const { name, source, answer, request } = attack;
    if (typeof answer === "string") {
      Deno.test(`attack: ${name} (${source}): however it is cut`, () =>
        checkSplits(answer, request?.method));
    }
    socketTest(`attack: ${name} (${source})`, async () => {
      await using client = new HttpClient({
        deadlines: DEADLINES,
        ...attack.options,
      });
      await checkAttack(client, attack);
    });
  }
}
