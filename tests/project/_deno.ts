/** Runs this very Deno in the project's root, and gives what it printed. */
export async function deno(
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: options.cwd ?? ROOT,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** The project's root, as a path. */
export const ROOT: string = decodeURIComponent(
  new URL("../../", import.meta.url).pathname,
);

/** The project's configuration. */
export const CONFIG: {
  name: string;
  exports: Record<string, string>;
  publish: { include: string[] };
} = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));

/** The files that users get, as paths from the root. */
export function sources(): string[] {
  return CONFIG.publish.include
    .flatMap((path) => path.endsWith(".ts") ? [path] : walk(path))
    .filter((path) => path.endsWith(".ts"));
}

function walk(path: string): string[] {
  if (!Deno.statSync(ROOT + path).isDirectory) return [path];
  return [...Deno.readDirSync(ROOT + path)]
    .flatMap((entry) => walk(`${path}/${entry.name}`));
}
