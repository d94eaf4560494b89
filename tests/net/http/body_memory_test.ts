/** Where the bytes of a body are put, and whose memory that is. */
import { assert, assertEquals } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { noopWaker, Pending } from "../../../future/mod.ts";
import { Done } from "../../../future/stream/mod.ts";
import { type ScriptedNetwork, scriptedTest } from "../_scripted_network.ts";
import { assertSame, begun, finish, HEAD, KIB, pattern } from "./_begun.ts";

const cx = { waker: noopWaker };

/** Completes a read with bytes of a body of which `at` have come; how many. */
function fill(
  network: ScriptedNetwork,
  at: number,
  much = (room: number) => room,
): { into: Uint8Array; n: number } {
  const { into, done } = network.take("read");
  const n = much(into.length);
  into.set(pattern(n, at));
  done.resolve(n);
  return { into, n };
}

scriptedTest(
  "body memory: bytes of a known number are read to where they are given out",
  (network) => {
    const size = 3000 * KIB;
    const { client, response } = begun(
      network,
      `${HEAD}content-length: ${size}\r\n\r\n`,
    );
    const future = response.bytes();
    const buffers = new Set<ArrayBufferLike>();
    let at = 0;
    const bytes = finish(future, () => {
      const { into, n } = fill(
        network,
        at,
        (room) => Math.min(room, 700 * KIB),
      );
      assert(at + into.length <= size, "no more than what is the body's");
      assertEquals(into.byteOffset, at);
      buffers.add(into.buffer);
      at += n;
    });
    assertEquals([...buffers], [bytes.buffer]);
    assertSame(bytes, pattern(size), "all");
    client.close();
  },
);

scriptedTest(
  "body memory: whoever says that much will come has no memory set aside for it",
  (network) => {
    for (const said of [5 * 1024 * KIB, Number.MAX_SAFE_INTEGER]) {
      const { client, response } = begun(
        network,
        `${HEAD}content-length: ${said}\r\n\r\nx`,
      );
      using future = response.bytes();
      let held = 0;
      for (let at = 1, buffer: unknown; at < 256 * KIB;) {
        assertEquals(pollOnce(future), Pending);
        const { into, n } = fill(network, at, (room) => Math.min(room, 9000));
        if (into.buffer !== buffer) held += into.buffer.byteLength;
        buffer = into.buffer;
        at += n;
        assert(held <= 2 * at + 32 * KIB, `${held} bytes for ${at}`);
      }
      client.close();
    }
  },
);

scriptedTest(
  "body memory: once a part of much has come, the rest is read to where it is given out",
  (network) => {
    const size = 64 * 1024 * KIB;
    const { client, response } = begun(
      network,
      `${HEAD}content-length: ${size}\r\n\r\n`,
    );
    let at = 0;
    let apart = 0;
    const seen: ArrayBufferLike[] = [];
    const bytes = finish(response.bytes(), () => {
      if (!network.has("read")) return; // it is joined, a part at a time
      const { into, done } = network.take("read");
      if (into.buffer.byteLength === size) assertEquals(into.byteOffset, at);
      else apart = at + into.length;
      into[0] = at >> 12;
      if (seen.at(-1) !== into.buffer) seen.push(into.buffer);
      at += into.length;
      done.resolve(into.length);
    });
    assertEquals(apart, size / 16);
    assertEquals(seen.at(-1), bytes.buffer);
    assertEquals(bytes.length, size);
    for (const buffer of seen.slice(0, -1)) {
      assertEquals(buffer.byteLength, 0, "it was let go at once");
    }
    assertEquals([bytes[0], bytes[16 * KIB]], [0, 4]);
    assertEquals(bytes[size - 1024 * KIB], (size - 1024 * KIB) >> 12 & 0xff);
    client.close();
  },
);

