/**
 * Writes the metadata that JSR would serve for the packages in `jsr/`. Run it
 * after a change there: `deno run -A tests/offline/manifest.ts`.
 */
const root = new URL("jsr/@std/", import.meta.url);
const version = "1.0.99";

for await (const { name } of Deno.readDir(root)) {
  const pkg = new URL(`${name}/`, root);
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for await (const file of Deno.readDir(new URL(`${version}/`, pkg))) {
    const bytes = await Deno.readFile(new URL(`${version}/${file.name}`, pkg));
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    manifest[`/${file.name}`] = {
      size: bytes.byteLength,
      checksum: `sha256-${hash.toHex()}`,
    };
  }
  await write(new URL("meta.json", pkg), {
    scope: "std",
    name,
    latest: version,
    versions: { [version]: {} },
  });
  await write(new URL(`${version}_meta.json`, pkg), {
    manifest,
    exports: { ".": "./mod.ts" },
  });
}

async function write(url: URL, value: unknown): Promise<void> {
  await Deno.writeTextFile(url, JSON.stringify(value, null, 2) + "\n");
}
