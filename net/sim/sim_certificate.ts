import { checkNames, type Names } from "../../future/_option_names.ts";
import { nameOf } from "../../future/future.ts";
import type { TlsIdentity } from "../network.ts";

/** What a certificate of a simulation may have wrong with it. */
export type CertificateFault = "unknown issuer" | "expired" | "not yet valid";

/** What a certificate says. */
export interface Certificate {
  names: string[];
  fault?: CertificateFault | undefined;
  clients?: string[] | undefined;
}

/** What there is to a certificate of a simulation besides its names. */
export interface SimCertificateOptions {
  /** What is wrong with it: nothing by default. */
  fault?: CertificateFault;
  /**
   * The names of which a client's own certificate must have one, if the server
   * with this one is to talk to it: clients are not asked for any by default. One
   * that is turned away finds the connection cut, at its first read.
   */
  clients?: readonly string[];
}

const NAMES: Names<SimCertificateOptions> = { fault: true, clients: true };
const FAULTS: readonly CertificateFault[] = [
  "unknown issuer",
  "expired",
  "not yet valid",
];

function checkTexts(what: string, texts: unknown): void {
  if (Array.isArray(texts) && texts.every((each) => typeof each === "string")) {
    return;
  }
  throw new TypeError(
    `Cannot use ${what}: they must be an array of texts, got ${nameOf(texts)}`,
  );
}

/**
 * A certificate for a server of a {@linkcode SimNetwork}, or for a client of its
 * own, which only such a network understands: it has names, and nothing of a real
 * one. TLS over a simulated network is a stand-in: both sides say who they are and
 * which protocols they speak, names are compared and ends of streams are
 * announced, but nothing is encrypted.
 *
 * @param names The hosts that it is for; or what a client is called.
 * @param options What is wrong with it, in a word or with what else there is.
 * @returns A certificate and a key, in the form of PEM.
 * @throws {TypeError} If names or an option are of the wrong kind, or an option is
 * unknown.
 *
 * @example Usage
 * ```ts
 * import { simCertificate, simulate } from "@pollen/futures/testing";
 * import { TlsListener, TlsStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * await simulate({ runs: 10 }, function* (sim) {
 *   sim.host("a.test", function* (host) {
 *     using listener = TlsListener.bind({
 *       hostname: host.address,
 *       port: 443,
 *       network: host,
 *       ...simCertificate(["a.test"]),
 *     });
 *     using stream = yield* listener.accept();
 *     yield* stream.writeAll(new Uint8Array([42]));
 *     yield* stream.shutdown();
 *   });
 *   using stream = yield* TlsStream.connect("a.test:443", { network: sim.net });
 *   assertEquals(yield* stream.read(new Uint8Array(8)), 1);
 * });
 * ```
 */
export function simCertificate(
  names: readonly string[],
  options: CertificateFault | SimCertificateOptions = {},
): TlsIdentity {
  const all = typeof options === "string" ? { fault: options } : options;
  checkNames(all, NAMES);
  const { fault, clients }: SimCertificateOptions = all;
  checkTexts("names", names);
  if (clients !== undefined) checkTexts("clients", clients);
  if (fault !== undefined && !FAULTS.includes(fault)) {
    throw new TypeError(
      `Cannot use fault: it must be ${
        FAULTS.map((each) => `"${each}"`).join(" or ")
      }, got ${typeof fault === "string" ? `"${fault}"` : nameOf(fault)}`,
    );
  }
  const said: Certificate = {
    names: [...names],
    fault,
    clients: clients && [...clients],
  };
  const body = btoa(JSON.stringify(said));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${
      btoa("simulated")
    }\n-----END PRIVATE KEY-----\n`,
  };
}

/** Reads what `simCertificate` has made; one of another kind is for nobody. */
export function certificateOf(pem: string): Certificate {
  try {
    const body = pem.split("-----")[2] ?? "";
    const said: unknown = JSON.parse(atob(body.trim()));
    if (Array.isArray((said as Certificate).names)) return said as Certificate;
  } catch {
    // a real one
  }
  return { names: [], fault: "unknown issuer" };
}
