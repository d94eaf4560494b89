import type { FaultRule, Span } from "./sim_link.ts";

/**
 * What a look-up of one name answers in a {@linkcode SimNetwork}. A host of the
 * network is found by its name without any of this.
 *
 * @example A name that moves, and a server that is slow
 * ```ts
 * import { SimNetwork, VirtualClock } from "@pollen/futures/testing";
 *
 * const net = new SimNetwork({ platform: new VirtualClock() });
 * net.dns("a.test").latency(200).answers(["10.0.0.7"], ["10.0.0.8"]);
 * ```
 */
export interface SimDns {
  /**
   * The addresses of the first look-up, of the second, and so on; the last ones
   * stay. No addresses make an empty answer.
   */
  answers(...each: readonly string[][]): this;
  /** How long a look-up takes, in milliseconds. */
  latency(span: Span): this;
  /**
   * Look-ups fail: `ENOTFOUND`, there is no such host; `EAI_AGAIN`, the server
   * could not answer for now.
   */
  fails(code: "ENOTFOUND" | "EAI_AGAIN", rule?: FaultRule): this;
  /** Takes all faults back, and the latency; the answers stay. */
  heal(): void;
}
