import { assert, assertEquals } from "@std/assert";
import { CONFIG, deno, ROOT, sources } from "./_deno.ts";

interface Info {
  modules: {
    specifier: string;
    dependencies?: { specifier: string; code?: { specifier: string } }[];
  }[];
}

/** Every edge between two of our own files, as paths from the root. */
async function edges(entry: string): Promise<[from: string, to: string][]> {
  const root = new URL(`file://${ROOT}`).href;
  const { modules } = await info(entry);
  return modules
    .filter((module) => module.specifier.startsWith(root))
    .flatMap((module) =>
      (module.dependencies ?? []).map((dependency): [string, string] => [
        module.specifier.slice(root.length),
        (dependency.code?.specifier ?? new URL(
          dependency.specifier,
          module.specifier,
        ).href).replace(root, ""),
      ])
    );
}

async function info(entry: string): Promise<Info> {
  const { code, stdout, stderr } = await deno(["info", "--json", entry]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Where a file stands: what it may import from is itself and those before it. */
const LAYERS = ["future", "executor", "net", "mod.ts"];
const layerOf = (path: string) =>
  LAYERS.findIndex((each) => path === each || path.startsWith(`${each}/`));

Deno.test("architecture: no module is remote, and none comes from a registry", async () => {
  for (const entry of Object.values(CONFIG.exports)) {
    for (const { specifier } of (await info(entry)).modules) {
      assert(/^(file|node):/.test(specifier), `${entry} loads ${specifier}`);
    }
  }
});

Deno.test("architecture: imports are relative, or built into the platform", async () => {
  for (const entry of Object.values(CONFIG.exports)) {
    for (
      const { specifier: module, dependencies } of (await info(entry)).modules
    ) {
      for (const { specifier } of dependencies ?? []) {
        assert(
          /^(\.{1,2}\/.+\.ts|node:[a-z]+)$/.test(specifier),
          `${module} imports ${specifier}`,
        );
      }
    }
  }
});

Deno.test("architecture: imports run downward, net to executor to future", async () => {
  let count = 0;
  for (const entry of Object.values(CONFIG.exports)) {
    for (const [from, to] of await edges(entry)) {
      if (to.startsWith("node:")) continue;
      assert(
        layerOf(to) >= 0 && layerOf(to) <= layerOf(from),
        `${from} imports ${to}`,
      );
      assert(
        !from.startsWith("net/http/h1/") || to.startsWith("net/http/h1/"),
        `${from} imports ${to}`,
      );
      count++;
    }
  }
  assert(count > 100, `only ${count} imports were seen`);
});

Deno.test("architecture: a name is imported from its own file, for an entry would load all its others", () => {
  for (const path of sources()) {
    if (path.endsWith("mod.ts")) continue;
    const named = / from "([^"]*\bmod\.ts)"/.exec(
      code(Deno.readTextFileSync(ROOT + path)),
    );
    assertEquals(named?.[1], undefined, path);
  }
});

Deno.test("architecture: only two files name globals of the host", () => {
  const host =
    /\b(setTimeout|clearTimeout|setInterval|setImmediate|queueMicrotask|MessageChannel|performance\s*\.|Date\s*\.\s*now|Math\s*\.\s*random|Deno\s*\.|process\s*\.|import\("node:)/;
  const named = sources().filter((path) =>
    host.test(code(Deno.readTextFileSync(ROOT + path)))
  );
  assertEquals(named.sort(), ["executor/_host.ts", "net/_deno.ts"]);
});

Deno.test("architecture: no class has a static block, for a bundler could not leave it out", () => {
  const found = sources().filter((path) =>
    /^\s*static \{/m.test(Deno.readTextFileSync(ROOT + path))
  );
  assertEquals(found, []);
});

Deno.test("architecture: files stay small", () => {
  for (const path of sources()) {
    const lines = Deno.readTextFileSync(ROOT + path).split("\n").length;
    assert(lines <= 400, `${path} has ${lines} lines`);
  }
});

/** The text without its comments. */
function code(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(^|\s)\/\/.*$/gm, "");
}
