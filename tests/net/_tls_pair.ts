import { run } from "../../executor/mod.ts";
import { co, type Future } from "../../future/mod.ts";
import type {
  TcpStream,
  TlsBindOptions,
  TlsOptions,
  TlsStream,
} from "../../net/mod.ts";
import { text } from "./_sockets.ts";
import { connectedTls } from "./_tls.ts";

interface TlsPair extends Disposable {
  client: TlsStream;
  server: TlsStream;
}

/** Two ends of a TLS connection whose handshake is done. */
export async function tlsPair(
  tls: TlsOptions = {},
  bind: Partial<TlsBindOptions> = {},
): Promise<TlsPair> {
  const [client, server] = await run(connectedTls(tls, bind));
  return {
    client,
    server,
    [Symbol.dispose]() {
      client.close();
      server.close();
    },
  };
}

/** All that comes until the end, as text. */
export function readAll(stream: TlsStream | TcpStream): Future<string> {
  return co(function* () {
    const into = new Uint8Array(1024);
    let all = "";
    for (let n; (n = yield* stream.read(into)) !== null;) {
      all += text(into.subarray(0, n));
    }
    return all;
  });
}
