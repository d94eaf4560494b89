// What dropping each public future, stream and sink of ./io keeps or loses.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { type Future, Pending } from "../../../future/mod.ts";
import { feed, flush, iter, send } from "../../../future/stream/mod.ts";
import * as io from "../../../net/io/mod.ts";
import { others, PIECES, promises, TAKES_NOTHING } from "./_claims.ts";
import { bytes, cx, now, Pieces, rest, Taker } from "./_world.ts";

const { BufReader } = io;

Deno.test("cancel safety: each export of ./io has its promise", () => {
  assertEquals(
    Object.keys(io).sort(),
    [...others, ...Object.keys(promises)].sort(),
  );
});

Deno.test("cancel safety: the documentation says the same", () => {
  const folder = new URL("../../../net/io/", import.meta.url);
  const docs = new Map<string, string>();
  for (const { name } of Deno.readDirSync(folder)) {
    const source = Deno.readTextFileSync(new URL(name, folder));
    const found = source.matchAll(
      /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export (?:function|class) (\w+)/g,
    );
    for (const [, doc, exported] of found) {
      const plain = doc!.replaceAll(/\s+\*\s?/g, " ")
        .replaceAll(/\{@linkcode ([\w.]+)\}/g, "$1");
      if (!docs.has(exported!)) docs.set(exported!, plain);
    }
  }
  for (const [name, promise] of Object.entries(promises)) {
    const says = / Cancel safety: (.*)/.exec(docs.get(name) ?? "");
    assert(says !== null, `${name} says nothing`);
    assert(says[1]!.startsWith(promise), `${name} says: ${says[1]}`);
    assertMatch(says[1]!.slice(promise.length), /^[,:. ]/, name);
  }
});

/** How the source is read: all of them see the same bytes. */
const SOURCES: Record<string, (pieces: Pieces) => io.AsyncRead> = {
  "a plain source": (pieces) => pieces,
  "a source that shows its buffer": (pieces) => pieces.showing,
  "a reader": (pieces) => new BufReader(pieces, { capacity: 1 }),
  "a reader over a source that shows its buffer": (pieces) =>
    new BufReader(pieces.showing, { capacity: 1 }),
};

const ALL = PIECES.join("");

/**
 * Polls so many times, a piece coming before each poll but the first; the pieces
 * that have not come, or null if it was ready.
 */
function pollTimes(
  future: Future<unknown>,
  pieces: Pieces,
  polls: number,
): string[] | null {
  const left = [...PIECES];
  for (let i = 0; i < polls; i++) {
    if (i > 0) pieces.come(left.shift()!);
    if (pollOnce(future) !== Pending) return null;
  }
  return left;
}

for (const [name, { make, readersOnly }] of Object.entries(TAKES_NOTHING)) {
  for (const [what, over] of Object.entries(SOURCES)) {
    if (readersOnly && !what.startsWith("a reader")) continue;
    Deno.test(`cancel safety: ${name} from ${what}, dropped after any poll, has taken nothing`, () => {
      let polls = 0;
      for (;; polls++) {
        const pieces = new Pieces();
        const source = over(pieces);
        const future = make(source);
        const left = pollTimes(future, pieces, polls);
        if (left === null) break;
        future[Symbol.dispose]();
        for (const piece of left) pieces.come(piece);
        assertEquals(rest(endless(source, pieces)), ALL, `${polls} polls`);
      }
      assert(polls > 1);
    });
  }
}

/** Ends the pieces, so that the rest can be told. */
function endless(source: io.AsyncRead, pieces: Pieces): io.AsyncRead {
  pieces.end();
  return source;
}

Deno.test("cancel safety: readExact from a plain source leaves in the buffer what it has read", () => {
  for (let polls = 0; polls < 5; polls++) {
    const pieces = new Pieces();
    const into = new Uint8Array(8);
    const future = io.readExact(pieces, into);
    const left = pollTimes(future, pieces, polls)!;
    future[Symbol.dispose]();
    for (const piece of left) pieces.come(piece);
    now(io.readExact(pieces, into.subarray(future.filled)));
    assertEquals(into, bytes(ALL.slice(0, 8)), `${polls} polls`);
    assertEquals(rest(endless(pieces, pieces)), ALL.slice(8));
  }
});

Deno.test("cancel safety: readToEnd loses what it has read", () => {
  const pieces = new Pieces("abc");
  const future = io.readToEnd(pieces);
  pollOnce(future);
  future[Symbol.dispose]();
  assertEquals(rest(endless(pieces.come("d"), pieces)), "d");
});

Deno.test("cancel safety: a copy that is dropped at any poll goes on, each byte once", () => {
  for (const [what, over] of Object.entries(SOURCES).slice(1)) {
    for (let polls = 0; polls < 12; polls++) {
      const pieces = new Pieces(ALL);
      const source = over(pieces);
      const sink = new Taker();
      sink.room = 0;
      let copied = 0;
      for (let turn = 0; turn < 3; turn++) {
        const copy = io.copy(source, sink);
        for (let i = 0; i < polls; i++) {
          pollOnce(copy);
          sink.room++;
        }
        copy[Symbol.dispose]();
        copied += copy.copied;
      }
      assertEquals(sink.taken.length, copied);
      sink.room = Infinity;
      copied += now(io.copy(endless(source, pieces), sink));
      assertEquals(sink.taken, ALL, `${what}, ${polls} polls`);
      assertEquals(copied, ALL.length);
    }
  }
});

