/**
 * The HTTP client beside its peers, all against one server, over loopback. The
 * server and each client are processes of their own, kept alive from round to
 * round; see `_http_peers.ts` for what has to be there, and what is left out if not.
 *
 * By the clock, client and server share the cores there are, and whatever else
 * the machine does: of two clients the one that leaves more to the server looks
 * faster than it is, and so does none that the server keeps waiting. What a
 * request costs is what its processor time says.
 *
 * Why a target may be missed, as far as it was looked into:
 *
 * - Beside raw, at 64 connections, in us of the processor for each request, when
 *   all is warm: raw 8.6; the same loop as a future over a `TcpStream` 8.9; with
 *   `ResponseParser` 10.1; with all of `HttpClient` 13.3. So eight tenths of raw,
 *   10.8, leave 0.7 for pool, deadlines, timings, redirects, decoding and the two
 *   futures of a request. Over a network of a few lines in the same process a
 *   request takes 3.6 in all, of some sixty functions the dearest 0.4, which reads
 *   the head.
 * - It was 19.5. Requests that become ready in one turn are sent in a row now, so
 *   that the server, on the same machine, is woken once and not once for each, at
 *   the sender's cost: 5. A read is parked on a connection only if it is not used
 *   again in the same turn, the pool keeps its books without sets, what belongs to
 *   a request is one object and not four: 1.5. What is sent in one go wakes nobody
 *   when it has been: 0.5. A small body lies in shared memory until it is asked for,
 *   as a new array takes 0.3, and 2 when the processor's caches are cold: 0.7.
 * - At one connection each side sleeps while the other works, and all of the code
 *   is cold when it wakes: what takes 1 us at 64 connections takes 3. Raw 14.1, a
 *   `TcpStream` 15.5, with the parser 17.8, `HttpClient` 27. Taken out one by one,
 *   the clock, the deadlines and the pool's books bring less than 1 each. A new
 *   `TextDecoder` for each response took 4 of 32: what is least often run is dearest.
 *   System calls are as many as raw's. A nursery that fits into the cache changes
 *   nothing.
 * - 256 MiB up. On a machine with nothing else to do, raw takes 260 us of the
 *   processor for each MB, and ours 276; over a network that is a few lines, a
 *   piece of 64 KiB costs 0.6 us: 0.12 to 0.17 of it for the clock, from which the
 *   time that the server has for the next one runs, and for its deadline, and 0.07
 *   to see whether the server has answered meanwhile. On a busy one, raw takes 105
 *   to 130, but 140 over a connection that is kept from round to round, as ours is,
 *   which is the kernel's; ours takes 150 to 160, once V8 has compiled it. A read
 *   that listens for an early answer costs raw nothing.
 * - 256 MiB down. What a MB takes depends on where the kernel runs the two, and
 *   changes from round to round: raw takes 140 to 290 us of the processor and 180 to
 *   820 by the clock, with its server bound to the other core 255 and 320. Ours
 *   takes 170 to 390 and 190 to 800, bound 277 and 310, over a connection that is
 *   kept, where raw, kept, takes 285 and 780. So a median says little; of what is
 *   ours there is about 1 us for each read, of 64 KiB where the reader keeps pace.
 *   Among all these clients ours is mostly found where it is slow, 2.2 GB/s, and
 *   beside raw alone as often where it is fast: why that is so is not known.
 *   It took more for as long as its read buffer shrank and grew again where much and
 *   little come by turns: up to a thousand times a download, at 40 for each, as new
 *   memory is cleared first. By the clock raw is no more than 2.3 to 2.7 times as
 *   fast as `fetch`, for the server and the kernel have to do the same for both.
 * - `stream()`, and a body of our `fetch` read piece by piece: each piece is in
 *   memory of its own, and raw with new memory for each read takes 300 to 590, where
 *   they take 340 to 600, and `fetch` 450 to 780. 80 are for clearing it, 20 for its
 *   pages, the rest is the collector's, which looks for dead arrays once there are
 *   64 MB: the spread is its, too. What of ours runs for it takes 10. Pieces of 64
 *   KiB to 1 MiB are no cheaper, nor are copies out of a buffer that is used again,
 *   by `slice` or otherwise. A BYOB reader brings its memory along, and takes what
 *   ours takes without a copy.
 * - `bytes()` of a large body: a read loop into one new array of 256 MiB takes 750
 *   to 950 where one into memory that is used again takes 170: the rest is the
 *   kernel's, for pages that are touched for the first time. Ours takes 710 to 890,
 *   `fetch` 910 to 1080. Of 1 MB, raw takes 550 us in all, ours 540, `fetch` 750; of
 *   100 kB, raw 40 to 67, ours 55 to 86, `fetch` 112 to 136, a third of each for the
 *   collector.
 * - At 1,000 connections raw takes 1.1 to 1.4 times what it takes at 10 on a machine
 *   with little else to do, and 1.65 times on a busy one, since no cache holds what
 *   belongs to so many; ours 1.4 to 1.75 and 1.8 times. Of the 12 us that it may take
 *   more, 5 are the collector's: what is in flight as it looks is copied, and is old
 *   when it dies. With 256 MB for young objects a request takes 5 less. 4 are the
 *   same functions, waiting for memory: 6.9 in place of 3.0. Up to 3 go for the
 *   rounds of the platform's loop after each millisecond of work, without which no
 *   socket is looked at. To send at once and not in a row costs 1 more.
 */
