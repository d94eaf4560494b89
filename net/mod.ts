/**
 * TCP, TLS and Unix sockets for futures: connecting, listening, looking up
 * host names.
 *
 * The operating system's operations complete and cannot be recalled; these
 * sockets keep them in slots of their own, so that a future can be dropped at
 * any moment and no byte and no connection is lost.
 *
 * Every failure is a {@linkcode NetError} that says during what it happened and
 * where; a missing permission names the flag to pass.
 *
 * @example Usage
 * ```ts
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { TcpListener, TcpStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * using listener = TcpListener.bind({ port: 0 });
 * const server = co(function* () {
 *   using stream = yield* listener.accept();
 *   yield* stream.writeAll(new Uint8Array([42]));
 * });
 * const client = co(function* () {
 *   using stream = yield* TcpStream.connect(listener.addr);
 *   const byte = new Uint8Array(1);
 *   yield* stream.read(byte);
 *   return byte[0];
 * });
 * assertEquals((await run(join([server, client])))[1], 42);
 * ```
 *
 * @module
 */

export { type AddressPolicy, publicOnly } from "./address_policy.ts";
export type * from "./byte_stream.ts";
export type * from "./connect_options.ts";
export * from "./errors.ts";
export * from "./lookup_host.ts";
export type * from "./network.ts";
export * from "./open_resources.ts";
export {
  type CachingResolver,
  cachingResolver,
  type CachingResolverOptions,
  type Resolver,
} from "./resolver.ts";
export { type Acceptor, serve, type ServeOptions, Server } from "./serve.ts";
export type { SocketAddr } from "./socket_addr.ts";
export { SocketListener } from "./socket_listener.ts";
export { SocketStream } from "./socket_stream.ts";
export { type BindOptions, TcpListener } from "./tcp_listener.ts";
export { TcpStream } from "./tcp_stream.ts";
export { type TlsBindOptions, TlsListener } from "./tls_listener.ts";
export {
  type StartTlsOptions,
  type TlsConnectOptions,
  type TlsOptions,
  TlsStream,
} from "./tls_stream.ts";
export type { UnixAddr } from "./unix_addr.ts";
export { type UnixBindOptions, UnixListener } from "./unix_listener.ts";
export { type UnixConnectOptions, UnixStream } from "./unix_stream.ts";
