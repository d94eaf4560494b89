/** How much memory a body takes that unfolds, in a process of its own. */
import { assertEquals, assertLess } from "@std/assert";
import {
  brotliCompressSync,
  constants,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { socketTest } from "../_sockets.ts";
import { type Answer, answering, ok } from "./_answers.ts";

const MIB = 1024 * 1024;

type Code = (bytes: Uint8Array) => Uint8Array;

const br = (windowLog: number): Code => (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 1,
      [constants.BROTLI_PARAM_LGWIN]: windowLog,
    },
  });

const zstd = (windowLog: number): Code => (bytes) =>
  zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_windowLog]: windowLog },
  });

/** What does not unfold, but must be remembered: bytes without a pattern. */
function noise(size: number): Uint8Array {
  const words = new Uint32Array(size / 4);
  let x = 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer);
}

interface Read {
  /** How many bytes came, or the name of the error. */
  outcome: number | string;
  /** The most memory that the process had. */
  peak: number;
}

/** Reads a body in a new process. */
async function read(
  way: "bytes" | "text" | "stream" | "slow stream" | "drop" | "redirect",
  coding: string,
  body: Uint8Array,
): Promise<Read> {
  const answer = (line: string): Answer => (socket) => {
    socket.write(
      `HTTP/1.1 ${line}\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
  };
  await using server = way === "redirect"
    ? await answering(answer("302 Found\r\nlocation: /next"), ok("here"))
    : await answering(answer("200 OK"));
  const child = new URL("_unfolding_child.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-check", "-A", child, server.url, way],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

function memoryTest(name: string, fn: () => Promise<void>): void {
  if (Deno.build.os !== "linux") {
    console.warn(`no /proc on ${Deno.build.os}: not run: ${name}`);
  } else socketTest(`decode memory: ${name}`, fn);
}

const ZEROS = new Uint8Array(256 * MIB);
const CALM = new TextEncoder().encode("what is read every day, ".repeat(9000));

const BOMBS: Record<string, Code> = {
  "gzip": gzipSync,
  "deflate": deflateSync,
  "br": br(24),
  "zstd": zstd(23),
  "gzip, br": (bytes) => br(24)(gzipSync(bytes)),
};

for (const [coding, code] of Object.entries(BOMBS)) {
  memoryTest(
    `a bomb of ${coding} takes little more than a calm body`,
    async () => {
      const calm = await read("stream", coding, code(CALM));
      assertEquals(calm.outcome, CALM.length);
      const bomb = code(ZEROS);
      for (const way of ["bytes", "slow stream"] as const) {
        const { outcome, peak } = await read(way, coding, bomb);
        assertEquals(outcome, "LimitExceeded", way);
        assertLess(peak - calm.peak, 32 * MIB, way);
      }
    },
  );
}

memoryTest("a bomb takes nothing where its body is not wanted", async () => {
  const calm = await read("text", "gzip", gzipSync(CALM));
  const bomb = gzipSync(ZEROS);
  for (const [way, outcome] of [["drop", 0], ["redirect", 4]] as const) {
    const { peak, ...rest } = await read(way, "gzip", bomb);
    assertEquals(rest, { outcome }, way);
    assertLess(peak - calm.peak, 4 * MIB, way);
  }
});

memoryTest("zstd may look back as far as 8 MiB, and not further", async () => {
  const bytes = noise(24 * MIB);
  const plain = await read("stream", "identity", bytes);
  for (
    const [windowLog, outcome] of [
      [23, bytes.length],
      [24, "ProtocolError"],
      [27, "ProtocolError"],
    ] as const
  ) {
    const { peak, ...rest } = await read(
      "stream",
      "zstd",
      zstd(windowLog)(bytes),
    );
    assertEquals(rest, { outcome }, `${windowLog}`);
    assertLess(peak - plain.peak, 24 * MIB, `${windowLog}`);
  }
});

memoryTest("codings within codings share what they may look back", async () => {
  const bytes = noise(18 * MIB);
  const plain = await read("stream", "identity", bytes);
  for (
    const [layers, windowLog, isTaken] of [
      [1, 24, true],
      [2, 23, true],
      [2, 24, false],
      [5, 22, true],
      [5, 23, false],
    ] as const
  ) {
    const what = `${layers} of 2 ** ${windowLog}`;
    const coding = Array(layers).fill("br").join(", ");
    let body: Uint8Array = bytes;
    for (let n = 0; n < layers; n++) body = br(windowLog)(body);
    const { outcome, peak } = await read("stream", coding, body);
    assertEquals(outcome, isTaken ? bytes.length : "ProtocolError", what);
    assertLess(peak - plain.peak, 32 * MIB, what);
  }
});