Deno.test("cancel safety: copyBidirectional that is dropped at any poll goes on", () => {
  for (let polls = 0; polls < 10; polls++) {
    const [client, front] = io.duplex(64);
    const [back, server] = io.duplex(2);
    client.pollWrite(cx, bytes("question"));
    client.pollShutdown(cx);
    server.pollWrite(cx, bytes("a"));
    server.pollShutdown(cx);
    let got = "";
    const one = new Uint8Array(1);
    const proxies = [0, 1, 2].map(() => io.copyBidirectional(front, back));
    for (const proxy of proxies) {
      for (let i = 0; i < polls; i++) {
        if (pollOnce(proxy) !== Pending) break;
        if (server.pollRead(cx, one) === 1) {
          got += String.fromCharCode(one[0]!);
        }
      }
      proxy[Symbol.dispose]();
    }
    const last = io.copyBidirectional(front, back);
    while (pollOnce(last) === Pending) {
      if (server.pollRead(cx, one) === 1) got += String.fromCharCode(one[0]!);
    }
    assertEquals(got + rest(server), "question", `${polls} polls`);
    assertEquals(rest(client), "a");
  }
});

/** Drops at any poll, makes it again, and looks at what the sink has taken. */
function sweepSink(
  begin: (sink: Taker) => { again: () => Future<unknown>; expected: string },
): void {
  for (let polls = 0; polls < 12; polls++) {
    const sink = new Taker();
    sink.room = 0;
    const { again, expected } = begin(sink);
    const future = again();
    for (let i = 0; i < polls; i++) {
      if (pollOnce(future) !== Pending) break;
      sink.room++;
    }
    future[Symbol.dispose]();
    sink.room = Infinity;
    now(again());
    assertEquals(sink.taken, expected, `${polls} polls`);
  }
}

Deno.test("cancel safety: flushWriter and shutdownWriter, dropped at any poll, go on", () => {
  for (const end of [io.flushWriter, io.shutdownWriter]) {
    sweepSink((sink) => {
      const writer = new io.BufWriter(sink);
      now(writer.writeAll(bytes("abcdef")));
      return { again: () => end(writer), expected: "abcdef" };
    });
  }
});

Deno.test("cancel safety: frames that were taken are flushed, whatever is dropped", () => {
  sweepSink((sink) => {
    const frames = io.framedWrite(sink, io.linesCodec());
    now(feed(frames, "one"));
    now(feed(frames, "two"));
    return { again: () => flush(frames), expected: "one\ntwo\n" };
  });
  const sink = new Taker();
  sink.room = 0;
  const framed = new io.Framed({
    ...{ pollWrite: sink.pollWrite, pollFlush: sink.pollFlush },
    ...{ pollShutdown: sink.pollShutdown, pollRead: () => null },
  }, io.linesCodec());
  using sending = send(framed, "hello");
  assertEquals(pollOnce(sending), Pending);
  sending[Symbol.dispose]();
  sink.room = Infinity;
  now(flush(framed));
  assertEquals(sink.taken, "hello\n");
});

Deno.test("cancel safety: writeAll, dropped at any poll, has sent a beginning", () => {
  for (let polls = 0; polls < 6; polls++) {
    const sink = new Taker();
    sink.room = 0;
    const future = io.writeAll(sink, bytes("abcd"));
    for (let i = 0; i < polls; i++) {
      if (pollOnce(future) !== Pending) break;
      sink.room++;
    }
    future[Symbol.dispose]();
    const most = Math.max(0, Math.min(4, polls - 1));
    assertEquals(sink.taken, "abcd".slice(0, most));
  }
});

Deno.test("cancel safety: streamReader and sinkWriter keep what a dropped read or write did not deal with", () => {
  const source = io.streamReader(iter([bytes("abc"), bytes("def")]));
  using first = io.read(source, new Uint8Array(2));
  first[Symbol.dispose]();
  now(io.read(source, new Uint8Array(2)));
  assertEquals(rest(source), "cdef");

  const sent: Uint8Array[] = [];
  let hasRoom = false;
  const writer = io.sinkWriter({
    pollReady: () => hasRoom ? undefined : Pending,
    startSend: (chunk) => void sent.push(chunk),
    pollFlush: () => {},
    pollClose: () => {},
    [Symbol.dispose]: () => {},
  });
  const dropped = io.writeAll(writer, bytes("x"));
  assertEquals(pollOnce(dropped), Pending);
  dropped[Symbol.dispose]();
  hasRoom = true;
  now(io.writeAll(writer, bytes("y")));
  assertEquals(sent, [bytes("y")]);
});
