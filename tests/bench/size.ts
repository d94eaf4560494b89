/**
 * What it costs to have the library: the time to import it, in processes of
 * their own, and the bytes that it comes to where it is bundled.
 *
 * The time is what a program that does nothing but import takes beyond an empty
 * one, from its start to its end, when Deno has compiled it to JavaScript once
 * before. Processor time is that of all threads of the process.
 *
 * What was done for it, and what it bought:
 *
 * - A file imports a name from the file that has it, not from an entry: `./http`
 *   loads 145 files instead of 262, takes two thirds of the time, and is 6 kB less.
 *   Before, it loaded all of `./executor` and `./stream` for a few names.
 * - Observing and HAR logs are entries of their own, `./observe` and `./http/har`:
 *   4.3 kB less for `./executor`, 1.3 kB less for `./http`.
 * - A file of types alone is exported as such, and is not loaded.
 * - A bundler leaves out what nobody names, as long as it may: a class only if it
 *   has no static block, a constant only if a call that makes it is marked PURE.
 *   So no class has one, and what is made with others at hand is marked. `join`
 *   of `mod.ts` comes to 3 kB instead of 28, `oneshot` of `./sync` to 2 instead of
 *   5, `SimpleHttpClient` to 19 instead of 25.
 * - The first timer makes the timers of an executor: `spawn` brings along neither
 *   the wheel nor snapshots, and comes to 5 kB instead of 9, `run` and `sleep` to 8.
 * - What decodes step by step comes with `./testing`, not with a client: 0.6 kB.
 *
 * What is missed, and why:
 *
 * - Of the 17.5 ms to import, V8 takes 1 or 2: all of `./future` and `./executor` as
 *   one file of JavaScript takes no more. The rest is Deno's, for 86 files: about 7
 *   for the graph of modules (each file is opened, read, hashed and looked up in a
 *   cache of what it imports), and 9 for loading them, one after the other (what was
 *   compiled of each is read and checked, its code cache looked up). As JavaScript,
 *   without comments, the same files take 12: those of TypeScript are read twice,
 *   as source and as compiled. And of each that is the first to name another file,
 *   28 of them, what was compiled is read once more, for the map of its places:
 *   naming all files in the entries, innermost first, saves 2 ms, and is a list that
 *   no reader has a use for. Bigger files would bring it down, and be worse to read:
 *   it would take 20 fewer.
 * - Without a single text, errors or not, `./executor` would still be more than
 *   12 kB: it has 2.3 for timers, 1.3 for snapshots and their text, 2 for the core
 *   and its tasks, 2.3 for scopes and `co`, 0.8 for tokens, 0.7 for the host, and
 *   the rest for sets, errors and the small ones. Moving `shutdown`, `shield` and
 *   `JoinMap` away would save 1 kB, and tear apart what belongs together.
 * - `./http` has more to do than 40 kB hold, in one bundle with the executor,
 *   sockets and streams that it needs: 8 kB for HTTP/1.1 with errors that say what
 *   was expected, 10 for sockets, addresses, lookups and TLS, 9 for executor,
 *   futures and streams, 5 for bodies and their decoding, 3 for the pool, and the
 *   rest for plans, deadlines, redirects, retries, proxies, events, `fetch`. What a
 *   program does not name is gone, but most of it stands behind options of one
 *   client, which cannot be loaded when they are used without making what is
 *   synchronous wait, and asking for a permission to import. To take a policy of
 *   retries or a proxy as an object that its user imports would save 2 kB, and make
 *   each harder to ask for.
 */
import { atMost, quartiles } from "./_harness.ts";
import { prepare } from "./_http_peers.ts";
import { type Figure, print, report } from "./_report.ts";

const ROUNDS = 11;
const KB = 1_000; // as sizes on the wire are told

const own = (path: string) => new URL(`../../${path}`, import.meta.url).href;

/** What is imported, and what of it is to be below which number of milliseconds. */
const OURS: Record<string, string[]> = {
  "./future, ./executor": [own("future/mod.ts"), own("executor/mod.ts")],
  "./http": [own("net/http/mod.ts")],
  "./fetch": [own("net/http/fetch.ts")],
  "mod.ts": [own("mod.ts")],
};
const PEERS = ["undici", "axios", "effect", "rxjs"];
const TARGET = { name: "./future, ./executor", ms: 15 };