import { atMost, judge, quartiles } from "./_harness.ts";
import { Clients, type Command, type Series } from "./_http_clients.ts";
import { draw, type Figure, print, report } from "./_report.ts";

const MB = 1_000_000;
/** A whole number of the pieces in which it is sent, for all know its length. */
const BODY = 256 * 1024 * 1024;

const median = (values: number[]) => quartiles(values)[1];

/** How often as fast ours is as a peer: at least this, by the clock, and in processor time. */
type Targets = Record<string, { rate?: number; cpu?: number }>;

/** Two tables: how many in a second, and what each costs. The first is ours. */
function tables(
  title: string,
  unit: string,
  each: string,
  all: Series[],
  targets: Targets,
): void {
  const [ours] = all;
  const figures = (
    of: "wall" | "cpu",
    target: "rate" | "cpu",
    value: (time: number) => number,
    unit: string,
  ): Figure[] =>
    all.map((series): Figure => {
      const [low, middle, high] = quartiles(series[of]);
      const figure: Figure = {
        name: series.name,
        value: value(middle),
        unit,
        spread: (high - low) / middle,
      };
      if (series === ours) return figure;
      const ratios = quartiles(
        series[of].map((time, i) => time / ours![of][i]!),
      );
      figure.ratio = ratios[1];
      const wanted = targets[series.name]?.[target];
      if (wanted === undefined) return figure;
      const verdict = judge(ratios, wanted);
      return { ...figure, target: `${wanted}x`, verdict };
    });
  report(
    `${title}: by the clock`,
    figures("wall", "rate", (time) => 1e9 / time, unit),
  );
  report(
    `${title}: processor time for each ${each}`,
    figures("cpu", "cpu", (time) => time, "ns"),
  );
}

const CLIENTS = [
  "ours",
  "raw",
  "fetch",
  "node:http, Deno",
  "node:http, Node",
  "undici, Deno",
  "undici, Node",
  "axios, Deno",
  "axios, Node",
  "Go net/http",
  "hyper (Rust)",
  "reqwest (Rust)",
];
const FETCHES = [
  "our fetch",
  "fetch",
  "undici fetch, Deno",
  "undici fetch, Node",
];

/** What the server could do at most, seen from what it did. */
function ceiling(all: Series[]): void {
  const fastest = all.reduce((a, b) => median(a.wall) < median(b.wall) ? a : b);
  const cpu = median(fastest.serverCpu);
  print(
    `  (the server: ${cpu.toFixed(0)} ns each, so at most ${
      Math.round(1e9 / cpu).toLocaleString("en")
    }/s; ${
      Math.round(100 * median(fastest.busy))
    } % busy with the fastest, ${fastest.name})`,
  );
}

async function requests(clients: Clients): Promise<void> {
  const path = "/b/13";
  const many = await clients.compare(
    [...CLIENTS, "our fetch"],
    { do: "get", path, connections: 64 },
  );
  tables(
    "A small GET, 64 connections",
    "/s",
    "request",
    many.filter(({ name }) => name !== "our fetch"),
    {
      raw: { rate: 0.8, cpu: 0.67 },
      fetch: { rate: 4, cpu: 4 },
      "undici, Deno": { rate: 2 },
      "undici, Node": { rate: 1.5 },
      "axios, Deno": { rate: 6 },
      "axios, Node": { rate: 6 },
    },
  );
  ceiling(many);
  const single = await clients.compare(
    CLIENTS,
    { do: "get", path, connections: 1 },
  );
  tables("A small GET, 1 connection", "/s", "request", single, {
    raw: { rate: 0.85 },
    fetch: { rate: 2 },
  });
  ceiling(single);
  tables(
    "The web's interface, 64 connections",
    "/s",
    "request",
    await clients.compare(FETCHES, { do: "get", path, connections: 64 }),
    { fetch: { rate: 2 } },
  );
}

/** Ways to read or send a body, besides that which each does best or has alone. */
const WAYS: Record<string, string> = {
  "ours: stream()": "downStream",
  "ours: bytes()": "downBytes",
  "raw: new memory": "downStream",
  "raw: one array": "downBytes",
  "raw: kept": "downKept",
  "our fetch: BYOB": "downInto",
  "our fetch: bytes()": "downBytes",
  "fetch: BYOB": "downInto",
  "fetch: bytes()": "downBytes",
};

