/**
 * Run with `--expose-gc`: lets go of a read buffer in each way there is, and
 * prints of each whether its memory is gone although the stream is still held.
 */
import { pollOnce } from "../../executor/sim/mod.ts";
import { noopWaker, Pending } from "../../future/mod.ts";
import {
  type Completion,
  type Network,
  type RawStream,
  TcpStream,
} from "../../net/mod.ts";
import { pollFillInto } from "../../net/socket_stream.ts";

const { gc } = globalThis as unknown as { gc: () => void };

/** A socket that remembers of its read's buffer only that there was one. */
class Socket implements RawStream {
  readonly localAddr = { hostname: "10.0.0.9", port: 1 };
  readonly remoteAddr = { hostname: "10.0.0.1", port: 1 };
  buffer: WeakRef<Uint8Array> | null = null;
  done: Completion<number | null> | null = null;

  read(into: Uint8Array, done: Completion<number | null>): void {
    this.buffer = new WeakRef(into);
    this.done = done;
  }

  write(): void {}
  closeWrite(): void {}
  setNoDelay(): void {}
  close(): void {}
}

/** What arrived in memory that was lent was taken: that is not held, the own is. */
function openLent(): { stream: TcpStream; socket: Socket } {
  const { stream, socket } = open();
  socket.done!.resolve(1);
  read(stream);
  const cx = { waker: noopWaker };
  pollFillInto(stream, cx, new Uint8Array(64 * 1024));
  socket.done!.resolve(1);
  stream.consume((pollFillInto(stream, cx, null) as Uint8Array).length);
  return { stream, socket };
}

function open(): { stream: TcpStream; socket: Socket } {
  const socket = new Socket();
  const network = {
    connect(_addr: unknown, done: Completion<RawStream>) {
      done.resolve(socket);
      return () => {};
    },
  };
  const connect = TcpStream.connect("10.0.0.1:1", {
    network: network as unknown as Network,
  });
  const stream = pollOnce(connect);
  if (stream === Pending) throw new Error("not connected");
  read(stream);
  return { stream, socket };
}

/** Begins a read, or sees how it ended. */
function read(stream: TcpStream): void {
  using future = stream.read(new Uint8Array(1));
  try {
    pollOnce(future);
  } catch {
    // It is how some of them end.
  }
}

const ways: Record<string, (stream: TcpStream, socket: Socket) => void> = {
  "held while it waits": () => {},
  "the end"(stream, socket) {
    socket.done!.resolve(null);
    read(stream);
  },
  "a failure"(stream, socket) {
    socket.done!.reject(new Error("no"));
    read(stream);
  },
  "a close": (stream) => stream.close(),
};

const opened = Object.entries(ways).map(([how, letGo]) => {
  const { stream, socket } = open();
  letGo(stream, socket);
  return { how, stream, socket };
});
opened.push({ how: "lent, and taken", ...openLent() });
for (let i = 0; i < 5; i++) {
  await new Promise((resolve) => setTimeout(resolve, 0));
  gc();
}
console.log(JSON.stringify(
  opened.map(({ how, socket }) => [how, socket.buffer!.deref() === undefined]),
));
for (const { stream } of opened) stream.close();
