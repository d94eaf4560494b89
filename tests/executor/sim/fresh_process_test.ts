import { assertEquals, assertNotEquals } from "@std/assert";

const child = `
import { explore, pct } from ${
  JSON.stringify(new URL("../../../executor/sim/mod.ts", import.meta.url).href)
};
const report = explore({
  schedule: pct(), runs: 40, seed: Number(Deno.args[0]),
  wakers: { spurious: 0.1, delayed: 0.2, delay: 2, late: true },
}, (sim) => {
  for (let i = 0; i < 4; i++) {
    sim.spawn(function* () {
      for (let n = 0; n < 4; n++) yield* sim.sleep(sim.random() * 5);
    });
  }
});
console.log(report.runs, report.steps, report.hash);
`;

async function fresh(seed: number): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--ext=ts", "-", String(seed)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  });
  await using process = command.spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(child));
  await writer.close();
  return new TextDecoder().decode((await process.output()).stdout);
}

Deno.test("explore: a seed gives the same runs in a fresh process, twice in a row", async () => {
  const [one, again, other] = await Promise.all([fresh(3), fresh(3), fresh(4)]);
  assertEquals(one, again);
  assertNotEquals(one, other);
  assertEquals(one!.split(" ")[0], "40");
});
