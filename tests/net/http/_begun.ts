/** A response whose head has come over a scripted network, and its body. */
import { assert, assertEquals } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { type Future, Pending } from "../../../future/mod.ts";
import { HttpClient, type HttpResponse } from "../../../net/http/mod.ts";
import type { ScriptedNetwork } from "../_scripted_network.ts";

export const KIB = 1024;
export const HEAD = "HTTP/1.1 200 OK\r\n";

/** A response whose head has come. */
export function begun(
  network: ScriptedNetwork,
  head: string,
): { client: HttpClient; response: HttpResponse } {
  const client = new HttpClient({ network });
  const future = client.get("http://10.0.0.1/");
  assertEquals(pollOnce(future), Pending);
  network.connected();
  assertEquals(pollOnce(future), Pending);
  network.sends();
  network.arrives(head);
  const response = pollOnce(future);
  assert(response !== Pending);
  return { client, response };
}

/** Bytes that differ from place to place. */
export function pattern(length: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const at = from + i;
    bytes[i] = (at * 31) ^ (at >> 8) ^ (at >> 16);
  }
  return bytes;
}

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

export function assertSame(
  a: Uint8Array,
  b: Uint8Array,
  message: string,
): void {
  assertEquals(a.length, b.length, message);
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) assertEquals(a[i], b[i], `${message}, byte ${i}`);
  }
}

/** Does something as often as it is pending, with `more` in between. */
export function until<T>(more: () => void, step: () => T | typeof Pending): T {
  for (;;) {
    const value = step();
    if (value !== Pending) return value;
    more();
  }
}

export function finish<T>(future: Future<T>, more: () => void): T {
  return until(more, () => pollOnce(future));
}
