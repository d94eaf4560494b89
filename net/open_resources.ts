import { ledger } from "./_ledger.ts";

/** What `openResources` counts. */
export interface OpenResources {
  /** Streams that are connected and not closed. */
  readonly streams: number;
  /** Listeners that are not closed. */
  readonly listeners: number;
  /**
   * Operations that the platform has not completed: reads, writes, accepts,
   * connects, lookups. One that was dropped counts until the platform is done
   * with it.
   */
  readonly operations: number;
}

/**
 * Counts what `net` holds at the moment, all executors together: for leak
 * tests and for monitoring.
 *
 * @returns The counts.
 *
 * @example Usage
 * ```ts
 * import { openResources, TcpListener } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * const before = openResources().listeners;
 * {
 *   using _listener = TcpListener.bind({ port: 0 });
 *   assertEquals(openResources().listeners, before + 1);
 * }
 * assertEquals(openResources().listeners, before);
 * ```
 */
export function openResources(): OpenResources {
  return { ...ledger };
}
