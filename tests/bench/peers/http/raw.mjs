/**
 * The floor: connections of the platform's, the same bytes written again and
 * again, and no parsing. That a response is whole is known by its size.
 */
import { kept, PIECE, serve } from "./_client.mjs";

const encoder = new TextEncoder();

function dial({ hostname, port }) {
  return Deno.connect({ hostname, port: Number(port) }).then((conn) => {
    conn.setNoDelay(true);
    return { conn, buffer: new Uint8Array(64 * 1024) };
  });
}

const connected = kept(({ url, connections }) =>
  Promise.all(Array.from({ length: connections }, () => dial(new URL(url))))
);

const headOf = ({ pathname, host }, method, more = "") =>
  encoder.encode(
    `${method} ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`,
  );

async function writeAll(conn, bytes) {
  for (let sent = 0; sent < bytes.length;) {
    sent += await conn.write(sent === 0 ? bytes : bytes.subarray(sent));
  }
}

/** Reads a head and what came of the body: how many bytes of it that is. */
async function readHead({ conn, buffer }) {
  const n = await conn.read(buffer);
  const text = new TextDecoder("latin1").decode(buffer.subarray(0, n));
  const end = text.indexOf("\r\n\r\n") + 4;
  if (end === 3) throw new Error("the head came in pieces");
  return { text, end, more: n - end };
}

/** The size of a whole response: of the first one, for all are the same. */
async function sizeOf(connection, request) {
  await writeAll(connection.conn, request);
  const { text, end, more } = await readHead(connection);
  const length = Number(/content-length: (\d+)/i.exec(text)[1]);
  for (let left = length - more; left > 0;) {
    left -= await connection.conn.read(connection.buffer);
  }
  return end + length;
}

async function get(command) {
  const all = await connected(command);
  const request = headOf(new URL(command.url), "GET", "Accept: */*\r\n");
  const size = await sizeOf(all[0], request);
  let left = command.count;
  await Promise.all(all.map(async ({ conn, buffer }) => {
    while (left-- > 0) {
      await conn.write(request);
      for (let got = 0; got < size;) got += await conn.read(buffer);
    }
  }));
}

serve({
  get,
  getBytes: get,
  async down({ url, count }) {
    const { conn } = await dial(new URL(url));
    const buffer = new Uint8Array(256 * 1024);
    await writeAll(conn, headOf(new URL(url), "GET"));
    const { more } = await readHead({ conn, buffer });
    for (let left = count - more; left > 0;) left -= await conn.read(buffer);
    conn.close();
  },
  async up({ url, count }) {
    const { conn, buffer } = await dial(new URL(url));
    const length = `Content-Length: ${count}\r\n`;
    await writeAll(conn, headOf(new URL(url), "POST", length));
    for (let left = count; left > 0; left -= PIECE.length) {
      await writeAll(conn, PIECE);
    }
    await readHead({ conn, buffer });
    conn.close();
  },
});
