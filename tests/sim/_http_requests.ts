// Requests of all kinds at random, and what each must come to.
import { co } from "../../future/mod.ts";
import { iter, type Stream, thenStream } from "../../future/stream/mod.ts";
import type { HttpRequest, HttpResponse } from "../../net/http/mod.ts";
import type { NetSim } from "../../net/sim/mod.ts";
import { contentOf } from "./_http_answers.ts";
import { HEALED, one, whole } from "./_http_faults.ts";

/** A request, and what is known about it. */
export interface Work {
  id: string;
  kind: string;
  size: number;
  method: string;
  server: string;
  request: HttpRequest;
}

/** A body that was to be sent has failed by itself. */
export class SourceFailed extends Error {}

const encoder = new TextEncoder();
const CODINGS = ["gzip", "deflate", "br", "zstd"];

export function randomWork(
  sim: NetSim,
  id: string,
  servers: readonly string[],
): Work {
  const to = one(sim, servers);
  const method = one(sim, [
    "GET",
    "GET",
    "GET",
    "HEAD",
    "POST",
    "POST",
    "PUT",
  ]);
  const coded = `coded-${one(sim, CODINGS)}-${
    one(sim, ["whole", "chunked", "close"])
  }`;
  const kind = one(sim, [
    "plain",
    "plain",
    coded,
    coded,
    coded,
    "chunked",
    "close",
    "busy",
    `busy-${whole(sim, 1, 3)}`,
    "early",
    `307-${to}`,
    `303-${to}`,
    "events",
    "upgrade",
  ]);
  const size = one(sim, [0, whole(sim, 0, 100), whole(sim, 0, 4000)]);
  // What is asked once is a GET.
  const isGet = kind === "events" || kind === "upgrade";
  return workOf(
    sim,
    id,
    isGet ? "GET" : method,
    kind,
    size,
    one(sim, servers),
  );
}

export function workOf(
  sim: NetSim,
  id: string,
  method: string,
  kind: string,
  size: number,
  server: string,
): Work {
  const scheme = server.startsWith("s") ? "https" : "http";
  const url = `${scheme}://${server}/${kind}/${id}/${size}`;
  const headers: Record<string, string> = {};
  // For this server's eyes: it must not go along to another one.
  if (sim.random() < 0.2) headers.authorization = server;
  if (kind === "upgrade") {
    headers.connection = "upgrade";
    headers.upgrade = "echo";
  }
  const request: HttpRequest = { method, url, headers };
  if (method === "POST" || method === "PUT") {
    const content = contentOf(id, size);
    request.body = one(sim, [
      () => content,
      () => encoder.encode(content),
      () => iter(piecesOf(content)),
      () => slowly(sim, piecesOf(content)),
      () => {
        headers["content-length"] = String(size);
        return slowly(sim, piecesOf(content));
      },
    ])();
    if (sim.random() < 0.2) headers.expect = "100-continue";
  }
  return { id, kind, size, method, server, request };
}

/** Pieces that take their time; and sometimes one of them does not come. */
function slowly(sim: NetSim, pieces: Uint8Array[]): Stream<Uint8Array> {
  const fails = sim.now() < HEALED && sim.random() < 0.2;
  return thenStream(iter(pieces), (piece) =>
    co(function* () {
      yield* sim.sleep(sim.random() * 100);
      if (fails && sim.random() < 0.5) throw new SourceFailed();
      return piece;
    }));
}

/** What the body of a response should be. */
export function bodyOf(
  { id, size, method }: Work,
  response: Pick<HttpResponse, "status">,
): string {
  if (method === "HEAD") return "";
  switch (response.status) {
    case 413:
      return "stop";
    case 417:
      return "";
    case 503:
      return "busy";
    default:
      return contentOf(id, size);
  }
}

function piecesOf(content: string): Uint8Array[] {
  const middle = content.length >> 1;
  return [content.slice(0, middle), content.slice(middle)]
    .map((piece) => encoder.encode(piece));
}
