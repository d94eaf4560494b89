/**
 * The server where there is no cargo to build the other one with; it does the
 * same, see `rust/src/server.rs`.
 */
import process from "node:process";
import { createInterface } from "node:readline";

const BLOCK = 256 * 1024;
const block = new Uint8Array(BLOCK).fill(120);
const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");
const answers = new Map<string, Uint8Array>();

function answerTo(path: string): Uint8Array {
  let answer = answers.get(path);
  if (answer !== undefined) return answer;
  const [, kind, number] = path.split("/");
  const n = Number(number ?? 0);
  const [fields, bytes] = kind === "f" ? [n, 2] : [0, n];
  let text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n";
  for (let i = 0; i < fields; i++) {
    text += `X-Field-${i}: the value of field ${i}\r\n`;
  }
  text += `Content-Length: ${bytes}\r\n\r\n${"x".repeat(bytes)}`;
  answer = encoder.encode(text);
  answers.set(path, answer);
  return answer;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await conn.write(sent === 0 ? bytes : bytes.subarray(sent));
  }
}

const ends = (bytes: Uint8Array, end: string) =>
  decoder.decode(bytes.subarray(-end.length)) === end;

async function serve(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(BLOCK);
  let filled = 0;
  for (;;) {
    const n = await conn.read(buffer.subarray(filled));
    if (n === null) return;
    filled += n;
    const head = decoder.decode(buffer.subarray(0, filled));
    const end = head.indexOf("\r\n\r\n") + 4;
    if (end === 3) continue;
    const path = head.slice(head.indexOf(" ") + 1, head.indexOf(" HTTP/"));
    if (path.startsWith("/down/")) {
      const total = Number(path.slice("/down/".length));
      await writeAll(
        conn,
        encoder.encode(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`),
      );
      for (let left = total; left > 0; left -= BLOCK) {
        await writeAll(conn, block.subarray(0, left));
      }
      filled = 0;
      continue;
    }
    if (path === "/up") {
      await swallow(conn, buffer, buffer.subarray(end, filled), head);
    }
    await writeAll(conn, answerTo(path));
    filled = 0;
  }
}

async function swallow(
  conn: Deno.Conn,
  buffer: Uint8Array,
  first: Uint8Array,
  head: string,
): Promise<void> {
  const length = /content-length: *(\d+)/i.exec(head);
  if (length !== null) {
    for (let left = Number(length[1]) - first.length; left > 0;) {
      left -= await conn.read(buffer) ?? left;
    }
    return;
  }
  const last = "\r\n0\r\n\r\n";
  let tail = first.slice(-last.length);
  while (!ends(tail, last)) {
    const n = await conn.read(buffer);
    if (n === null) return;
    const more = buffer.subarray(Math.max(0, n - last.length), n);
    tail = new Uint8Array([...tail, ...more]).slice(-last.length);
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ port: listener.addr.port }));
(async () => {
  for await (const conn of listener) {
    serve(conn).catch(() => {}).finally(() => conn.close());
  }
})();
for await (const _ of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpu: (user + system) / 1000 }));
}
Deno.exit(0);
