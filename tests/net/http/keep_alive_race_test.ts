import { assert, assertEquals } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { co, join } from "../../../future/mod.ts";
import { iter } from "../../../future/stream/mod.ts";
import { HttpClient } from "../../../net/http/mod.ts";
import { socketTest } from "../_sockets.ts";
import {
  denoRacing,
  nodeRacing,
  type RacingServer,
  rawRacing,
} from "./_racing.ts";

/** Requests to each server: `deno test … -- 10000 [seed]` for more. */
const REQUESTS = Number(Deno.args[0] ?? 600);
const SEED = Number(Deno.args[1] ?? 1 + Math.floor(Math.random() * 1e9));
const WORKERS = 16;

/** A POST may not be sent twice, and a PUT whose body is a stream cannot be. */
const BODIES = {
  GET: () => null,
  POST: (text: string) => text,
  PUT: (text: string) => iter([new TextEncoder().encode(text)]),
};
const METHODS = ["GET", "GET", "POST", "POST", "PUT"] as const;

/** Numbers in [0, 1), the same for a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SERVERS: Record<
  string,
  (random: () => number) => Promise<RacingServer>
> = {
  "one of ours": rawRacing,
  "node:http": nodeRacing,
  "Deno.serve, behind a relay": denoRacing,
};

for (const [name, serve] of Object.entries(SERVERS)) {
  socketTest(
    `keep-alive: requests race with ${name}, which closes what is idle; none fails, no POST comes twice`,
    async () => {
      const random = randomFrom(SEED);
      await using server = await serve(random);
      await using client = new HttpClient({ pool: { maxPerOrigin: WORKERS } });
      const posts = new Set<string>();
      const failures: string[] = [];
      let next = 0;
      let lost = 0;
      function* work() {
        while (next < REQUESTS) {
          const path = `/${next++}`;
          const method = METHODS[Math.floor(random() * METHODS.length)]!;
          if (method === "POST") posts.add(path);
          yield* sleep(random() * 10);
          try {
            using response = yield* client.request({
              url: server.url + path,
              method,
              body: BODIES[method](path),
            });
            yield* response.bytes();
            if (response.connection.attempts > 1) lost++;
          } catch (error) {
            failures.push(`${method} ${path}: ${error}`);
          }
        }
      }
      await run(join(Array.from({ length: WORKERS }, () => co(work))));
      const seed = `seed ${SEED}`;
      assertEquals(failures, [], seed);
      for (const path of posts) assertEquals(server.seen.get(path), 1, seed);
      assertEquals(server.seen.size, REQUESTS, seed);
      // It was a race: connections were closed, and requests met with it.
      assert(
        server.closed > REQUESTS / 100,
        `${server.closed} closed, ${seed}`,
      );
      assert(lost > 0, `no request was sent over a closed connection, ${seed}`);
      if (Deno.args.length > 0) {
        console.log(
          `${REQUESTS} requests, ${posts.size} of them POSTs: ${server.closed} connections closed, ${lost} requests sent again, ${seed}`,
        );
      }
    },
  );
}
