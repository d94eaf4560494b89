import { co, type Future } from "../../../future/mod.ts";
import type { HttpResponse } from "../../../net/http/mod.ts";
import { read, readToEnd } from "../../../net/io/mod.ts";
import type { NetSim } from "../../../net/sim/mod.ts";
import { asks, eventsFor, FUTURES } from "../../net/http/_claims.ts";
import { serveSim, type Step } from "../../net/http/_sim_server.ts";
import { Noticed, type Scene, type Sweep } from "./scene.ts";

const BODY = JSON.stringify("x".repeat(200));

function answers(line: string, request: string): Step[] {
  if (line.startsWith("GET /events")) return [eventsFor(request)];
  if (line.startsWith("GET /echo")) {
    return [
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n",
      2,
      "hello",
    ];
  }
  const head =
    `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${BODY.length}\r\n\r\n`;
  return [head, 2, BODY.slice(0, 100), 2, BODY.slice(100)];
}

type Use = (response: HttpResponse) => Future<unknown>;

/** A request, and what is made of its response. */
function asked(
  sim: NetSim,
  use: Use,
  { path = "", headers = {} } = {},
): Future<unknown> {
  serveSim(sim, sim.net, { name: "a.test", answers });
  const client = sim.client();
  return co(function* () {
    using response = yield* client.get(`http://a.test/${path}`, { headers });
    yield* use(response);
  });
}

const scenes: Scene[] = Object.entries(FUTURES).map(([of, row]): Scene => ({
  of,
  title: of,
  make(sim) {
    if (!asks(row)) {
      return asked(
        sim,
        (response) =>
          row.make(() => response, { client: sim.client(), url: "" }),
      );
    }
    serveSim(sim, sim.net, { name: "a.test", answers });
    const request = { client: sim.client(), url: "http://a.test/" };
    const none = () => {
      throw new Error("there is no response yet");
    };
    return new Noticed(row.make(none, request));
  },
}));

const more: Scene[] = [
  {
    of: null,
    title: "HttpResponse.reader",
    make: (sim) =>
      asked(sim, (response) =>
        co(function* () {
          using reader = response.reader();
          yield* readToEnd(reader);
        })),
  },
  {
    of: null,
    title: "HttpResponse.upgrade",
    make: (sim) =>
      asked(sim, (response) =>
        co(function* () {
          using stream = response.upgrade();
          yield* read(stream, new Uint8Array(8));
        }), {
        path: "echo",
        headers: { connection: "upgrade", upgrade: "echo" },
      }),
  },
];

export const sweep: Sweep = {
  claims: Object.keys(FUTURES),
  left: {},
  scenes: [...scenes, ...more].map((scene) => ({
    ...scene,
    options: { net: { latency: 1, chunk: [20, 60] } },
  })),
};
