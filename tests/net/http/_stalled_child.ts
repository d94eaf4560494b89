/**
 * Run in a process of its own, whose memory is nobody else's: sends a large
 * request to a server that does not read, and prints by how many bytes the
 * process has grown when the request is stuck, and how many were in flight.
 */
import { pollOnce } from "../../../executor/sim/mod.ts";
import { SimpleHttpClient } from "../../../net/http/mod.ts";
import { openResources } from "../../../net/mod.ts";

const MIB = 1024 * 1024;
const turn = () => new Promise((resolve) => setImmediate(resolve));

using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const accepting = listener.accept();
// Filled, so that all of its pages are there before the first look.
const request = new Uint8Array(64 * MIB).fill(1);
const client = new SimpleHttpClient(`127.0.0.1:${listener.addr.port}`, request);

const before = Deno.memoryUsage().rss;
for (let idle = 0; idle < 100;) {
  const { state } = client;
  pollOnce(client);
  await turn();
  idle = state === "Writing" ? idle + 1 : 0;
}
const grown = Deno.memoryUsage().rss - before;
const { state } = client;
const { operations } = openResources();

// Dropped, the client closes the socket, though the server does not read: what
// was sent before is there, and then the end.
client[Symbol.dispose]();
for (let i = 0; i < 100_000 && openResources().operations > 0; i++) {
  await turn();
}
const { operations: stuck } = openResources();
using conn = await accepting;
const into = new Uint8Array(MIB);
let received = 0;
try {
  for (let n; (n = await conn.read(into)) !== null;) received += n;
} catch (error) {
  if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
}
console.log(JSON.stringify({ state, grown, operations, stuck, received }));
