/**
 * Shows a timer future and the HTTP client state machine at work, over real
 * sockets on loopback. Given a URL, walks through the states against that
 * server instead.
 *
 *     deno task demo
 *     deno task demo http://host[:port]/path
 */

import {
  co,
  join,
  map,
  now,
  openResources,
  run,
  select,
  SimpleHttpClient,
  sleep,
  timeout,
  TimeoutError,
} from "../../mod.ts";
import { drain, Server } from "./_server.ts";
import { bold, green, heading, line, ms, red } from "./_terminal.ts";
import { walk } from "./_walk.ts";

const text = (value: string) => new TextEncoder().encode(value);
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n";
const get = (host: string, path = "/") =>
  text(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

async function timer(): Promise<void> {
  heading("A timer", "AsyncTimer: nothing runs before the first poll.");
  const start = now();
  const timers = join([sleep(150), sleep(50), sleep(100)]);
  line(`made     ${ms(now() - start)}   three timers, and no clock runs yet`);
  await run(timers);
  line(`joined   ${ms(now() - start)}   150, 50 and 100 ms, side by side`);
}

async function states(): Promise<void> {
  heading(
    "One client, state by state",
    "SimpleHttpClient sends 16 MiB to a server that is slow to read and to answer.",
  );
  const body = new Uint8Array(16 * 1024 * 1024);
  const head = text(
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.byteLength}\r\n\r\n`,
  );
  const request = new Uint8Array(head.byteLength + body.byteLength);
  request.set(head);
  using server = new Server((stream) =>
    co(function* () {
      yield* sleep(60);
      yield* drain(stream, request.byteLength);
      yield* sleep(80);
      yield* stream.writeAll(text(OK));
      for (const letter of "pollen") {
        yield* sleep(15);
        yield* stream.writeAll(text(letter));
      }
    })
  );
  await walk(`localhost:${server.addr.port}`, request);
}

async function crowd(): Promise<void> {
  heading(
    "Two hundred clients at once",
    "Each one a future; the server takes 100 ms over each answer.",
  );
  using server = new Server((stream) =>
    co(function* () {
      yield* stream.read(new Uint8Array(1024));
      yield* sleep(100);
      yield* stream.writeAll(text(OK + "pollen"));
    })
  );
  const { hostname, port } = server.addr;
  const start = now();
  const clients = Array.from(
    { length: 200 },
    () => new SimpleHttpClient(`${hostname}:${port}`, get(hostname)),
  );
  const responses = await run(join(clients));
  const right = responses.filter((each) =>
    new TextDecoder().decode(each).endsWith("pollen")
  );
  line(`${right.length} right answers of 200 in ${ms(now() - start).trim()}`);
  line(`one after another they would have taken 20 s`);
  if (right.length !== 200) throw new Error("an answer was wrong");
}

async function dropped(): Promise<void> {
  heading(
    "A request dropped in mid-flight",
    "select() takes what comes first and drops the other: the socket is closed.",
  );
  let closed: number | undefined;
  using server = new Server((stream) =>
    co(function* () {
      yield* drain(stream, Infinity); // to the end of the stream
      closed = now();
    })
  );
  const { hostname, port } = server.addr;
  await run(co(function* () {
    const start = now();
    const client = new SimpleHttpClient(`${hostname}:${port}`, get(hostname));
    const first = yield* select({ answer: client, enough: sleep(80) });
    line(`${ms(now() - start)}   "${first.key}" came first`);
    line(`${ms(now() - start)}   the client is ${client.state}`);
    while (closed === undefined) yield* timeout(sleep(1), 1000);
    line(`${ms(closed - start)}   the server sees its socket close`);
  }));
}

async function late(): Promise<void> {
  heading(
    "A timeout",
    "A server that never answers, and timeout(client, 100).",
  );
  using server = new Server((stream) => map(drain(stream, Infinity), () => {}));
  const { hostname, port } = server.addr;
  const client = new SimpleHttpClient(`${hostname}:${port}`, get(hostname));
  const start = now();
  try {
    await run(timeout(client, 100));
    throw new Error("an answer came from nowhere");
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    line(`${ms(now() - start)}   ${error.name}: ${error.message}`);
    line(`${ms(now() - start)}   the client is ${client.state}`);
  }
}

/** Nothing may be left open; what the system has yet to hear of gets a moment. */
async function tidy(): Promise<void> {
  const isClean = () => Object.values(openResources()).every((n) => n === 0);
  for (let i = 0; i < 100 && !isClean(); i++) await run(sleep(5));
  const { streams, listeners, operations } = openResources();
  console.log(
    `\n${isClean() ? green("✓") : red("✗")} ${bold("left open:")} ` +
      `${streams} streams, ${listeners} listeners, ${operations} operations`,
  );
  if (!isClean()) throw new Error("something was left open");
}

async function walkTo(url: string): Promise<void> {
  const target = URL.parse(url);
  if (target?.protocol !== "http:") {
    throw new TypeError(
      "Cannot walk there: pass a URL of the form http://host[:port]/path",
    );
  }
  const { hostname, pathname, search } = target;
  const port = target.port || "80";
  heading(
    "One client, state by state",
    `SimpleHttpClient to ${hostname}:${port}, with a limit of 10 s.`,
  );
  await walk(`${hostname}:${port}`, get(target.host, pathname + search));
}

const [url] = Deno.args;
try {
  if (url !== undefined) {
    await walkTo(url);
  } else {
    await timer();
    await states();
    await crowd();
    await dropped();
    await late();
  }
  await tidy();
} catch (error) {
  const { name, message } = error as Error;
  console.error(`\n${red(name)}: ${message}`);
  Deno.exit(1);
}
