/**
 * A worker with an HTTP server that sends a large response to each client: on
 * a thread of its own, so that what is measured beside it is the client alone.
 *
 * The first message to it is the number of mebibytes; its answer is the port.
 */
const MIB = 1024 * 1024;

/** The mebibyte at a place of the response. */
export function blockAt(index: number): Uint8Array {
  const block = new Uint8Array(MIB).fill(index);
  for (let i = 0; i < MIB; i += 1024) block[i] = i / 1024 + 1;
  return block;
}

async function answer(conn: Deno.Conn, mebibytes: number): Promise<void> {
  await conn.read(new Uint8Array(1024)); // the request
  for (let i = 0; i < mebibytes; i++) {
    const block = blockAt(i);
    for (let at = 0; at < MIB;) at += await conn.write(block.subarray(at));
  }
  conn.close();
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<number>) => void) | null;
  postMessage(message: number): void;
}

if (
  typeof (globalThis as { WorkerGlobalScope?: unknown }).WorkerGlobalScope ===
    "function"
) {
  const scope = globalThis as unknown as WorkerScope;
  scope.onmessage = async ({ data: mebibytes }) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    scope.postMessage(listener.addr.port);
    for await (const conn of listener) await answer(conn, mebibytes);
  };
}
