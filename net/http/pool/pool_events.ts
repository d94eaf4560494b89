import type { SocketAddr } from "../../socket_addr.ts";
import type { UnixAddr } from "../../unix_addr.ts";

/** Something happened to a connection of a pool. */
export interface PoolEvent {
  /**
   * It was opened; or closed; or what a response had left on it was read, so
   * that it can be used again.
   */
  readonly type: "opened" | "closed" | "drained";
  /** Which connection, by its number within the client. */
  readonly connection: number;
  /** What its connections have in common: the origin, and the proxy if any. */
  readonly key: string;
  /** Why, if it was closed. */
  readonly why: string;
}

/** A connection of a pool at a moment. */
export interface ConnectionSnapshot {
  /** Its number within the client. */
  readonly id: number;
  /** What its connections have in common: the origin, and the proxy if any. */
  readonly key: string;
  /** What it is at. */
  readonly state: "busy" | "idle" | "draining" | "closed";
  /** How many requests were sent over it. */
  readonly requests: number;
  /** Milliseconds since it was opened. */
  readonly age: number;
  /** Milliseconds since it became idle; 0 if it is not. */
  readonly idle: number;
  /** This end of it. */
  readonly localAddr: SocketAddr | UnixAddr;
  /** The peer's end of it. */
  readonly remoteAddr: SocketAddr | UnixAddr;
}

/** What has happened in a pool since the client was made. */
export interface PoolTotals {
  /** Connections that were made. */
  readonly opened: number;
  /** How often a connection was used again. */
  readonly reused: number;
  /** Requests that had to wait for a connection. */
  readonly queued: number;
  /** How often a kept connection turned out, in use, to be at its end. */
  readonly stale: number;
  /** How often the rest of a body was read to keep its connection. */
  readonly drained: number;
  /** Connections that were closed, by the reason, as events tell it. */
  readonly closed: Readonly<Record<string, number>>;
}

/** A pool at a moment. */
export interface PoolSnapshot {
  /** The connections that are open. */
  readonly connections: readonly ConnectionSnapshot[];
  /** How many are being made. */
  readonly dialling: number;
  /** How many requests wait for one. */
  readonly waiting: number;
  /** What has happened so far. */
  readonly totals: PoolTotals;
}
