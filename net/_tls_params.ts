import { nameOf } from "../future/future.ts";
import { checkNames } from "../future/_option_names.ts";
import { checkObject } from "./_options.ts";
import type { TlsIdentity, TlsParams } from "./network.ts";
import { parseHost } from "./socket_addr.ts";

/** What the options of a TLS client may say; whoever calls knows the rest. */
interface TlsClientOptions {
  serverName?: string;
  caCerts?: readonly string[];
  alpnProtocols?: readonly string[];
}

/**
 * Checks what a TLS client is to bring to the handshake.
 *
 * @throws {TypeError} That says what is malformed.
 */
export function checkTls(
  options: TlsClientOptions,
  known: object,
  fallbackName?: string,
): TlsParams {
  checkObject("TLS options", options);
  checkNames(options, known);
  return {
    serverName: checkServerName(options.serverName ?? fallbackName),
    caCerts: checkCaCerts(options.caCerts),
    alpnProtocols: checkAlpn(options.alpnProtocols),
  };
}

function checkServerName(name: unknown): string {
  if (typeof name !== "string") {
    throw bad("serverName", `it must be a host name, got ${nameOf(name)}`);
  }
  try {
    const { hostname, port } = parseHost(name);
    if (port === 0) return hostname;
  } catch (cause) {
    throw bad("serverName", "it is no host name", { cause });
  }
  throw bad("serverName", "it must be a host name, without a port");
}

function checkCaCerts(certs: unknown): readonly string[] {
  if (certs === undefined) return [];
  if (!Array.isArray(certs)) {
    throw bad(
      "caCerts",
      `it must be an array of PEM texts, got ${nameOf(certs)}`,
    );
  }
  certs.forEach((cert, i) => checkPem(`caCerts[${i}]`, cert, "CERTIFICATE"));
  return [...certs];
}

const encoder = new TextEncoder();

export function checkAlpn(protocols: unknown): readonly string[] {
  if (protocols === undefined) return [];
  if (!Array.isArray(protocols)) {
    throw bad(
      "alpnProtocols",
      `it must be an array of texts, got ${nameOf(protocols)}`,
    );
  }
  for (const each of protocols) {
    // RFC 7301, section 3.1: at least one byte, and a length in one byte.
    const length = typeof each === "string" ? encoder.encode(each).length : 0;
    if (length < 1 || length > 255) {
      throw bad("alpnProtocols", "each must be a text of 1 to 255 bytes");
    }
  }
  return [...protocols];
}

/**
 * Checks a certificate and its key, as far as that goes without reading them.
 * Nothing of them stands in an error.
 */
export function checkIdentity(
  { cert, key }: { cert?: unknown; key?: unknown },
): TlsIdentity {
  return {
    cert: checkPem("cert", cert, "CERTIFICATE"),
    key: checkPem("key", key, "(?:RSA |EC )?PRIVATE KEY"),
  };
}

function checkPem(what: string, text: unknown, label: string): string {
  if (typeof text !== "string") {
    throw bad(what, `it must be a PEM text, got ${nameOf(text)}`);
  }
  const block = new RegExp(
    `-----BEGIN (${label})-----\\s([A-Za-z0-9+/=\\s]+)-----END \\1-----`,
  ).exec(text);
  if (block === null) throw bad(what, `it has no PEM block of its kind`);
  try {
    atob(block[2]!);
  } catch {
    throw bad(what, "its PEM block is no base64");
  }
  return text;
}

function bad(what: string, why: string, options?: ErrorOptions): TypeError {
  return new TypeError(`Cannot use TLS with this ${what}: ${why}`, options);
}
