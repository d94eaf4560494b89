/** The ways to read a body agree, whatever its framing and however it comes. */
import { assert, assertEquals } from "@std/assert";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { noopWaker } from "../../../future/mod.ts";
import { Done } from "../../../future/stream/mod.ts";
import type { HttpResponse } from "../../../net/http/mod.ts";
import { scriptedTest } from "../_scripted_network.ts";
import {
  assertSame,
  begun,
  finish,
  HEAD,
  join,
  KIB,
  pattern,
  until,
} from "./_begun.ts";

const cx = { waker: noopWaker };

/** All ways, each of which gives the body in the end. */
const WAYS: Record<
  string,
  (response: HttpResponse, more: () => void, random: () => number) => Uint8Array
> = {
  bytes: (response, more) => finish(response.bytes(), more),
  text: (response, more) =>
    Uint8Array.from(
      finish(response.text(), more),
      (letter) => letter.charCodeAt(0),
    ),
  stream(response, more) {
    using stream = response.stream();
    const pieces: Uint8Array[] = [];
    const copies: Uint8Array[] = [];
    for (;;) {
      const piece = until(more, () => stream.pollNext(cx));
      if (piece === Done) break;
      assert(piece.length > 0);
      pieces.push(piece);
      copies.push(piece.slice());
    }
    // They are the caller's: nothing was written over, and none share memory.
    pieces.forEach((piece, i) => assertSame(piece, copies[i]!, `piece ${i}`));
    assertEquals(
      new Set(pieces.map(({ buffer }) => buffer)).size,
      pieces.length,
    );
    return join(pieces);
  },
  "reader, into buffers"(response, more, random) {
    using reader = response.reader();
    const pieces: Uint8Array[] = [];
    for (;;) {
      const into = new Uint8Array(1 + Math.floor(random() ** 3 * 100 * KIB));
      const n = until(more, () => reader.pollRead(cx, into));
      if (n === null) return join(pieces);
      pieces.push(into.subarray(0, n));
    }
  },
  "reader, without a copy"(response, more, random) {
    using reader = response.reader();
    const pieces: Uint8Array[] = [];
    for (;;) {
      const view = until(more, () => reader.pollFillBuf(cx));
      if (view === null) return join(pieces);
      const n = Math.max(1, Math.floor(random() * view.length));
      pieces.push(view.slice(0, n));
      reader.consume(n);
    }
  },
};

type Framing = "length" | "chunked" | "close";

/** A body on the wire. */
function framed(
  body: Uint8Array,
  framing: Framing,
  random: () => number,
): { head: string; wire: Uint8Array } {
  switch (framing) {
    case "length":
      return {
        head: `${HEAD}content-length: ${body.length}\r\n\r\n`,
        wire: body,
      };
    case "close":
      return { head: `${HEAD}\r\n`, wire: body };
    case "chunked": {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < body.length;) {
        const n = Math.min(
          body.length - at,
          1 + Math.floor(random() ** 4 * 400 * KIB),
        );
        pieces.push(
          new TextEncoder().encode(`${n.toString(16)}\r\n`),
          body.subarray(at, at + n),
          new TextEncoder().encode("\r\n"),
        );
        at += n;
      }
      pieces.push(new TextEncoder().encode("0\r\n\r\n"));
      return {
        head: `${HEAD}transfer-encoding: chunked\r\n\r\n`,
        wire: join(pieces),
      };
    }
  }
}

for (const framing of ["length", "chunked", "close"] as const) {
  scriptedTest(
    `ways: all give the same of a body framed by ${framing}, however it comes`,
    (network) => {
      for (let seed = 1; seed <= 6; seed++) {
        for (const [way, read] of Object.entries(WAYS)) {
          const clock = new VirtualClock({ seed });
          const random = () => clock.random();
          // Some in a few reads and some in many; ASCII, for text.
          const body = pattern(Math.floor(random() ** 3 * 600 * KIB))
            .map((byte) => byte & 0x7f);
          const { head, wire } = framed(body, framing, random);
          const bytes = join([new TextEncoder().encode(head), wire]);
          const most = random() < 0.5 ? 2 * KIB : 300 * KIB;
          let at = head.length + Math.floor(random() * 2 * KIB);
          at = Math.min(at, bytes.length);
          const first = new TextDecoder().decode(bytes.subarray(0, at));
          const { client, response } = begun(network, first);
          const message = `seed ${seed}, ${way}`;
          const got = read(response, () => {
            if (!network.has("read")) return; // it is joined, a part at a time
            const call = network.take("read");
            if (at === bytes.length) return call.done.resolve(null);
            const n = Math.min(
              1 + Math.floor(random() * most),
              call.into.length,
              bytes.length - at,
            );
            call.into.set(bytes.subarray(at, at + n));
            at += n;
            call.done.resolve(n);
          }, random);
          assertSame(got, body, message);
          assertEquals(
            response.connection.fate,
            framing === "close" ? "closed" : "kept",
            message,
          );
          client.close();
        }
      }
    },
  );
}
