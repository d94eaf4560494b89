/** TLS listeners and connections over loopback, with the certificates of the tests. */
import { co, type Future, join, map } from "../../future/mod.ts";
import {
  type TlsBindOptions,
  TlsListener,
  type TlsOptions,
  TlsStream,
} from "../../net/mod.ts";
import { CA, SERVER } from "./_certs.ts";

/** What a client needs to trust the listener. */
export const trusting: TlsOptions = { caCerts: [CA] };

/** A listener that shows the certificate of the tests' server. */
export function listenTls(options: Partial<TlsBindOptions> = {}): TlsListener {
  return TlsListener.bind({ port: 0, ...SERVER, ...options });
}

/** Two ends of a TLS connection whose handshake is done: client, server. */
export function connectedTls(
  tls: TlsOptions = {},
  bind: Partial<TlsBindOptions> = {},
): Future<[TlsStream, TlsStream]> {
  return co(function* () {
    using listener = listenTls(bind);
    // One may be there when the other is given up: a join forgets it then.
    using open = new DisposableStack();
    const keep = (stream: TlsStream) => open.use(stream);
    const ends = yield* join([
      map(
        TlsStream.connect(listener.addr, { tls: { ...trusting, ...tls } }),
        keep,
      ),
      map(listener.accept(), keep),
    ]);
    open.move();
    return ends;
  });
}
