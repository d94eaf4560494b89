import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { noopWaker, Pending } from "../../future/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { BufReader } from "../../net/io/mod.ts";
import {
  NetError,
  openResources,
  TcpListener,
  type TcpStream,
} from "../../net/mod.ts";
import {
  openStream,
  type ScriptedNetwork,
  scriptedTest,
} from "./_scripted_network.ts";
import { bytes } from "./_sockets.ts";
import { pollFillInto } from "../../net/socket_stream.ts";

const cx = { waker: noopWaker };

/** A read that brings so many bytes, all of which are taken; its buffer's KiB. */
function reads(
  network: ScriptedNetwork,
  stream: TcpStream,
  much: (size: number) => number,
): number {
  assertEquals(stream.pollFillBuf(cx), Pending);
  const { into, done } = network.take("read");
  done.resolve(much(into.byteLength));
  const view = stream.pollFillBuf(cx);
  assert(view !== Pending && view !== null);
  stream.consume(view.byteLength);
  return into.byteLength / 1024;
}

const full = (size: number) => size;
const most = (size: number) => size / 4; // what is less is little
const little = (size: number) => size / 4 - 1;

/** Reads until the buffer is at its largest. */
function grown(network: ScriptedNetwork, stream: TcpStream): void {
  while (reads(network, stream, full) < 256);
}

scriptedTest(
  "buffer: it shrinks when two reads in a row bring little",
  (network) => {
    using stream = openStream(network).stream;
    grown(network, stream);
    const sizes = [
      little,
      little,
      little,
      little,
      little,
      little,
      little,
      little,
    ]
      .map((much) => reads(network, stream, much));
    assertEquals(sizes, [256, 256, 64, 16, 4, 4, 4, 4]);
  },
);

/** Reads that bring little until the buffer shrinks, and one that fills it; how many. */
function regretted(network: ScriptedNetwork, stream: TcpStream): number {
  let patience = 0;
  while (reads(network, stream, little) === 256) patience++;
  while (reads(network, stream, full) < 256);
  return patience;
}

scriptedTest(
  "buffer: each time that it has shrunk too soon, twice as many reads must bring little",
  (network) => {
    using stream = openStream(network).stream;
    grown(network, stream);
    const patience = Array.from(
      { length: 8 },
      () => regretted(network, stream),
    );
    assertEquals(patience, [2, 4, 8, 16, 32, 64, 64, 64]);
    // Once it shrinks, it does at each read that brings little.
    const sizes = Array.from(
      { length: 67 },
      () => reads(network, stream, little),
    );
    assertEquals(sizes.slice(62), [256, 256, 64, 16, 4]);
  },
);

scriptedTest(
  "buffer: to have grown after a rest says nothing about how soon it shrinks",
  (network) => {
    using stream = openStream(network).stream;
    for (let i = 0; i < 3; i++) {
      grown(network, stream);
      for (const size of [256, 256, 64]) {
        assertEquals(reads(network, stream, little), size);
      }
      stream.unref();
      assertEquals(reads(network, stream, little), 4);
      stream.ref();
    }
  },
);

scriptedTest(
  "buffer: it stays while every other read brings much",
  (network) => {
    using stream = openStream(network).stream;
    grown(network, stream);
    for (let i = 0; i < 5; i++) {
      assertEquals(reads(network, stream, little), 256);
      assertEquals(reads(network, stream, most), 256);
    }
  },
);

scriptedTest(
  "buffer: a read begun while the stream does not hold the process takes the smallest",
  (network) => {
    const { stream, socket } = openStream(network);
    using _stream = stream;
    grown(network, stream);
    stream.unref();
    assertEquals(socket.holds, false);
    assertEquals(reads(network, stream, little), 4);
    assertEquals(reads(network, stream, full), 4);
    assertEquals(reads(network, stream, full), 4);
    stream.ref();
    assertEquals(socket.holds, true);
    assertEquals(reads(network, stream, full), 16, "it grows again");
  },
);

scriptedTest(
  "buffer: a view is made anew only when it is another, and is of the buffer that was read into",
  (network) => {
    using stream = openStream(network).stream;
    const shown = (n: number, value: number) => {
      assertEquals(stream.pollFillBuf(cx), Pending);
      const { into, done } = network.take("read");
      into.fill(value, 0, n);
      done.resolve(n);
      const view = stream.pollFillBuf(cx);
      assert(view !== Pending && view !== null);
      assertStrictEquals(view.buffer, into.buffer);
      assertEquals(view, new Uint8Array(n).fill(value));
      assertStrictEquals(stream.pollFillBuf(cx), view, "of the same bytes");
      return view;
    };
    const message = shown(5, 1);
    stream.consume(5);
    assertStrictEquals(shown(5, 2), message, "as long as the one before");
    stream.consume(1);
    assertEquals(stream.pollFillBuf(cx), new Uint8Array(4).fill(2), "the rest");
    stream.consume(4);
    shown(5, 3);
    stream.consume(5);
    shown(4096, 3);
    stream.consume(1);
    assertEquals((stream.pollFillBuf(cx) as Uint8Array).byteLength, 4095);
    stream.consume(4095);
    assertEquals(stream.pollFillBuf(cx), Pending);
    const { into, done } = network.take("read"); // the next, larger buffer
    done.resolve(into.byteLength);
    assertEquals(stream.pollRead(cx, new Uint8Array(1)), 1);
    const rest = stream.pollFillBuf(cx) as Uint8Array;
    assertEquals([rest.byteOffset, rest.byteLength], [1, 16383]);
    stream.consume(16383);
    shown(4096, 4); // the same place as before, of another buffer
    stream.consume(4096);
    shown(5, 5);
  },
);

