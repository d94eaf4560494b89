import { co } from "../../future/co.ts";
import { checkNames, type Names } from "../../future/_option_names.ts";
import { type Future, nameOf } from "../../future/future.ts";
import { NetError } from "../errors.ts";
import { parseAddr } from "../socket_addr.ts";
import { TcpListener } from "../tcp_listener.ts";
import type { TcpStream } from "../tcp_stream.ts";
import type { HostProgram } from "./net_sim.ts";

/** A request that an {@linkcode httpFixture} was sent. */
export interface FixtureRequest {
  /** `GET`, `POST`, and so on. */
  readonly method: string;
  /** The target of the request line: `/path?query`. */
  readonly target: string;
  /** The header fields: names in lower case, the last of a name counts. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body, as text. */
  readonly body: string;
}

/** What an {@linkcode httpFixture} answers, besides a body. */
export interface FixtureResponse {
  /** The status: 200 by default. */
  status?: number;
  /** Header fields besides the length. */
  headers?: Record<string, string>;
  /** The body, as text: empty by default. */
  body?: string;
  /** Whether it closes the connection after this response: `false` by default. */
  close?: boolean;
}

/** Gives the answer to a request. */
export type FixtureHandler = (
  request: FixtureRequest,
) => string | FixtureResponse;

const NAMES: Names<{ port?: number }> = { port: true };

const MOST = 1 << 20;

/**
 * An HTTP/1.1 server for a host of a simulation, as simple as one can be: it
 * keeps connections, reads bodies that have a length, and answers with one.
 *
 * @param answer The body of all answers; or what to answer to a request.
 * @param options Where it listens: port 80 by default.
 * @returns A program for `sim.host`.
 * @throws {TypeError} If `answer` is neither, or an option is unknown.
 * @throws {NetError} If the port is none.
 *
 * @example Usage
 * ```ts
 * import { httpFixture, simulate } from "@pollen/futures/testing";
 * import { assertEquals } from "@std/assert";
 *
 * await simulate({ runs: 10 }, function* (sim) {
 *   sim.host("a.test", httpFixture((request) => `you asked for ${request.target}`));
 *   using response = yield* sim.client().get("http://a.test/tea");
 *   assertEquals(yield* response.text(), "you asked for /tea");
 * });
 * ```
 */
export function httpFixture(
  answer: string | FixtureHandler,
  options: { port?: number } = {},
): HostProgram {
  if (typeof answer !== "string" && typeof answer !== "function") {
    throw new TypeError(
      `Cannot answer with ${nameOf(answer)}: pass a text or a function`,
    );
  }
  checkNames(options, NAMES);
  const { port = 80 } = options;
  parseAddr({ hostname: "127.0.0.1", port });
  const handler = typeof answer === "string" ? () => answer : answer;
  return function* (host, sim) {
    using listener = TcpListener.bind({
      hostname: host.address,
      port,
      network: host,
    });
    for (;;) {
      const stream = yield* listener.accept();
      sim.spawn(serve(stream, handler), {
        name: `${host.name} serving`,
        background: true,
      });
    }
  };
}

/** Serves one connection until its end, whatever that is. */
function serve(stream: TcpStream, handler: FixtureHandler): Future<void> {
  return co(function* () {
    using own = stream;
    try {
      yield* exchange(own, handler);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  });
}

function* exchange(stream: TcpStream, handler: FixtureHandler) {
  let text = "";
  const decoder = new TextDecoder("latin1"); // a character is a byte
  const into = new Uint8Array(4096);
  for (;;) {
    let request = parse(text);
    while (request === null) {
      const n = yield* stream.read(into);
      if (n === null || text.length > MOST) return;
      text += decoder.decode(into.subarray(0, n));
      request = parse(text);
    }
    text = request.rest;
    const { bytes, hasEnded } = format(handler(request), request.method);
    yield* stream.writeAll(bytes);
    if (!hasEnded) continue;
    yield* stream.shutdown();
    return;
  }
}

function parse(text: string): (FixtureRequest & { rest: string }) | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [line = "", ...fields] = text.slice(0, end).split("\r\n");
  const [method = "", target = ""] = line.split(" ");
  const headers = new Map(fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  }));
  const length = Number(headers.get("content-length") ?? 0);
  const start = end + 4;
  if (text.length < start + length) return null;
  const bytes = Uint8Array.from(
    text.slice(start, start + length),
    (character) => character.charCodeAt(0),
  );
  const body = new TextDecoder().decode(bytes);
  return { method, target, headers, body, rest: text.slice(start + length) };
}

function format(
  answer: string | FixtureResponse,
  method: string,
): { bytes: Uint8Array; hasEnded: boolean } {
  const { status = 200, headers = {}, body = "", close = false } =
    typeof answer === "string" ? { body: answer } : answer;
  const encoder = new TextEncoder();
  const content = encoder.encode(body);
  const fields = {
    ...headers,
    "content-length": String(content.byteLength),
    ...(close ? { connection: "close" } : {}),
  };
  const lines = Object.entries(fields).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  const head = encoder.encode(
    `HTTP/1.1 ${status} Simulated\r\n${lines.join("")}\r\n`,
  );
  const sent = method === "HEAD" ? new Uint8Array(0) : content;
  const bytes = new Uint8Array(head.byteLength + sent.byteLength);
  bytes.set(head);
  bytes.set(sent, head.byteLength);
  return { bytes, hasEnded: close };
}
