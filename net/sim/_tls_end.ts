import { platformError } from "../_deno.ts";
import type { Completion, RawTlsStream } from "../network.ts";
import type { SocketAddr } from "../socket_addr.ts";
import type { End } from "./_end.ts";
import type { Certificate } from "./sim_certificate.ts";

/** What one side tells the other first. */
export type Hello =
  | { from: "client"; serverName: string; protocols: readonly string[] }
  | { from: "server"; certificate: Certificate; protocols: readonly string[] };

/**
 * TLS over a simulated connection, as a stand-in: each side sends what it is, as
 * text behind its length, and judges what the other is. What comes after goes
 * through as it is, and an end that was not announced is none.
 */
export class TlsEnd implements RawTlsStream {
  readonly #end: End;
  readonly #hello: Hello;

  constructor(end: End, hello: Hello) {
    this.#end = end;
    this.#hello = hello;
  }

  get localAddr(): SocketAddr {
    return this.#end.localAddr;
  }

  get remoteAddr(): SocketAddr {
    return this.#end.remoteAddr;
  }

  handshake(done: Completion<string | null>): void {
    const { reject } = done;
    this.#say(
      encode(this.#hello),
      reject,
      () =>
        this.#hear(
          2,
          reject,
          (size) =>
            this.#hear(size[0]! * 256 + size[1]!, reject, (bytes) =>
              this.#judge(JSON.parse(new TextDecoder().decode(bytes)), done)),
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
      ? complaint(server.certificate, client.serverName)
      : null;
    if (why !== null) {
      return done.reject(
        platformError("InvalidData", `invalid peer certificate: ${why}`),
      );
    }
    const agreed = server.protocols.find((each) =>
      client.protocols.includes(each)
    );
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
    this.#end.sayGoodbye();
    this.#end.close();
  }
}

/** What is wrong with a certificate, in the words of rustls. */
function complaint(
  { names, fault }: Certificate,
  serverName: string,
): string | null {
  switch (fault) {
    case "unknown issuer":
      return "UnknownIssuer";
    case "expired":
      return "certificate expired";
    case "not yet valid":
      return "certificate not valid yet";
    case undefined:
      return names.includes(serverName)
        ? null
        : `certificate not valid for name "${serverName}"`;
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
