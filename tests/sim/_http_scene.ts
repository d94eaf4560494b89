// Where the work for a client of HTTP is done: which servers, how they are reached,
// and what the client is like.
import type { HttpClientOptions } from "../../net/http/mod.ts";
import { type NetSim, simCertificate } from "../../net/sim/mod.ts";
import { HEALED, one, spoil, whole } from "./_http_faults.ts";
import { type Habits, type Seen, serveModel } from "./_http_server.ts";

/** How the servers are reached. */
type Way =
  | "straight"
  | "by a proxy"
  | "with a certificate"
  | "by a Unix socket";

/** Where a Unix socket is. */
const PATH = "/run/a.sock";

/** What was drawn. */
export interface Scene {
  readonly servers: readonly string[];
  /** The server that the client's policy is against, if it is against one. */
  readonly denied: string | null;
  readonly pool: { maxPerOrigin: number; maxTotal: number; maxQueue: number };
  /** How long a request may take as a whole. */
  readonly total: number;
  /** Whether servers close connections that rest. */
  readonly isRestless: boolean;
  readonly options: HttpClientOptions;
}

/** Draws a scene, and has its servers serve. */
export function sceneFor(sim: NetSim, seen: Seen): Scene {
  const way = one<Way>(sim, [
    "straight",
    "straight",
    "straight",
    "by a proxy",
    "with a certificate",
    "by a Unix socket",
  ]);
  sim.sometimes(`servers are reached ${way}`, true);
  const all = way === "by a Unix socket"
    ? ["a.test"]
    : way === "with a certificate"
    ? ["s.test", "s2.test"]
    : ["a.test", "b.test", "s.test"];
  const servers = all.slice(0, whole(sim, 1, all.length));
  const habits: Habits = {
    idle: one(sim, [20, 200, 1000, 1e9]),
    slow: one(sim, [0, 5, 100, 1000]),
    closes: one(sim, [0, 0, 0.3]),
    expected: one(sim, ["continue", "nothing", "refuse"]),
    refuses: one(sim, [0, 0.2]),
  };
  if (way === "by a proxy") {
    sim.platform.setTimer(HEALED, () => habits.refuses = 0);
  }
  for (const name of servers) {
    if (way === "by a Unix socket") {
      const place = { at: "unix", path: PATH } as const;
      serveModel(sim, name, seen, habits, place);
      spoil(sim, "client");
    } else if (way === "with a certificate") {
      const place = { at: "tls", clients: ["me.test"] } as const;
      serveModel(sim, name, seen, habits, place);
      spoil(sim, name);
    } else {
      serveModel(sim, name, seen, habits);
      spoil(sim, name, way === "by a proxy" ? "proxy" : "client");
    }
  }
  if (way === "by a proxy") {
    // It is a server, too, and knows all of them.
    serveModel(sim, "proxy", seen, habits);
    spoil(sim, "proxy");
  }
  const deniedName = way === "straight" && servers.length > 1 &&
      sim.random() < 0.15
    ? servers.at(-1)!
    : null;
  const denied = deniedName && sim.net.host(deniedName).address;
  const pool = {
    maxPerOrigin: whole(sim, 1, 3),
    maxTotal: whole(sim, 1, 4),
    maxQueue: one(sim, [0, 1, 100]),
  };
  const deadlines = sim.random() < 0.5 ? {} : {
    queue: whole(sim, 1, 2000),
    resolve: whole(sim, 1, 1000),
    connect: whole(sim, 1, 2000),
    tls: whole(sim, 1, 2000),
    write: whole(sim, 50, 2000),
    head: whole(sim, 50, 3000),
    read: whole(sim, 50, 2000),
    total: whole(sim, 1, 4000),
  };
  const options: HttpClientOptions = {
    pool: {
      ...pool,
      idle: one(sim, [0, 50, 1000, 90_000]),
      maxAge: one(sim, [500, Infinity]),
    },
    deadlines,
    limits: one(sim, [{}, { drainBytes: 0 }, { drainBytes: 500 }]),
    ...sim.random() < 0.5
      ? { retry: { attempts: whole(sim, 2, 4), first: whole(sim, 1, 100) } }
      : {},
    ...way === "by a proxy" ? { proxy: "http://proxy:80" } : {},
    ...way === "by a Unix socket" ? { unixSocket: PATH } : {},
    ...way === "with a certificate" ? { tls: simCertificate(["me.test"]) } : {},
    ...denied === null
      ? {}
      : { policy: ({ hostname }) => hostname === denied ? "denied" : null },
  };
  return {
    servers,
    denied: deniedName,
    pool,
    total: deadlines.total ?? Infinity,
    isRestless: habits.idle < 1e9,
    options,
  };
}
