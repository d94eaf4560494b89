import { platformError } from "../_deno.ts";
import type {
  Completion,
  ListenTlsOptions,
  RawTlsStream,
  TlsIdentity,
  TlsParams,
} from "../network.ts";
import type { SocketAddr } from "../socket_addr.ts";
import type { End } from "./_end.ts";
import { type Certificate, certificateOf } from "./sim_certificate.ts";

/** What one side tells the other first. */
type Hello =
  | {
    from: "client";
    serverName: string;
    protocols: readonly string[];
    /** Its own, if it has one. */
    certificate?: Certificate;
  }
  | { from: "server"; certificate: Certificate; protocols: readonly string[] };

/**
 * TLS over a simulated connection, as a stand-in: each side sends what it is, as
 * text behind its length, and judges what the other is. What comes after goes
 * through as it is, and an end that was not announced is none.
 */
export class TlsEnd implements RawTlsStream {
  readonly #end: End<SocketAddr>;
  readonly #hello: Hello;
  /** Whether the handshake is done, and both are content. */
  #hasAgreed = false;

  private constructor(end: End<SocketAddr>, hello: Hello) {
    this.#end = end;
    this.#hello = hello;
  }

  static client(
    end: End<SocketAddr>,
    { serverName, alpnProtocols, cert }: TlsParams & Partial<TlsIdentity>,
  ): TlsEnd {
    return new TlsEnd(end, {
      from: "client",
      serverName,
      protocols: alpnProtocols,
      ...cert !== undefined ? { certificate: certificateOf(cert) } : {},
    });
  }

  static server(
    end: End<SocketAddr>,
    { cert, alpnProtocols }: ListenTlsOptions,
  ): TlsEnd {
    return new TlsEnd(end, {
      from: "server",
      certificate: certificateOf(cert),
      protocols: alpnProtocols,
    });
  }

  get localAddr(): SocketAddr {
    return this.#end.localAddr;
  }

  get remoteAddr(): SocketAddr {
    return this.#end.remoteAddr;
  }

  /** The client speaks first. */
  handshake(done: Completion<string | null>): void {
    const { reject } = done;
    const own = encode(this.#hello);
    const judge = (peer: Hello) => this.#judge(peer, done);
    if (this.#hello.from === "client") {
      this.#say(own, reject, () => this.#hearHello(reject, judge));
    } else {
      this.#hearHello(
        reject,
        (peer) => this.#say(own, reject, () => judge(peer)),
      );
    }
  }

  #hearHello(
    reject: (error: unknown) => void,
    then: (peer: Hello) => void,
  ): void {
    this.#hear(
      2,
      reject,
      (size) =>
        this.#hear(
          size[0]! * 256 + size[1]!,
          reject,
          (bytes) => then(JSON.parse(new TextDecoder().decode(bytes))),
        ),
    );
  }

  /** Sends all of it. */
  #say(
    bytes: Uint8Array,
    reject: (error: unknown) => void,
    then: () => void,
  ): void {
    if (bytes.byteLength === 0) return then();
    this.#end.write(bytes, {
      resolve: (n) => this.#say(bytes.subarray(n), reject, then),
      reject,
    });
  }

  /** Receives so many bytes. */
  #hear(
    length: number,
    reject: (error: unknown) => void,
    then: (bytes: Uint8Array) => void,
    got: Uint8Array = new Uint8Array(length),
    from = 0,
  ): void {
    if (from === length) return then(got);
    this.#end.read(got.subarray(from), {
      resolve: (n) =>
        n === null
          ? reject(platformError("UnexpectedEof", "tls handshake eof"))
          : this.#hear(length, reject, then, got, from + n),
      reject,
    });
  }

  #judge(peer: Hello, done: Completion<string | null>): void {
    const own = this.#hello;
    const [client, server] = own.from === "client" ? [own, peer] : [peer, own];
    if (client.from !== "client" || server.from !== "server") {
      return done.reject(
        platformError("InvalidData", "received corrupt message"),
      );
    }
    const why = own.from === "client"
      ? complaint(server.certificate, [client.serverName])
      : complaintOfClient(server.certificate.clients, client.certificate);
    if (why !== null) return done.reject(platformError("InvalidData", why));
    const agreed = server.protocols.find((each) =>
      client.protocols.includes(each)
    );
    this.#hasAgreed = true;
    done.resolve(agreed ?? null);
  }

  read(into: Uint8Array, done: Completion<number | null>): void {
    this.#end.read(into, {
      resolve: (n) =>
        n === null && !this.#end.wasToldGoodbye
          ? done.reject(
            platformError(
              "UnexpectedEof",
              "peer closed connection without sending TLS close_notify",
            ),
          )
          : done.resolve(n),
      reject: done.reject,
    });
  }

  write(bytes: Uint8Array, done: Completion<number>): void {
    this.#end.write(bytes, done);
  }

  closeWrite(done: Completion<void>): void {
    this.#end.sayGoodbye();
    this.#end.closeWrite(done);
  }

  close(): void {
    if (this.#hasAgreed) this.#end.sayGoodbye();
    this.#end.close();
  }
}

/** What a server has against a client, if it asks for certificates at all. */
function complaintOfClient(
  wanted: readonly string[] | undefined,
  certificate: Certificate | undefined,
): string | null {
  if (wanted === undefined) return null;
  return certificate === undefined
    ? "peer sent no certificates"
    : complaint(certificate, wanted);
}

/** What is wrong with a certificate, in the words of rustls. */
function complaint(
  { names, fault }: Certificate,
  wanted: readonly string[],
): string | null {
  const invalid = "invalid peer certificate:";
  switch (fault) {
    case "unknown issuer":
      return `${invalid} UnknownIssuer`;
    case "expired":
      return `${invalid} certificate expired`;
    case "not yet valid":
      return `${invalid} certificate not valid yet`;
    case undefined:
      return names.some((name) => wanted.includes(name))
        ? null
        : `${invalid} certificate not valid for name "${wanted.join('", "')}"`;
  }
}

function encode(hello: Hello): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(hello));
  const framed = new Uint8Array(2 + bytes.byteLength);
  framed[0] = bytes.byteLength >> 8;
  framed[1] = bytes.byteLength & 255;
  framed.set(bytes, 2);
  return framed;
}
