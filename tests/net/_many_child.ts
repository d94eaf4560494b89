/**
 * Run in two processes of their own: `serve N` accepts N connections, has a
 * read waiting on each, says what one of them takes, and lets them go;
 * `connect N PORT` makes them, and waits until all have ended.
 */
import { run, spawn } from "../../executor/mod.ts";
import { co, type Future, join, Pending, pollFn } from "../../future/mod.ts";
import { serve, TcpListener, TcpStream } from "../../net/mod.ts";

/** So many are in the making at once: fewer than the backlog has room for. */
const AT_ONCE = 100;

const say = (what: unknown) => console.log(JSON.stringify(what));

function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 3; i++) gc?.();
}

/** Waits for bytes, with no buffer but the stream's own. */
function idle(stream: TcpStream): Future<unknown> {
  return pollFn((cx) => stream.pollFillBuf(cx) === Pending ? Pending : null);
}

function serving(count: number): Future<void> {
  return co(function* () {
    const listener = TcpListener.bind({ port: 0 });
    let wake = () => {};
    let atWork = 0;
    const server = serve(listener, (stream) => {
      if (++atWork === count) wake();
      return idle(stream);
    }, {
      onError(error) {
        console.error(error);
        Deno.exit(1);
      },
    });
    collectGarbage();
    const before = Deno.memoryUsage();
    using _task = spawn(server);
    say({ port: listener.addr.port });
    yield* pollFn((cx) => {
      wake = () => cx.waker.wake();
      return atWork < count ? Pending : null;
    });
    collectGarbage();
    const after = Deno.memoryUsage();
    const each = (what: "rss" | "heapUsed" | "external") =>
      Math.round((after[what] - before[what]) / count);
    say({
      connections: server.connections,
      rss: each("rss"),
      heapUsed: each("heapUsed"),
      external: each("external"),
    });
  });
}

function connecting(count: number, port: number): Future<void> {
  let left = count;
  const streams: TcpStream[] = [];
  const some = () =>
    co(function* () {
      while (left > 0) {
        left--;
        streams.push(
          yield* TcpStream.connect({ hostname: "127.0.0.1", port }),
        );
      }
    });
  return co(function* () {
    yield* join(Array.from({ length: AT_ONCE }, some));
    say({ connected: streams.length });
    for (const stream of streams) {
      yield* idle(stream);
      stream.close();
    }
    say({ ended: streams.length });
  });
}

const [role, count, port] = Deno.args;
await run(
  role === "serve"
    ? serving(Number(count))
    : connecting(Number(count), Number(port)),
);
