import { assertEquals } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { Pending } from "../../../future/mod.ts";
import {
  SimpleHttpClient,
  type SimpleHttpState,
} from "../../../net/http/mod.ts";
import type { ScriptedNetwork } from "../_scripted_network.ts";
import { bytes } from "../_sockets.ts";

export const WALK: string[] = [
  "Initial -> Resolving",
  "Resolving -> Connecting",
  "Connecting -> Writing",
  "Writing -> Reading",
  "Reading -> Closed",
];

/** A client that notes its steps. */
export function traced(
  network: ScriptedNetwork,
  address = "example.test:80",
  request: Uint8Array = bytes("request"),
): { client: SimpleHttpClient; steps: string[] } {
  const steps: string[] = [];
  const client = new SimpleHttpClient(address, request, {
    network,
    onTransition: (from, to) => steps.push(`${from} -> ${to}`),
  });
  return { client, steps };
}

/** What brings a client that is pending in one state into the next. */
export const ADVANCE: Record<
  "Resolving" | "Connecting" | "Writing" | "Reading",
  (network: ScriptedNetwork) => void
> = {
  Resolving: (network) =>
    network.take("resolve").done.resolve(["10.0.0.1", "10.0.0.2"]),
  Connecting: (network) => void network.connected(),
  Writing: (network) => void network.sends(),
  Reading: (network) => network.arrives("response"),
};

/** The states in which a client can be pending, in order. */
export const PENDING_STATES = Object.keys(ADVANCE) as (keyof typeof ADVANCE)[];

/** Polls a client until it is pending in the state. */
export function walkTo(
  client: SimpleHttpClient,
  network: ScriptedNetwork,
  state: SimpleHttpState,
): void {
  if (state === "Initial") return;
  assertEquals(pollOnce(client), Pending);
  for (const each of PENDING_STATES) {
    assertEquals(client.state, each);
    if (each === state) return;
    ADVANCE[each](network);
    assertEquals(pollOnce(client), Pending);
  }
}
