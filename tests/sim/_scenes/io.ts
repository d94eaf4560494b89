import { co, type Future, map } from "../../../future/mod.ts";
import { Done, send, unfold } from "../../../future/stream/mod.ts";
import * as io from "../../../net/io/mod.ts";
import type { NetSim } from "../../../net/sim/mod.ts";
import { PIECES, promises, TAKES_NOTHING } from "../../net/io/_claims.ts";
import { bytes } from "../../net/io/_world.ts";
import { Drained, Owning, type Scene, type Sweep } from "./scene.ts";

const NATIVE = "it waits for native promises: swept by hand in its own tests";

/** An end from which pieces can be read, one a millisecond, and then the end. */
function fed(sim: NetSim, pieces = PIECES): io.DuplexStream {
  const [here, there] = io.duplex(64);
  sim.spawn(function* () {
    using own = there;
    try {
      for (const piece of pieces) {
        yield* sim.sleep(1);
        yield* io.writeAll(own, bytes(piece));
      }
    } catch {
      // nobody reads it any more
    }
  });
  return here;
}

/** An end into which little fits, read two bytes a millisecond. */
function drained(sim: NetSim): io.DuplexStream {
  const [here, there] = io.duplex(2);
  sim.spawn(function* () {
    using own = there;
    const into = new Uint8Array(2);
    do yield* sim.sleep(1); while ((yield* io.read(own, into)) !== null);
  });
  return here;
}

type Make = (sim: NetSim) => Future<unknown>;

function reading(make: (source: io.BufReader) => Future<unknown>): Make {
  return (sim) => {
    const source = fed(sim);
    return new Owning(make(new io.BufReader(source, { capacity: 1 })), source);
  };
}

function writing(make: (sink: io.DuplexStream) => Future<unknown>): Make {
  return (sim) => {
    const sink = drained(sim);
    return new Owning(make(sink), sink);
  };
}

/** A writer that has buffered more than its sink takes at once. */
function buffered(make: (sink: io.BufWriter) => Future<unknown>): Make {
  return writing((sink) => {
    const writer = new io.BufWriter(sink, { capacity: 16 });
    writer.pollWrite({ waker: { wake() {}, willWake: () => false } }, TEXT);
    return make(writer);
  });
}

const TEXT = bytes("abcdef");

const rest: Record<string, Make> = {
  copy: (sim) => {
    const [source, sink] = [fed(sim), drained(sim)];
    return new Owning(io.copy(source, sink), source, sink);
  },
  copyBidirectional: (sim) => {
    const [client, front] = io.duplex(64);
    const server = drained(sim);
    sim.spawn(function* () {
      using own = client;
      try {
        yield* io.writeAll(own, TEXT);
        yield* sim.sleep(1);
        yield* io.shutdownWriter(own);
      } catch {
        // it was dropped
      }
      yield* sim.sleep(9);
    });
    return new Owning(io.copyBidirectional(front, server), front, server);
  },
  Framed: writing((sink) => send(new io.Framed(sink, io.linesCodec()), "word")),
  framedWrite: writing((sink) =>
    send(io.framedWrite(sink, io.lengthDelimited({ width: 2 })), TEXT)
  ),
  flushWriter: buffered(io.flushWriter),
  shutdownWriter: buffered(io.shutdownWriter),
  sinkWriter: (sim) => {
    const sink = drained(sim);
    const frames = io.framedWrite(sink, io.lengthDelimited({ width: 1 }));
    const writer = io.sinkWriter(frames);
    const all = co(function* () {
      yield* io.writeAll(writer, TEXT);
      yield* io.shutdownWriter(writer);
    });
    return new Owning(all, sink);
  },
  streamReader: (sim) => {
    const stream = unfold(
      0,
      (n) =>
        map(sim.sleep(1), () => n < 3 ? [bytes("ab"), n + 1] as const : Done),
    );
    const reader = io.streamReader(stream);
    return new Owning(io.readToEnd(reader), stream);
  },
  readToEnd: (sim) => {
    const source = fed(sim);
    return new Owning(io.readToEnd(source), source);
  },
  writeAll: writing((sink) => io.writeAll(sink, TEXT)),
  "lines, all of them": reading((source) => new Drained(io.lines(source))),
  "framedRead, all frames": (sim) => {
    const source = fed(sim, ["\u0000", "\u0001a\u0000", "\u0002bc"]);
    const frames = io.framedRead(source, io.lengthDelimited({ width: 2 }));
    return new Owning(new Drained(frames), source);
  },
  "BufReader.read": reading((source) => source.read(new Uint8Array(4))),
  "BufWriter.writeAll": buffered((sink) =>
    sink.writeAll(bytes("0".repeat(20)))
  ),
  "BufWriter.flush": buffered((sink) => sink.flush()),
  "BufWriter.shutdown": buffered((sink) => sink.shutdown()),
};

/** Methods, which are in the table as the functions that do the same. */
const isMethod = (title: string) => /^(peek|fill|Buf\w+\.\w+)$/.test(title);

export const sweep: Sweep = {
  claims: Object.keys(promises),
  left: {
    fromReadableBytes: NATIVE,
    fromWritableBytes: NATIVE,
    toReadableBytes: NATIVE,
    toWritableBytes: NATIVE,
  },
  scenes: [
    ...Object.entries(TAKES_NOTHING).map(([title, { make }]) =>
      [title, reading(make)] as const
    ),
    ...Object.entries(rest),
  ].map(([title, make]): Scene => ({
    of: isMethod(title) ? null : title.split(",")[0]!,
    title,
    make,
  })),
};
