import type {
  Completion,
  RawStream,
  RawTlsStream,
  TlsParams,
} from "../network.ts";
import type { SocketAddr } from "../socket_addr.ts";
import { End } from "./_end.ts";
import { TlsEnd } from "./_tls_end.ts";

/** One end of a simulated TCP connection. */
export class TcpEnd extends End<SocketAddr> implements RawStream {
  setNoDelay(): void {}

  setKeepAlive(): void {}

  startTls(params: TlsParams, done: Completion<RawTlsStream>): void {
    const { fabric } = this;
    fabric.operations++;
    fabric.soon(() => {
      fabric.operations--;
      done.resolve(TlsEnd.client(this, params));
    });
  }
}
