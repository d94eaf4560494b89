/**
 * Runs Deno with the arguments given, where JSR can be reached; where it cannot,
 * with `jsr/` beside this file in its place, and says so. `{deno}` in an
 * argument stands for the Deno that runs this.
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

const env: Record<string, string> = {};
if (!await reachesJsr()) {
  env.JSR_URL = new URL("jsr/", import.meta.url).href;
  console.error(
    "JSR is out of reach: @std/assert and @std/async come from npm:deno-std, @std/net from tests/offline/",
  );
}
const child = new Deno.Command(deno, {
  args: Deno.args.map((arg) => arg.replaceAll("{deno}", deno)),
  env,
}).spawn();
Deno.exit((await child.status).code);