scriptedTest(
  "buffer: a BufReader shows the very view that the stream shows",
  (network) => {
    using reader = new BufReader(openStream(network).stream);
    assertEquals(reader.pollFillBuf(cx), Pending);
    network.take("read").done.resolve(3);
    const view = reader.source.pollFillBuf(cx) as Uint8Array;
    assertStrictEquals(reader.pollFillBuf(cx), view);
    reader.consume(1);
    const rest = reader.pollFillBuf(cx) as Uint8Array;
    assertEquals([rest.byteOffset, rest.byteLength], [1, 2]);
  },
);

scriptedTest(
  "room: a read that begins with room lent to it puts its bytes there",
  (network) => {
    using stream = openStream(network).stream;
    const room = new Uint8Array(10).subarray(2, 7);
    assertEquals(pollFillInto(stream, cx, room), Pending);
    network.arrives("hello");
    const view = pollFillInto(stream, cx, room);
    assert(view instanceof Uint8Array);
    assertEquals(
      [view.buffer === room.buffer, view.byteOffset, view.length],
      [true, 2, 5],
    );
    stream.consume(5);
  },
);

scriptedTest(
  "room: how much lands there says nothing about how large the stream's own should be",
  (network) => {
    using stream = openStream(network).stream;
    grown(network, stream);
    for (let i = 0; i < 2; i++) {
      assertEquals(pollFillInto(stream, cx, new Uint8Array(8)), Pending);
      network.arrives("few");
      assert(pollFillInto(stream, cx, null) instanceof Uint8Array);
      stream.consume(3);
    }
    assertEquals(reads(network, stream, most), 256);
  },
);

scriptedTest(
  "room: what arrived elsewhere stays there, and what was begun goes on",
  (network) => {
    using stream = openStream(network).stream;
    const room = new Uint8Array(8);
    assertEquals(stream.pollFillBuf(cx), Pending);
    stream.consume(0);
    assertEquals(pollFillInto(stream, cx, room), Pending);
    network.arrives("own");
    const own = pollFillInto(stream, cx, room);
    assert(own instanceof Uint8Array && own.buffer !== room.buffer);
    assertEquals(own, bytes("own"));
    stream.consume(3);
    assertEquals(pollFillInto(stream, cx, room), Pending);
    stream.consume(0); // while it waits
    network.arrives("lent");
    // Whoever comes next gets it, and not all at once if he takes less.
    const into = new Uint8Array(3);
    assertEquals(stream.pollRead(cx, into), 3);
    assertEquals(into, bytes("len"));
    assertEquals(stream.pollFillBuf(cx), bytes("t"));
    assertEquals(room.subarray(0, 4), bytes("lent"));
  },
);

scriptedTest(
  "ref: a stream that is closed has nothing to hold or let go",
  (network) => {
    const { stream } = openStream(network);
    stream.close();
    assertThrows(() => stream.ref(), NetError, "closed on this side");
    assertThrows(() => stream.unref(), NetError, "closed on this side");
  },
);

scriptedTest("throwing: so has an accept", (network) => {
  const before = openResources().operations;
  using listener = TcpListener.bind({
    port: 80,
    network: Object.assign(network, {
      listen: () => ({
        addr: { hostname: "127.0.0.1", port: 80 },
        accept() {
          throw new Error("boom");
        },
        close() {},
      }),
    }),
  });
  assertThrows(
    () => pollOnce(listener.accept()),
    NetError,
    "Cannot accept on 127.0.0.1:80: boom",
  );
  assertEquals(openResources().operations, before);
});

scriptedTest(
  "throwing: an operation whose start throws has failed, and is not counted",
  (network) => {
    const before = openResources().operations;
    const boom = () => {
      throw new Error("boom");
    };
    const starts: ((stream: TcpStream) => unknown)[] = [
      (stream) => pollOnce(stream.read(new Uint8Array(1))),
      (stream) => pollOnce(stream.writeAll(bytes("x"))),
      (stream) => pollOnce(stream.shutdown()),
    ];
    for (const start of starts) {
      const { stream, socket } = openStream(network);
      Object.assign(socket, { read: boom, write: boom, closeWrite: boom });
      const error = assertThrows(() => start(stream), NetError);
      assert(error.message.endsWith(": boom"), error.message);
      assertEquals(openResources().operations, before);
      stream.close();
    }
  },
);

Deno.test("buffer: after the end, a failure or a close the stream keeps none", async () => {
  const child = new URL("_buffer_child.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--v8-flags=--expose-gc", child],
    stderr: "inherit",
  }).output();
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [
    ["held while it waits", false],
    ["the end", true],
    ["a failure", true],
    ["a close", true],
    ["lent, and taken", true],
  ]);
});
