import { assert, assertEquals } from "@std/assert";
import { deno, ROOT } from "./_deno.ts";

Deno.test("README: the dump that it shows is the one that its program prints", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const section = readme.split("### Seeing what runs")[1]!;
  const [, program, shown] =
    /```ts\n([^]*?)```\s*```text\n([^]*?)```/.exec(section) ?? [];
  assert(program !== undefined && shown !== undefined);
  const { code, stdout, stderr } = await deno(["eval", "--ext=ts", program]);
  assertEquals(code, 0, stderr);
  const round = (text: string) => text.replace(/\d+(?= ms left)/, "some");
  assertEquals(round(stdout), round(shown));
  const left = Number(/(\d+) ms left/.exec(stdout)![1]);
  assert(left > 30_000 && left < 60_000, stdout);
});
