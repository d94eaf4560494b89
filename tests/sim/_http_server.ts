// Servers of a simulation that count what they are sent, and have habits.
import { co, type Future } from "../../future/mod.ts";
import { timeout, TimeoutError } from "../../executor/time/mod.ts";
import {
  NetError,
  TcpListener,
  type TcpStream,
  TlsListener,
  type TlsStream,
} from "../../net/mod.ts";
import { type NetSim, simCertificate } from "../../net/sim/mod.ts";

/** What a server does of its own accord, besides answering. */
export interface Habits {
  /** After how many milliseconds it closes a connection that rests. */
  idle: number;
  /** How long it takes to answer, in milliseconds, at most. */
  slow: number;
  /** How probable it is that it closes after an answer, having said so. */
  closes: number;
  /** What it says to who waits for a 100. */
  expected: "continue" | "nothing" | "refuse";
}

/** What the servers were sent, all together. */
export class Seen {
  /** How often the head of a request came, by method, kind and id. */
  readonly #heads = new Map<string, number>();
  readonly #busy = new Set<string>();

  /** A head has come: whoever reads one may act upon it. */
  note(method: string, kind: string, id: string): void {
    const key = `${method} ${kind} ${id}`;
    this.#heads.set(key, (this.#heads.get(key) ?? 0) + 1);
  }

  times(method: string, kind: string, id: string): number {
    return this.#heads.get(`${method} ${kind} ${id}`) ?? 0;
  }

  /** How often anything came of a request, hops and methods together. */
  any(id: string): number {
    let sum = 0;
    for (const [key, times] of this.#heads) {
      if (key.endsWith(` ${id}`)) sum += times;
    }
    return sum;
  }

  /** Whether it is the first time that this is asked. */
  isFirst(id: string): boolean {
    const size = this.#busy.size;
    return this.#busy.add(id).size > size;
  }
}

/** What the body of a request or response is, for each is another one. */
export function contentOf(id: string, size: number): string {
  const piece = `${id};`;
  return piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
}

type Stream = TcpStream | TlsStream;

/** How long a server waits for the first request of a connection. */
const PATIENCE = 20_000;

const encoder = new TextEncoder();

/** Serves on a host, at port 80, or 443 if its name begins with "s". */
export function serveModel(
  sim: NetSim,
  name: string,
  seen: Seen,
  habits: Habits,
): void {
  sim.host(name, function* (host) {
    const at = { hostname: host.address, network: host };
    using listener = name.startsWith("s")
      ? TlsListener.bind({ ...at, port: 443, ...simCertificate([name]) })
      : TcpListener.bind({ ...at, port: 80 });
    for (;;) {
      let stream: Stream;
      try {
        stream = yield* listener.accept() as Future<Stream>;
      } catch (error) {
        if (error instanceof NetError) continue; // it was given up
        throw error;
      }
      sim.spawn(
        co(function* () {
          using own = stream;
          try {
            yield* serve(sim, own, seen, habits);
          } catch (error) {
            // The client hung up, or had nothing to say.
            if (error instanceof NetError) return;
            if (!(error instanceof TimeoutError)) throw error;
          }
        }),
        { name, background: true },
      );
    }
  });
}

