/**
 * Bundles the smoke program and runs it elsewhere: this is a process of its own,
 * as only Deno itself may be run by the tests. It prints what became of it, as
 * JSON: `{ printed }`, or `{ missing }` where there is no such engine.
 *
 *     deno run -A tests/elsewhere/_elsewhere.ts node|browser
 */

const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];

type Outcome = { printed: string } | { missing: string };

async function output(command: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(command, {
    args,
    stdin: "null",
    signal: AbortSignal.timeout(60_000), // reached only if it hangs
  }).output();
  const text = new TextDecoder();
  return text.decode(stdout).trim() || text.decode(stderr).trim();
}

/** Looks along PATH. */
function find(names: readonly string[]): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return names.flatMap((name) => folders.map((folder) => `${folder}/${name}`))
    .find((path) => {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    });
}

async function bundle(): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  const smoke = new URL("smoke.ts", import.meta.url).pathname;
  const args = ["bundle", "-q", "--no-lock", "--platform", "browser"];
  const said = await output(Deno.execPath(), [...args, "-o", file, smoke]);
  if (Deno.statSync(file).size === 0) throw new Error(`no bundle: ${said}`);
  return file;
}

async function inNode(): Promise<Outcome> {
  const node = find(["node"]);
  if (node === undefined) return { missing: "there is no node on PATH" };
  const file = await bundle();
  try {
    return { printed: await output(node, [file]) };
  } finally {
    await Deno.remove(file);
  }
}

async function inBrowser(): Promise<Outcome> {
  const browser = find(BROWSERS);
  if (browser === undefined) {
    return { missing: `none of ${BROWSERS.join(", ")} is on PATH` };
  }
  const file = await bundle();
  const script = (await Deno.readTextFile(file)).replaceAll(
    "</script",
    "<\\/script",
  );
  const page = await Deno.makeTempFile({ suffix: ".html" });
  const profile = await Deno.makeTempDir();
  await Deno.writeTextFile(
    page,
    `<body>it has not ended</body><script type="module">${script}</script>`,
  );
  try {
    const dom = await output(browser, [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      `--user-data-dir=${profile}`,
      "--virtual-time-budget=3000",
      "--dump-dom",
      `file://${page}`,
    ]);
    return { printed: /<body>([^<]*)/.exec(dom)?.[1] ?? dom };
  } finally {
    await Deno.remove(file);
    await Deno.remove(page);
    await Deno.remove(profile, { recursive: true });
  }
}

const outcome = Deno.args[0] === "node" ? await inNode() : await inBrowser();
console.log(JSON.stringify(outcome));