/** Says at its end what it took of the processor. */
const EPILOGUE = `
const { cpuUsage } = await import("node:process");
const { user, system } = cpuUsage();
console.log((user + system) / 1000);
`;

interface Program {
  name: string;
  path: string;
  wall: number[];
  cpu: number[];
}

async function program(
  folder: string,
  name: string,
  imports: string[],
): Promise<Program> {
  const path = `${folder}/import-${name.replaceAll(/\W+/g, "-")}.mjs`;
  const text = imports.map((each) => `import ${JSON.stringify(each)};\n`);
  await Deno.writeTextFile(path, text.join("") + EPILOGUE);
  return { name, path, wall: [], cpu: [] };
}

async function output(args: string[], cwd?: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    stdin: "null",
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function imports(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const empty = await program(folder, "an empty program", []);
    const programs = [empty];
    for (const [name, urls] of Object.entries(OURS)) {
      programs.push(await program(folder, name, urls));
    }
    const { npm } = await prepare();
    if ("why" in npm) print(`  left out: ${PEERS.join(", ")}: ${npm.why}`);
    else {
      for (const name of PEERS) {
        programs.push(await program(npm.path, name, [name]));
      }
    }
    // The first round fills Deno's cache.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const { path, wall, cpu } of programs) {
        const start = performance.now();
        const cwd = path.slice(0, path.lastIndexOf("/"));
        const said = await output(["run", "-A", "-q", "--no-lock", path], cwd);
        if (round === 0) continue;
        wall.push(performance.now() - start);
        cpu.push(Number(said));
      }
    }
    const over = (of: "wall" | "cpu") => (each: Program): Figure => {
      const [low, middle, high] = quartiles(
        each[of].map((time, i) => time - empty[of][i]!),
      );
      const figure: Figure = {
        name: each.name,
        value: middle,
        unit: "ms",
        spread: (high - low) / Math.max(middle, 0.1),
      };
      if (each.name !== TARGET.name) return figure;
      const verdict = high <= TARGET.ms
        ? "met"
        : low > TARGET.ms
        ? "not met"
        : "too noisy to tell";
      return { ...figure, target: `at most ${TARGET.ms}`, verdict };
    };
    const [start] = [quartiles(empty.wall)[1]];
    report("The time to start: an empty program, by the clock", [
      { name: "Deno itself", value: start, unit: "ms" },
    ]);
    const rest = programs.slice(1);
    report("Importing, beyond that: by the clock", rest.map(over("wall")));
    report("Importing, beyond that: processor time", rest.map(over("cpu")));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What is bundled, and how many kilobytes it may be, compressed. */
const BUNDLES: [name: string, path: string, limit: number | null][] = [
  ["future/mod.ts", "future/mod.ts", null],
  ["executor/mod.ts", "executor/mod.ts", 12],
  ["net/http/mod.ts", "net/http/mod.ts", 40],
  ["net/http/fetch.ts", "net/http/fetch.ts", null],
  ["mod.ts", "mod.ts", null],
  // What a program pays that uses little of the entries it imports from.
  ["spawn", "tests/elsewhere/_small_spawn.ts", null],
  ["run and sleep", "tests/elsewhere/_small_run.ts", null],
  ["oneshot", "tests/elsewhere/_small_channel.ts", null],
  ["join, of mod.ts", "tests/elsewhere/_small_mod.ts", null],
  ["HttpClient", "tests/elsewhere/_small_client.ts", null],
];

async function bundles(): Promise<void> {
  const plain: Figure[] = [];
  const compressed: Figure[] = [];
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  try {
    for (const [name, entry, limit] of BUNDLES) {
      const path = new URL(own(entry)).pathname;
      const args = ["bundle", "-q", "--no-lock", "--minify", "-o", file, path];
      await output(args);
      const bytes = await Deno.readFile(file);
      const zipped = await new Response(
        new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip")),
      ).bytes();
      plain.push({ name, value: bytes.length / KB, unit: "kB" });
      const size = zipped.length / KB;
      compressed.push(
        limit === null
          ? { name, value: size, unit: "kB" }
          : atMost(name, size, "kB", limit),
      );
    }
  } finally {
    await Deno.remove(file);
  }
  report("Bundled and minified", plain);
  report("Bundled, minified and compressed by gzip", compressed);
}

export async function size(): Promise<void> {
  await bundles();
  await imports();
}