function* serve(sim: NetSim, stream: Stream, seen: Seen, habits: Habits) {
  const input = new Input(stream);
  for (let patience = PATIENCE;; patience = habits.idle) {
    yield* timeout(co(() => input.begin()), patience);
    const head = yield* input.until("\r\n\r\n");
    if (head === null) return;
    const [method = "", target = ""] = head.split(" ");
    // A proxy is sent the whole URL.
    const path = target.startsWith("/") ? target : new URL(target).pathname;
    const [, kind = "", id = "", size = "0"] = path.split("/");
    seen.note(method, kind, id);
    if (kind === "early") {
      yield* stream.writeAll(encoder.encode(
        `HTTP/1.1 413 Too Large\r\nx-id: ${id}\r\nconnection: close\r\ncontent-length: 4\r\n\r\nstop`,
      ));
      return yield* stream.shutdown();
    }
    if (/^expect:/im.test(head)) {
      if (habits.expected === "refuse") {
        yield* stream.writeAll(encoder.encode(
          `HTTP/1.1 417 Expectation Failed\r\nx-id: ${id}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
        ));
        return yield* stream.shutdown();
      }
      if (habits.expected === "continue") {
        yield* sim.sleep(sim.random() * habits.slow);
        yield* stream.writeAll(encoder.encode("HTTP/1.1 100 Continue\r\n\r\n"));
      }
    }
    const body = yield* input.body(head);
    if (body === null) return;
    if (method === "POST" || method === "PUT") {
      const sent = contentOf(id, Number(size));
      sim.always("a body comes as it was sent", body === sent, { path, body });
    }
    if (habits.slow > 0) yield* sim.sleep(sim.random() * habits.slow);
    const closes = kind === "close" || sim.random() < habits.closes;
    const answer = answerTo(method, kind, id, Number(size), closes, seen);
    for (const each of answer) {
      yield* stream.writeAll(encoder.encode(each));
      if (habits.slow > 0) yield* sim.sleep(sim.random() * habits.slow / 4);
    }
    if (closes) return yield* stream.shutdown();
  }
}

function answerTo(
  method: string,
  kind: string,
  id: string,
  size: number,
  closes: boolean,
  seen: Seen,
): string[] {
  const common = `x-id: ${id}\r\n${closes ? "connection: close\r\n" : ""}`;
  const isHead = method === "HEAD";
  const body = contentOf(id, size);
  const [kindOf, to = ""] = kind.split("-");
  switch (kindOf) {
    case "303":
    case "307":
      return [
        `HTTP/1.1 ${kindOf} Away\r\n${common}content-length: ${size}\r\n` +
        `location: ${
          to.startsWith("s") ? "https" : "http"
        }://${to}/plain/${id}/${size}\r\n\r\n`,
        isHead ? "" : body,
      ];
    case "busy":
      if (!seen.isFirst(id)) break;
      return [
        `HTTP/1.1 503 Busy\r\n${common}content-length: 4\r\n\r\n`,
        isHead ? "" : "busy",
      ];
    case "chunked":
      return [
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
        `HTTP/1.1 200 OK\r\n${common}transfer-encoding: chunked\r\n\r\n`,
        ...isHead ? [] : chunks(body, `x-sum: ${id}\r\n`),
      ];
    case "close":
      return [`HTTP/1.1 200 OK\r\n${common}\r\n`, isHead ? "" : body];
  }
  return [
    `HTTP/1.1 200 OK\r\n${common}content-length: ${size}\r\n\r\n`,
    isHead ? "" : body,
  ];
}

function chunks(body: string, trailers: string): string[] {
  const middle = body.length >> 1;
  const pieces = [body.slice(0, middle), body.slice(middle)];
  return [
    ...pieces.filter((piece) => piece !== "").map((piece) =>
      `${piece.length.toString(16)}\r\n${piece}\r\n`
    ),
    `0\r\n${trailers}\r\n`,
  ];
}

/** What comes over a connection, a character a byte. */
class Input {
  readonly #stream: Stream;
  readonly #into = new Uint8Array(4096);
  readonly #decoder = new TextDecoder("latin1");
  #text = "";

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  *#more() {
    const n = yield* this.#stream.read(this.#into);
    if (n === null) return false;
    this.#text += this.#decoder.decode(this.#into.subarray(0, n));
    return true;
  }

  /** Waits until something has come, or the end. */
  *begin() {
    if (this.#text === "") yield* this.#more();
  }

  /** All up to a mark, which is left out; null if the end comes before. */
  *until(mark: string) {
    let at: number;
    while ((at = this.#text.indexOf(mark)) < 0) {
      if (!(yield* this.#more())) return null;
    }
    const text = this.#text.slice(0, at);
    this.#text = this.#text.slice(at + mark.length);
    return text;
  }

  *#take(length: number) {
    while (this.#text.length < length) {
      if (!(yield* this.#more())) return null;
    }
    const text = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return text;
  }

  /** The body that a head announces; null if the end comes before its own. */
  *body(head: string) {
    if (!/^transfer-encoding: chunked/im.test(head)) {
      return yield* this.#take(
        Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0),
      );
    }
    let body = "";
    for (;;) {
      const line = yield* this.until("\r\n");
      if (line === null) return null;
      const chunk = yield* this.#take(parseInt(line, 16) + 2);
      if (chunk === null) return null;
      if (chunk === "\r\n") return body;
      body += chunk.slice(0, -2);
    }
  }
}
