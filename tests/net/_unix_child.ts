/**
 * Run in a process of its own, under whatever grant: does things with the Unix
 * socket at the path that is its argument, and prints how each ended, as JSON.
 */
import { run } from "../../executor/mod.ts";
import { co, type Future, join, Pending } from "../../future/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import {
  NetError,
  openResources,
  UnixListener,
  UnixStream,
} from "../../net/mod.ts";

/** How a thing ended. */
export interface UnixOutcome {
  what: string;
  value?: unknown;
  error?: { name: string; phase: string; address: string; message: string };
}

const path = Deno.args[0]!;

const actions: Record<string, () => unknown> = {
  async echo() {
    using listener = UnixListener.bind({ path });
    const [, got] = await run(join([
      co(function* () {
        using stream = yield* listener.accept();
        const into = new Uint8Array(16);
        const n = yield* stream.read(into);
        if ((yield* stream.read(into.subarray(n!))) !== null) throw "no end";
        yield* stream.writeAll(into.subarray(0, n!)); // after the half-close
        return [stream.localAddr, stream.remoteAddr];
      }),
      co(function* () {
        using stream = yield* UnixStream.connect(path);
        yield* stream.writeAll(new Uint8Array([1, 2, 3]));
        yield* stream.shutdown();
        const n = yield* stream.read(new Uint8Array(16));
        return { n, local: stream.localAddr, remote: stream.remoteAddr };
      }),
    ]) as unknown as Future<[unknown, unknown]>);
    return { got, addr: listener.addr };
  },
  async "a name in use"() {
    using _listener = UnixListener.bind({ path });
    return await run(co(function* () {
      yield* [];
      using _second = UnixListener.bind({ path });
    }));
  },
  "closing removes the file"() {
    return exists();
  },
  async "nobody there"() {
    (await run(UnixStream.connect(path))).close();
  },
  async "dropped connects"() {
    using listener = UnixListener.bind({ path });
    for (let turns = 0; turns < 5; turns++) {
      const connect = UnixStream.connect(path);
      let stream = pollOnce(connect);
      for (let i = 0; i < turns && stream === Pending; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        stream = pollOnce(connect);
      }
      connect[Symbol.dispose]();
      if (stream !== Pending) stream.close();
      const server = await run(listener.accept());
      const end = await run(server.read(new Uint8Array(1)));
      server.close();
      if (end !== null) return end;
    }
    listener.close();
    while (openResources().operations > 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return openResources();
  },
};

function exists(): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

const outcomes: UnixOutcome[] = [];
for (const [what, act] of Object.entries(actions)) {
  try {
    outcomes.push({ what, value: await act() });
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    const { name, phase, address, message } = error;
    outcomes.push({ what, error: { name, phase, address, message } });
  }
}
console.log(JSON.stringify(outcomes));
