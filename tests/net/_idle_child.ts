/** Ends by itself, though a read and an accept are waiting: all are let go. */
import { run, spawn } from "../../executor/mod.ts";
import { co, join } from "../../future/mod.ts";
import { TcpListener, TcpStream } from "../../net/mod.ts";

await run(co(function* () {
  const listener = TcpListener.bind({ port: 0 });
  const streams = yield* join([
    TcpStream.connect(listener.addr),
    listener.accept(),
  ]);
  for (const stream of streams) {
    spawn(stream.read(new Uint8Array(1))).detach();
    stream.unref();
  }
  spawn(listener.accept()).detach();
  listener.unref();
}));
console.log("idle");
