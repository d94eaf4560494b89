import type { AddressPolicy } from "./address_policy.ts";
import type { Network } from "./network.ts";
import type { Resolver } from "./resolver.ts";

/**
 * Where a connect is on its way. Each is entered once, in this order;
 * `resolving` only if there is a name to look up, `handshaking` only for TLS.
 */
export type ConnectPhase =
  | "resolving"
  | "connecting"
  | "handshaking"
  | "connected";

/** Milliseconds that each phase of a connect may take; no limit by default. */
export interface ConnectDeadlines {
  /** Looking the name up. */
  resolve?: number;
  /** Connecting, all addresses of the name together. */
  connect?: number;
  /** Agreeing on TLS. */
  handshake?: number;
}

/** How a stream connects. */
export interface ConnectOptions {
  /** Milliseconds for all of it, looking the name up included; no limit by default. */
  timeout?: number;
  /** Milliseconds for each phase of it. */
  deadlines?: ConnectDeadlines;
  /** Is told each phase as it begins. An exception it throws fails the connect. */
  onPhase?: (phase: ConnectPhase) => void;
  /** Who looks the name up: the operating system by default. */
  resolver?: Resolver;
  /** What may be connected to: anything by default. It sees each address. */
  policy?: AddressPolicy;
  /** Milliseconds before the next address of a name is tried beside; 250 by default. */
  attemptDelay?: number;
  /** Whether small writes are sent at once (`TCP_NODELAY`): true by default. */
  noDelay?: boolean;
  /** Whether a silent peer is asked from time to time if it is there: false by default. */
  keepAlive?: boolean;
  /** Where the socket comes from: the platform by default. */
  network?: Network;
}
