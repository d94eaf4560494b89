/**
 * Runs Deno with the arguments given, where JSR can be reached; where it cannot,
 * with `jsr/` beside this file in its place, and says so. In an argument,
 * `%deno%` stands for the Deno that runs this, and `%tmp%` for a directory for
 * temporary files, which is removed afterwards: so the permissions that the
 * arguments give can be narrow.
 *
 * What stands in is the code of @std itself, as the npm registry has it
 * (deno-std), under type declarations of ours; for @std/net, which that package
 * lacks, a few lines. Only tests, benches and examples use any of it.
 */
const deno = Deno.execPath();

async function reachesJsr(): Promise<boolean> {
  const config = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const { success } = await new Deno.Command(deno, {
    args: ["cache", "--quiet", ...Object.values<string>(config.imports)],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

const tmp = await Deno.makeTempDir({ prefix: "pollen-" });
const env: Record<string, string> = { TMPDIR: tmp, TEMP: tmp, TMP: tmp };
if (!await reachesJsr()) {
  env.JSR_URL = new URL("jsr/", import.meta.url).href;
  console.error(
    "JSR is out of reach: @std/assert and @std/async come from npm:deno-std, @std/net from tests/offline/",
  );
}
const child = new Deno.Command(deno, {
  args: Deno.args.map((arg) =>
    arg.replaceAll("%deno%", deno).replaceAll("%tmp%", tmp)
  ),
  env,
}).spawn();
const { code } = await child.status;
await Deno.remove(tmp, { recursive: true });
Deno.exit(code);
