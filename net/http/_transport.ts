import type { Context, Poll } from "../../future/mod.ts";
import type { AsyncRead } from "../io/async_read.ts";
import type { AsyncWrite } from "../io/async_write.ts";
import type { SocketAddr } from "../socket_addr.ts";

/** What a connection runs over: TCP, TLS over it, or a Unix socket. */
export interface Transport extends AsyncRead, AsyncWrite {
  readonly localAddr: SocketAddr;
  readonly remoteAddr: SocketAddr;
  pollFillBuf(cx: Context): Poll<Uint8Array | null>;
  consume(n: number): void;
  close(): void;
  ref(): void;
  unref(): void;
}