async function bodies(clients: Clients): Promise<void> {
  const options = { rounds: 3, count: BODY };
  const down = await clients.compare(
    [
      "ours",
      "raw",
      "ours: stream()",
      "raw: kept",
      "raw: new memory",
      "ours: bytes()",
      "raw: one array",
      "our fetch",
      "our fetch: BYOB",
      "our fetch: bytes()",
      "fetch",
      "fetch: BYOB",
      "fetch: bytes()",
      "node:http, Deno",
      "node:http, Node",
      "undici, Deno",
      "undici, Node",
      "Go net/http",
      "hyper (Rust)",
      "reqwest (Rust)",
    ],
    (name) => ({ do: WAYS[name] ?? "down", path: `/down/${BODY}` }),
    options,
  );
  inMegabytes(down);
  tables("256 MiB down", "MB/s", "MB", down, {
    raw: { rate: 0.9 },
    "raw: kept": { rate: 0.9 },
    fetch: { rate: 3 },
  });
  memory("256 MiB down", down);
  const up = await clients.compare(
    CLIENTS.filter((name) => !name.startsWith("axios"))
      .toSpliced(2, 0, "raw: kept"),
    (name) => ({ do: name === "raw: kept" ? "upKept" : "up", path: "/up" }),
    options,
  );
  inMegabytes(up);
  tables("256 MiB up", "MB/s", "MB", up, {
    raw: { rate: 0.9 },
    "raw: kept": { rate: 0.9 },
  });
  memory("256 MiB up", up);
}

/** Of a byte each to of a megabyte each. */
function inMegabytes(all: Series[]): void {
  for (const series of all) {
    for (const which of ["wall", "cpu"] as const) {
      series[which] = series[which].map((time) => time * MB);
    }
  }
}

/** What V8 lets young garbage come to, and buffers; far less than the body. */
const FLAT = 48;

function memory(title: string, all: Series[]): void {
  const known = all.filter(({ peak }) => peak !== null);
  if (known.length === 0) return;
  report(
    `${title}: the most memory at a time, of the whole process`,
    known.map(({ name, peak }) => ({ name, value: peak! / MB, unit: "MB" })),
  );
  const [{ grown }] = known as [Series];
  report(`${title}: memory that it takes`, [
    atMost("ours", grown! / MB, "MB", FLAT),
  ]);
}

/** What a request costs as something grows, ours beside raw. */
async function growth(
  clients: Clients,
  title: string,
  sizes: number[],
  command: (size: number) => Command,
  limit?: { base: number; times: number },
): Promise<void> {
  const names = ["ours", "raw"];
  const drawn = names.map((name) => ({ name, values: [] as number[] }));
  const figures: Figure[] = [];
  const ours = new Map<number, number[]>();
  for (const size of sizes) {
    const all = await clients.compare(names, command(size), { rounds: 3 });
    all.forEach(({ name, cpu }, i) => {
      const [low, middle, high] = quartiles(cpu);
      drawn[i]!.values.push(middle);
      figures.push({
        name: `${size.toLocaleString("en").padStart(9)}  ${name}`,
        value: middle,
        unit: "ns",
        spread: (high - low) / middle,
        ...(i === 0 ? {} : { ratio: middle / median(all[0]!.cpu) }),
      });
    });
    ours.set(size, all[0]!.cpu);
  }
  if (limit !== undefined) {
    const base = median(ours.get(limit.base)!);
    const [low, middle, high] = quartiles(ours.get(sizes.at(-1)!)!);
    figures.push({
      name: `the largest as often as ${limit.base}`,
      value: middle / base,
      unit: "x",
      target: `at most ${limit.times}x`,
      verdict: high / base <= limit.times
        ? "met"
        : low / base > limit.times
        ? "not met"
        : "too noisy to tell",
    });
  }
  report(`${title}: processor time for each request`, figures);
  draw(title, "ns each", sizes, drawn);
}

export async function http(): Promise<void> {
  const clients = await Clients.start();
  try {
    await requests(clients);
    await bodies(clients);
    await growth(
      clients,
      "Connections",
      [1, 10, 100, 1_000],
      (connections) => ({ do: "get", path: "/b/13", connections }),
      { base: 10, times: 1.3 },
    );
    await growth(
      clients,
      "Header fields of a response",
      [1, 10, 30, 90],
      (n) => ({ do: "get", path: `/f/${n}`, connections: 16 }),
    );
    await growth(
      clients,
      "Bytes of a body",
      [1, 1_000, 10_000, 100_000, 1_000_000],
      (n) => ({ do: "getBytes", path: `/b/${n}`, connections: 16 }),
    );
  } finally {
    await clients.close();
  }
}
