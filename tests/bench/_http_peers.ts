/**
 * The peers: where they come from, and how they are started. What has to be
 * built or fetched is, once, in a folder of the user's cache; what cannot be is
 * left out by name, with the reason.
 */
import { print } from "./_report.ts";
import { Process } from "./_process.ts";

/** Versions are named here, so that figures can be compared. */
const PACKAGES = {
  undici: "7.30.2",
  axios: "1.21.1",
  effect: "4.1.0",
  rxjs: "7.8.2",
};

const sources = new URL("peers/http/", import.meta.url).pathname;

/** Where what was built or fetched is kept. */
function cacheFolder(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ??
    `${Deno.env.get("HOME") ?? "."}/.cache`;
  return `${home}/pollen-bench-http`;
}

type Outcome = { ok: true } | { ok: false; why: string };

/** Runs a command that may be missing, or fail. */
async function attempt(
  command: string,
  args: string[],
  options: Deno.CommandOptions = {},
): Promise<Outcome> {
  try {
    const { success, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      ...options,
    }).output();
    if (success) return { ok: true };
    const said = new TextDecoder().decode(stderr).trim().split("\n");
    return { ok: false, why: said.at(-1) ?? "it failed" };
  } catch (error) {
    return error instanceof Deno.errors.NotFound
      ? { ok: false, why: `there is no ${command} on PATH` }
      : { ok: false, why: String(error) };
  }
}

/** Copies our sources, so that a build leaves nothing among them. */
async function copyTo(folder: string, from: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyTo(`${folder}/${name}`, `${from}/${name}`);
    else await copyIfChanged(`${from}/${name}`, `${folder}/${name}`);
  }
}

/** A file that is touched is built again. */
async function copyIfChanged(from: string, to: string): Promise<void> {
  const text = await Deno.readTextFile(from);
  const before = await Deno.readTextFile(to).catch(() => null);
  if (text !== before) await Deno.writeTextFile(to, text);
}

/** What there is, or why not. */
export interface Toolbox {
  /** The program of Rust's. */
  rust: { path: string } | { why: string };
  go: { path: string } | { why: string };
  /** A folder where packages can be imported from, and our scripts are. */
  npm: { path: string } | { why: string };
  node: { path: string } | { why: string };
}

let toolbox: Promise<Toolbox> | undefined;

/** Builds and fetches; the first time, this takes a minute or two. */
export function prepare(): Promise<Toolbox> {
  return toolbox ??= (async () => {
    const cache = cacheFolder();
    await copyTo(cache, sources);
    print("\n(building the peers, if that was not done before)");
    const cargo = await attempt("cargo", ["build", "--release", "--quiet"], {
      cwd: `${cache}/rust`,
    });
    const go = await attempt("go", ["build", "-o", "peers", "."], {
      cwd: `${cache}/go`,
    });
    const node = await attempt("node", ["--version"]);
    return {
      rust: had(cargo, `${cache}/rust/target/release/peers`),
      go: had(go, `${cache}/go/peers`),
      npm: await fetchPackages(cache),
      node: had(node, "node"),
    };
  })();
}

function had(
  outcome: Outcome,
  path: string,
): { path: string } | { why: string } {
  return outcome.ok ? { path } : { why: outcome.why };
}

/** Deno fetches the packages for Node, too. */
async function fetchPackages(
  cache: string,
): Promise<{ path: string } | { why: string }> {
  const manifest = JSON.stringify({
    private: true,
    type: "module",
    dependencies: PACKAGES,
  });
  const path = `${cache}/package.json`;
  const before = await Deno.readTextFile(path).catch(() => "");
  if (before === manifest) return { path: cache };
  await Deno.writeTextFile(path, manifest);
  const installed = await attempt(Deno.execPath(), ["install", "--quiet"], {
    cwd: cache,
  });
  if (!installed.ok) await Deno.remove(path);
  return had(installed, cache);
}

/** How a peer is started, and whether it can be. */
export interface Peer {
  name: string;
  start(): Process;
}

const deno = (args: string[], cwd?: string) =>
  new Process(Deno.execPath(), ["run", "-A", "-q", "--no-lock", ...args], cwd);

/** Ours first. */
export async function peers(): Promise<Peer[]> {
  const { rust, go, npm, node } = await prepare();
  const found: Peer[] = [];
  const add = (
    name: string,
    needed: readonly ({ path: string } | { why: string })[],
    start: (...paths: string[]) => Process,
  ) => {
    const missing = needed.find((each) => "why" in each);
    if (missing !== undefined) {
      print(`  left out: ${name}: ${(missing as { why: string }).why}`);
      return;
    }
    const paths = needed.map((each) => (each as { path: string }).path);
    found.push({ name, start: () => start(...paths) });
  };
  add("ours", [], () => deno([`${sources}ours.ts`]));
  add("raw", [], () => deno([`${sources}raw.mjs`]));
  add("our fetch", [], () => deno([`${sources}ours_fetch.ts`]));
  add("fetch", [], () => deno([`${sources}fetch.mjs`]));
  add("node:http, Deno", [], () => deno([`${sources}node_http.mjs`]));
  add(
    "node:http, Node",
    [node],
    (node) => new Process(node, [`${sources}node_http.mjs`]),
  );
  for (const script of ["undici", "undici_fetch", "axios"]) {
    const name = script === "undici_fetch" ? "undici fetch" : script;
    add(`${name}, Deno`, [npm], (cache) => deno([`${script}.mjs`], cache));
    add(
      `${name}, Node`,
      [npm, node],
      (cache, node) => new Process(node, [`${script}.mjs`], cache),
    );
  }
  add("Go net/http", [go], (path) => new Process(path, []));
  add("hyper (Rust)", [rust], (path) => new Process(path, ["hyper"]));
  add("reqwest (Rust)", [rust], (path) => new Process(path, ["reqwest"]));
  return found;
}

/** The server: of Rust where there is cargo, for it must be no bottleneck. */
export async function server(): Promise<{ name: string; process: Process }> {
  const { rust } = await prepare();
  return "path" in rust
    ? { name: "of Rust, tokio", process: new Process(rust.path, ["server"]) }
    : { name: "on Deno", process: deno([`${sources}server.ts`]) };
}
