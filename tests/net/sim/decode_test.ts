// Bodies that are coded, in a simulation: they come out as they do outside of it.
import {
  assert,
  assertEquals,
  assertGreater,
  assertStringIncludes,
} from "@std/assert";
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { run, yieldNow } from "../../../executor/mod.ts";
import { type Future, Pending, pollFn } from "../../../future/mod.ts";
import { Done } from "../../../future/stream/mod.ts";
import { IncompleteCoding, Inflate } from "../../../net/http/body/_inflate.ts";
import { machineFor } from "../../../net/http/body/_machine.ts";
import { SteppedMachine } from "../../../net/http/body/_stepped_machine.ts";
import { HttpError } from "../../../net/http/mod.ts";
import { TcpListener } from "../../../net/mod.ts";
import { explore, fifo, simulate } from "../../../net/sim/mod.ts";

const TEXT = "a body that repeats itself, and is not short; ".repeat(20);
const DATA = new TextEncoder().encode(TEXT);

/** What hardly becomes smaller, and more of it than is decoded at once. */
const LONG = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> (i % 7));

type Case = ["gzip" | "deflate" | "br" | "zstd", Uint8Array];

// Copies: a slice of a Buffer is none.
const WHOLE: Record<string, Case> = {
  "gzip": ["gzip", Uint8Array.from(gzipSync(DATA))],
  "deflate": ["deflate", Uint8Array.from(deflateSync(DATA))],
  "bare deflate": ["deflate", Uint8Array.from(deflateRawSync(DATA))],
  "br": ["br", Uint8Array.from(brotliCompressSync(DATA))],
  "empty br": ["br", Uint8Array.from(brotliCompressSync(new Uint8Array(0)))],
  "long br": ["br", Uint8Array.from(brotliCompressSync(LONG))],
  "zstd of two frames": [
    "zstd",
    new Uint8Array([...zstdCompressSync(DATA), ...zstdCompressSync(DATA)]),
  ],
  "zstd": ["zstd", Uint8Array.from(zstdCompressSync(DATA))],
};

/** What comes out of a coding; pieces of `size` bytes go in. */
function outcome(
  [coding, bytes]: Case,
  size: number,
): Future<string> {
  let at = 0;
  const source = {
    expected: 0,
    ahead: 0,
    takeWhole: () => null,
    keep: () => false,
    poll: () => {
      if (at >= bytes.byteLength) return Done;
      const piece = bytes.subarray(at, at + size);
      at += size;
      return piece;
    },
    drop() {},
  };
  const inflate = new Inflate(source, coding, 1);
  const decoder = new TextDecoder();
  let text = "";
  return pollFn((cx) => {
    for (;;) {
      try {
        const piece = inflate.poll(cx);
        if (piece === Pending) return Pending;
        if (piece === Done) return `whole: ${text.length}, ${hashOf(text)}`;
        text += decoder.decode(piece, { stream: true });
      } catch (error) {
        inflate.drop();
        return error instanceof IncompleteCoding ? "incomplete" : "wrong";
      }
    }
  });
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  }
  return hash;
}

function simulated(coded: Case, size: number): string {
  let is = "";
  explore({ schedule: fifo(), runs: 1 }, function* () {
    is = yield* outcome(coded, size);
  });
  return is;
}

for (const [name, [coding, bytes]] of Object.entries(WHOLE)) {
  // A long one is looked at in a few places, for it takes its time.
  const step = Math.ceil(bytes.byteLength / 100);
  const sizes = step === 1 ? [1, 7, Infinity] : [bytes.byteLength / 3 | 0];

  Deno.test(`sim decode: ${name}, cut and spoilt anywhere, as the platform does it`, async () => {
    const cases: Record<string, Uint8Array> = {
      whole: bytes,
      "with more behind it": new Uint8Array([...bytes, 1, 2, 3]),
    };
    for (let n = 0; n < bytes.byteLength; n += step) {
      cases[`cut at ${n}`] = bytes.subarray(0, n);
      const spoilt = bytes.slice();
      spoilt[n]! ^= 0x10;
      cases[`spoilt at ${n}`] = spoilt;
    }
    for (const [what, data] of Object.entries(cases)) {
      const real = await run(outcome([coding, data], Infinity));
      for (const size of sizes) {
        const is = simulated([coding, data], size);
        // Brotli that is wrong at its end may pass for cut there.
        if (coding === "br" && real === "wrong" && is === "incomplete") {
          continue;
        }
        assertEquals(is, real, `${what}, ${size}`);
      }
    }
    // A frame of zstd may stand alone; all else that is cut is not whole.
    const half = name === "zstd of two frames" ? bytes.byteLength / 2 : -1;
    for (let n = 1; n < bytes.byteLength; n += step) {
      const cut = simulated([coding, bytes.subarray(0, n)], Infinity);
      assertEquals(cut === "incomplete", n !== half, `cut at ${n}: ${cut}`);
    }
    assertStringIncludes(
      await run(outcome([coding, bytes], Infinity)),
      "whole",
    );
  });
}

Deno.test("sim decode: outside of a simulation, the platform's machine decodes", () => {
  assert(!(machineFor("gzip", 0x1f, 0) instanceof SteppedMachine));
  explore({ schedule: fifo(), runs: 1 }, function* () {
    assert(machineFor("gzip", 0x1f, 0) instanceof SteppedMachine);
    yield* yieldNow();
  });
});

Deno.test("sim decode: a client decodes in every order, and what is flushed comes at once", async () => {
  const middle = 500;
  let text = "";
  let first = 0;
  const report = await simulate({
    runs: 50,
    net: { latency: [1, 20], chunk: [1, 30] },
  }, function* (sim) {
    const coded = WHOLE.gzip![1];
    sim.host("a.test", function* (host) {
      using listener = TcpListener.bind({
        hostname: host.address,
        port: 80,
        network: host,
      });
      using stream = yield* listener.accept();
      yield* stream.writeAll(new TextEncoder().encode(
        `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${coded.length}\r\n\r\n`,
      ));
      yield* stream.writeAll(coded.subarray(0, -12));
      yield* sim.sleep(5000); // what came before has long been given out
      yield* stream.writeAll(coded.subarray(-12));
      yield* stream.shutdown();
      while ((yield* stream.read(new Uint8Array(middle))) !== null);
    });
    using response = yield* sim.client().get("http://a.test/");
    using body = response.stream();
    const decoder = new TextDecoder();
    text = "";
    first = 0;
    for (let piece; (piece = yield* body.next()) !== Done;) {
      text += decoder.decode(piece, { stream: true });
      if (sim.now() < 5000) first = text.length;
    }
    sim.always("it is the body", text === TEXT, text);
    sim.always("half of it came early", first > 0, first);
  });
  assertGreater(report.runs, 49);
});

Deno.test("sim decode: a body that is dropped while it is decoded leaves nothing", async () => {
  await simulate({ runs: 50 }, function* (sim) {
    sim.host("a.test", function* (host) {
      using listener = TcpListener.bind({
        hostname: host.address,
        port: 80,
        network: host,
      });
      using stream = yield* listener.accept();
      yield* stream.writeAll(new TextEncoder().encode(
        `HTTP/1.1 200 OK\r\ncontent-encoding: br\r\n\r\n`,
      ));
      yield* stream.writeAll(WHOLE.br![1]);
      yield* stream.shutdown();
    });
    using response = yield* sim.client().get("http://a.test/");
    try {
      using body = response.stream();
      const turns = Math.floor(sim.random() * 3);
      for (let n = 0; n < turns; n++) if ((yield* body.next()) === Done) break;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
    }
  });
});