scriptedTest(
  "body memory: a piece that fills half of its memory is given out with it, a smaller one apart",
  (network) => {
    const size = 1000 * KIB;
    const { client, response } = begun(
      network,
      `${HEAD}content-length: ${size}\r\n\r\n`,
    );
    using stream = response.stream();
    let at = 0;
    for (
      const [much, shares, room] of [
        [256, true, 256],
        [128, true, 256],
        [127, false, 256],
        [1, false, 256],
        [256, true, 256],
        [50, false, 232],
        [182, true, 182],
      ] as const
    ) {
      assertEquals(stream.pollNext(cx), Pending);
      const { into } = fill(network, at, () => much * KIB);
      assertEquals(into.length, room * KIB, "no more than is the body's");
      const piece = stream.pollNext(cx);
      assert(piece instanceof Uint8Array);
      assertEquals(piece.buffer === into.buffer, shares, `${much}`);
      assert(piece.buffer.byteLength <= 2 * piece.length);
      assertSame(piece, pattern(much * KIB, at), `${much}`);
      at += much * KIB;
    }
    assertEquals(stream.pollNext(cx), Done);
    client.close();
  },
);

scriptedTest(
  "body memory: a stream of unknown length begins with little memory, and takes more as it is filled",
  (network) => {
    const { client, response } = begun(network, `${HEAD}\r\n`);
    using stream = response.stream();
    const sizes: number[] = [];
    for (const part of [1, 1, 1, 0.1, 1, 0.1, 0.1, 0.5, 1, 1]) {
      assertEquals(stream.pollNext(cx), Pending);
      const { into } = fill(network, 0, (room) => Math.ceil(room * part));
      sizes.push(into.length / KIB);
      assert(stream.pollNext(cx) instanceof Uint8Array);
    }
    // Two small ones in a row, which are copied, make what comes after smaller.
    assertEquals(sizes, [16, 64, 256, 256, 256, 256, 256, 256, 64, 256]);
    client.close();
  },
);

scriptedTest(
  "body memory: a piece may be sent away while more of the body comes",
  (network) => {
    const head = `${HEAD}content-length: ${300 * KIB}\r\n\r\n`;
    const { client, response } = begun(network, head);
    using stream = response.stream();
    assertEquals(stream.pollNext(cx), Pending);
    fill(network, 0);
    const piece = stream.pollNext(cx) as Uint8Array;
    structuredClone(piece, { transfer: [piece.buffer as ArrayBuffer] });
    assertEquals(stream.pollNext(cx), Pending);
    fill(network, piece.length);
    assert(stream.pollNext(cx) instanceof Uint8Array);
    assertEquals(stream.pollNext(cx), Done);
    assertEquals(response.connection.fate, "kept");
    client.close();
  },
);

scriptedTest(
  "body memory: what was being read for somebody who is gone is drained like the rest",
  (network) => {
    for (const way of ["bytes", "stream"] as const) {
      const head = `${HEAD}content-length: ${40 * KIB}\r\n\r\n`;
      const { client, response } = begun(network, head);
      const reading = response[way]();
      if ("next" in reading) assertEquals(reading.pollNext(cx), Pending);
      else assertEquals(pollOnce(reading), Pending);
      reading[Symbol.dispose]();
      assertEquals(response.connection.fate, "draining");
      const { n } = fill(network, 0, (room) => Math.min(room, 30 * KIB));
      assertEquals(n, 30 * KIB);
      while (client.snapshot().connections[0]!.state === "draining") {
        fill(network, n, (room) => Math.min(room, 2 * KIB));
      }
      assertEquals(client.snapshot().connections[0]!.state, "idle");
      // And the connection answers the next request.
      const next = client.get("http://10.0.0.1/");
      assertEquals(pollOnce(next), Pending);
      network.sends();
      assertEquals(pollOnce(next), Pending);
      network.arrives(`${HEAD}content-length: 2\r\n\r\nok`);
      const got = pollOnce(next);
      assert(got !== Pending);
      assertEquals(pollOnce(got.text()), "ok");
      client.close();
    }
  },
);
