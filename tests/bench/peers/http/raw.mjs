/**
 * The floor: connections of the platform's, the same bytes written again and
 * again, and no parsing. That a response is whole is known by its size.
 */
import { kept, PIECE, serve } from "./_client.mjs";

const encoder = new TextEncoder();
/** Bytes to be read at a time, of a large body. */
const LARGE = 256 * 1024;

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

/** Sends a body, while it listens for what the server may say before its end. */
async function upload({ url, count }, { conn, buffer }) {
  const answered = readHead({ conn, buffer });
  const length = `Content-Length: ${count}\r\n`;
  await writeAll(conn, headOf(new URL(url), "POST", length));
  for (let left = count; left > 0; left -= PIECE.length) {
    await writeAll(conn, PIECE);
  }
  await answered;
}

/** Reads a body, each time into the memory that it is told. */
async function download({ url, count }, { conn }, memory) {
  await writeAll(conn, headOf(new URL(url), "GET"));
  let { more: got } = await readHead({ conn, buffer: new Uint8Array(LARGE) });
  while (got < count) got += await conn.read(memory(got));
}

async function downloadOnce(command, memory) {
  const connection = await dial(new URL(command.url));
  await download(command, connection, memory);
  connection.conn.close();
}

serve({
  get,
  getBytes: get,
  down(command) {
    const buffer = new Uint8Array(LARGE);
    return downloadOnce(command, () => buffer);
  },
  /** Over one connection from round to round, as clients do. */
  async downKept(command) {
    const [connection] = await connected({ ...command, connections: 1 });
    const buffer = new Uint8Array(LARGE);
    await download(command, connection, () => buffer);
  },
  /** Each piece in memory of its own, which is what a stream has to give. */
  downStream: (command) => downloadOnce(command, () => new Uint8Array(LARGE)),
  downBytes(command) {
    const all = new Uint8Array(command.count);
    return downloadOnce(command, (got) => all.subarray(got, got + LARGE));
  },
  async up(command) {
    const connection = await dial(new URL(command.url));
    await upload(command, connection);
    connection.conn.close();
  },
  /** Over one connection from round to round, as clients do. */
  async upKept(command) {
    const [connection] = await connected({ ...command, connections: 1 });
    await upload(command, connection);
  },
});
