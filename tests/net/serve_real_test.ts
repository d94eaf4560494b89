import { assertEquals, assertInstanceOf } from "@std/assert";
import { run, spawn } from "../../executor/mod.ts";
import { co, type Future, pending } from "../../future/mod.ts";
import { oneshot } from "../../future/sync/mod.ts";
import { readToEnd } from "../../net/io/mod.ts";
import { serve, TcpListener, TcpStream } from "../../net/mod.ts";
import { bytes, eventually, socketTest, text, turn } from "./_sockets.ts";

function nextByte(stream: TcpStream): Future<number | null> {
  return stream.read(new Uint8Array(1));
}

socketTest(
  "serve: a drain waits for a peer that has ended its side and is answered yet",
  async () => {
    const listener = TcpListener.bind({ port: 0 });
    const [go, gone] = oneshot<void>();
    const server = serve(listener, (stream) =>
      co(function* () {
        const asked = yield* readToEnd(stream);
        yield* gone;
        yield* stream.writeAll(asked);
      }));
    using serving = spawn(server);
    using client = await run(TcpStream.connect(listener.addr));
    await run(client.writeAll(bytes("late")));
    await run(client.shutdown());
    await eventually("it is served", () => server.connections === 1);
    server.stop();
    for (let i = 0; i < 5; i++) await turn();
    assertEquals(server.connections, 1);
    go.send(undefined);
    assertEquals(text(await run(readToEnd(client))), "late");
    assertEquals(await run(serving), 0);
  },
);

socketTest(
  "serve: a drain cuts off those who are silent, and those half ended, in its time",
  async () => {
    const listener = TcpListener.bind({ port: 0 });
    const server = serve(listener, (stream) =>
      co(function* () {
        yield* readToEnd(stream);
        yield* stream.shutdown();
        yield* pending(); // it has ended both ways, but never lets go
      }));
    using serving = spawn(server);
    using silent = await run(TcpStream.connect(listener.addr));
    using ended = await run(TcpStream.connect(listener.addr));
    await run(ended.shutdown());
    assertEquals(await run(nextByte(ended)), null);
    await eventually("both are served", () => server.connections === 2);
    server.stop({ grace: 0 });
    assertEquals(await run(serving), 2);
    assertEquals(await run(nextByte(silent)), null);
  },
);

socketTest(
  "serve: a handler that throws closes its stream, and others are served",
  async () => {
    const listener = TcpListener.bind({ port: 0 });
    const errors: unknown[] = [];
    let count = 0;
    const server = serve(listener, (stream) => {
      switch (count++) {
        case 0: // before there is a future
          throw new RangeError("at once");
        case 1:
          return co(function* () {
            yield* nextByte(stream);
            throw new RangeError("later");
          });
        default:
          return stream.writeAll(bytes("!"));
      }
    }, { onError: (error) => errors.push(error) });
    using serving = spawn(server);
    for (const [said, heard] of [["", ""], ["x", ""], ["", "!"]] as const) {
      using client = await run(TcpStream.connect(listener.addr));
      await run(client.writeAll(bytes(said)));
      assertEquals(text(await run(readToEnd(client))), heard);
    }
    assertEquals(errors.length, 2);
    for (const error of errors) assertInstanceOf(error, RangeError);
    server.stop();
    assertEquals(await run(serving), 0);
  },
);
