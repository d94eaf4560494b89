// Servers of a simulation that count what they are sent, and have habits.
import { co, type Future } from "../../future/mod.ts";
import { timeout, TimeoutError } from "../../executor/time/mod.ts";
import { copyBidirectional } from "../../net/io/mod.ts";
import {
  type ByteStream,
  NetError,
  TcpListener,
  TcpStream,
  TlsListener,
  UnixListener,
} from "../../net/mod.ts";
import { type NetSim, simCertificate } from "../../net/sim/mod.ts";
import { answerTo, contentOf } from "./_http_answers.ts";
import { Input } from "./_http_input.ts";

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
  /** How probable it is that, as a proxy, it refuses a tunnel. */
  refuses: number;
}

/** What the servers were sent, all together. */
export class Seen {
  /** How often the head of a request came, by method, kind and id. */
  readonly #heads = new Map<string, number>();
  readonly #busy = new Set<string>();
  /** Who was asked for anything at all. */
  readonly servers: Set<string> = new Set();

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

/** How long a server waits for the first request of a connection. */
const PATIENCE = 20_000;

const encoder = new TextEncoder();

/** Where a server listens. */
type Place =
  | { at: "tcp" | "tls"; clients?: readonly string[] }
  | { at: "unix"; path: string };

/** Serves on a host: at port 80, at port 443, or at a path of the client's. */
export function serveModel(
  sim: NetSim,
  name: string,
  seen: Seen,
  habits: Habits,
  place: Place = { at: name.startsWith("s") ? "tls" : "tcp" },
): void {
  sim.host(name, function* (host) {
    const at = { hostname: host.address, network: host };
    using listener = place.at === "unix"
      ? UnixListener.bind({ path: place.path, network: sim.net })
      : place.at === "tcp"
      ? TcpListener.bind({ ...at, port: 80 })
      : TlsListener.bind({
        ...at,
        port: 443,
        ...simCertificate(
          [name],
          place.clients === undefined ? {} : { clients: place.clients },
        ),
      });
    for (;;) {
      let stream: ByteStream;
      try {
        stream = yield* listener.accept() as Future<ByteStream>;
      } catch (error) {
        if (error instanceof NetError) continue; // it was given up
        throw error;
      }
      sim.spawn(
        co(function* () {
          using own = stream;
          try {
            yield* new Server(sim, name, own, seen, habits).serve();
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

/** A server, as one connection sees it. */
class Server {
  readonly #sim: NetSim;
  readonly #name: string;
  readonly #stream: ByteStream;
  readonly #seen: Seen;
  readonly #habits: Habits;
  readonly #input: Input;

  constructor(
    sim: NetSim,
    name: string,
    stream: ByteStream,
    seen: Seen,
    habits: Habits,
  ) {
    this.#sim = sim;
    this.#name = name;
    this.#stream = stream;
    this.#seen = seen;
    this.#habits = habits;
    this.#input = new Input(stream);
  }

  #say(text: string) {
    return this.#stream.writeAll(encoder.encode(text));
  }

  *serve(): Generator<Future<unknown>, void, unknown> {
    const sim = this.#sim;
    const input = this.#input;
    const { idle, slow } = this.#habits;
    for (let patience = PATIENCE;; patience = idle) {
      yield* timeout(co(() => input.begin()), patience);
      const head = yield* input.until("\r\n\r\n");
      if (head === null) return;
      const [method = "", target = ""] = head.split(" ");
      if (method === "CONNECT") return yield* this.#tunnel(target);
      const asked = this.#note(method, target, head);
      const { kind, id, size } = asked;
      if (kind === "early") {
        yield* this.#say(
          `HTTP/1.1 413 Too Large\r\nx-id: ${id}\r\nconnection: close\r\ncontent-length: 4\r\n\r\nstop`,
        );
        return yield* this.#stream.shutdown();
      }
      if (kind === "upgrade") return yield* this.#echo(id);
      if (/^expect:/im.test(head)) {
        const refused = yield* this.#expected(id);
        if (refused) return yield* this.#stream.shutdown();
      }
      const body = yield* input.body(head);
      if (body === null) return;
      if (method === "POST" || method === "PUT") {
        sim.always(
          "a body comes as it was sent",
          body === contentOf(id, size),
          {
            ...asked,
            body,
          },
        );
      }
      if (slow > 0) yield* sim.sleep(sim.random() * slow);
      const closes = kind.endsWith("close") ||
        sim.random() < this.#habits.closes;
      const answer = answerTo(asked, closes, () => this.#seen.isFirst(id));
      for (const each of answer) {
        yield* this.#stream.writeAll(each);
        if (slow > 0) yield* sim.sleep(sim.random() * slow / 4);
      }
      if (closes) return yield* this.#stream.shutdown();
    }
  }

  /** Takes note of a request, and of what it must not be. */
  #note(method: string, target: string, head: string) {
    const sim = this.#sim;
    // A proxy is sent the whole URL.
    const url = new URL(target, `http://${this.#name}`);
    const [, kind = "", id = "", size = "0"] = url.pathname.split("/");
    this.#seen.note(method, kind, id);
    this.#seen.servers.add(url.hostname);
    const secret = /^authorization: (\S+)/im.exec(head)?.[1];
    sim.always(
      "credentials go to whom they are for alone",
      secret === undefined || secret === url.hostname,
      { id, secret, at: url.hostname },
    );
    return { method, kind, id, size: Number(size) };
  }

  /** Answers who waits for a 100; whether the body is not wanted. */
  *#expected(id: string) {
    const { expected, slow } = this.#habits;
    if (expected === "refuse") {
      yield* this.#say(
        `HTTP/1.1 417 Expectation Failed\r\nx-id: ${id}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
      );
      return true;
    }
    if (expected === "continue") {
      yield* this.#sim.sleep(this.#sim.random() * slow);
      yield* this.#say("HTTP/1.1 100 Continue\r\n\r\n");
    }
    return false;
  }

  /** Switches to another protocol: each line comes back, with a name before it. */
  *#echo(id: string) {
    yield* this.#say(
      `HTTP/1.1 101 Switching Protocols\r\nx-id: ${id}\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n${id}: hello\n`,
    );
    for (;;) {
      const line = yield* this.#input.until("\n");
      if (line === null) return yield* this.#stream.shutdown();
      yield* this.#say(`${id}: ${line}\n`);
    }
  }

  /** Connects to whom it is asked to, and passes everything on. */
  *#tunnel(target: string) {
    if (this.#sim.random() < this.#habits.refuses) {
      yield* this.#say("HTTP/1.1 502 No Way\r\ncontent-length: 0\r\n\r\n");
      return yield* this.#stream.shutdown();
    }
    using onward = yield* TcpStream.connect(target, {
      network: this.#sim.host(this.#name),
    });
    yield* this.#say("HTTP/1.1 200 Connected\r\n\r\n");
    yield* copyBidirectional(this.#stream, onward);
  }
}
