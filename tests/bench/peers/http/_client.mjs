/**
 * What the peers in JavaScript have in common, on Deno and on Node: they take
 * what is to be measured line by line, and answer with milliseconds, by the
 * clock and of the processor.
 *
 * The lines are `{ do, url, connections, count }`; `count` is requests for
 * `get`, and bytes for all else. A client is an object with a method for each
 * that it can do; it keeps its connections from line to line.
 */
import process from "node:process";
import { createInterface } from "node:readline";

export const PIECE = new Uint8Array(64 * 1024).fill(120);

/** A package: by a name that no checker follows, for here it is not to be had. */
export const load = (name) => import(name);

export async function serve(client) {
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    const start = performance.now();
    const before = process.cpuUsage();
    await client[command.do](command);
    const { user, system } = process.cpuUsage(before);
    const wall = performance.now() - start;
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));
  }
  process.exit(0);
}

/** So many loops, that come to so many calls together. */
export function loops({ connections, count }, once) {
  let left = count;
  const loop = async (index) => {
    while (left-- > 0) await once(index);
  };
  return Promise.all(Array.from({ length: connections }, (_, i) => loop(i)));
}

/** What `make` makes of the number of connections, once for each. */
export function kept(make) {
  const all = new Map();
  return (command) => {
    const { connections } = command;
    if (!all.has(connections)) all.set(connections, make(command));
    return all.get(connections);
  };
}

/** A body of so many bytes; the pieces are the same memory again and again. */
export function* pieces(total) {
  for (let left = total; left > 0; left -= PIECE.length) {
    yield left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
  }
}

/** The same as a stream of the web's. */
export function webPieces(total) {
  const source = pieces(total);
  return new ReadableStream({
    pull(controller) {
      const { done, value } = source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Reads a body of the web's, piece by piece. */
export async function drain(response, total) {
  let got = 0;
  for await (const piece of response.body) got += piece.length;
  expect(got, total);
}

/** Reads it into one memory, again and again. */
export async function drainInto(response, total) {
  const reader = response.body.getReader({ mode: "byob" });
  let memory = new Uint8Array(256 * 1024);
  let got = 0;
  for (;;) {
    const { done, value } = await reader.read(memory);
    if (done) return expect(got, total);
    got += value.length;
    memory = new Uint8Array(value.buffer);
  }
}

export function expect(got, wanted) {
  if (got !== wanted) throw new Error(`got ${got}, not ${wanted}`);
}
