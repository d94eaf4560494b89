import { getAvailablePort } from "@std/net";
import { CA } from "../net/_certs.ts";
import { HELLO, PAGE, type Served } from "./_suite.ts";

export const BIG_BYTES: number = 64 * 1024 * 1024;

/** A folder for a server, with all that it is asked for. */
export interface Place {
  readonly dir: string;
  readonly root: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  /** Certificate and key in one file, as some want them. */
  readonly both: string;
}

async function makePlace(): Promise<Place> {
  // Servers that give up being root must come to it.
  const dir = await Deno.makeTempDir({ dir: "/tmp", prefix: "pollen-server-" });
  await Deno.chmod(dir, 0o755);
  const root = `${dir}/root`;
  await Deno.mkdir(`${root}/uploads`, { recursive: true });
  await Deno.chmod(`${root}/uploads`, 0o777);
  await Deno.writeTextFile(`${root}/hello.txt`, HELLO);
  await Deno.writeTextFile(`${root}/page.txt`, PAGE);
  await Deno.writeFile(`${root}/big.bin`, new Uint8Array(BIG_BYTES));
  const certs = new URL("../net/certs/", import.meta.url);
  const [cert, key, both] = ["cert.pem", "key.pem", "both.pem"].map((name) =>
    `${dir}/${name}`
  ) as [string, string, string];
  const certText = await Deno.readTextFile(new URL("server.pem", certs));
  const keyText = await Deno.readTextFile(new URL("server.key", certs));
  await Deno.writeTextFile(cert, certText);
  await Deno.writeTextFile(key, keyText);
  await Deno.writeTextFile(both, certText + keyText);
  return { dir, root, port: getAvailablePort(), cert, key, both };
}

/** The first of the programs that is installed. */
export function find(...paths: string[]): string | null {
  for (const path of paths) {
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      continue;
    }
  }
  return null;
}

/** A server as a process of its own, which stays in the foreground. */
export async function startProcess(options: {
  /** The program and its arguments. */
  command(place: Place): readonly string[];
  /** Its configuration, by the name of the file. */
  files(place: Place): Record<string, string>;
  /** What it is, once it listens. */
  served(place: Place): Omit<Served, "bigBytes" | typeof Symbol.asyncDispose>;
}): Promise<Served> {
  const place = await makePlace();
  for (const [name, text] of Object.entries(options.files(place))) {
    await Deno.writeTextFile(`${place.dir}/${name}`, text, { mode: 0o755 });
  }
  const [program, ...args] = options.command(place);
  const child = new Deno.Command(program!, {
    args,
    cwd: place.dir,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  let ended = false;
  const status = child.status.then((status) => {
    ended = true;
    return status;
  });
  async function stop(): Promise<void> {
    if (!ended) child.kill("SIGTERM");
    const late = setTimeout(() => ended || child.kill("SIGKILL"), 5000);
    await status;
    clearTimeout(late);
    await said;
    await Deno.remove(place.dir, { recursive: true });
  }
  const deadline = performance.now() + 15_000;
  while (!await listens(place.port)) {
    if (ended || performance.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start: ${(await said).join("\n")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    bigBytes: BIG_BYTES,
    apart: true,
    ...options.served(place),
    [Symbol.asyncDispose]: stop,
  };
}

async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ port, hostname: "127.0.0.1" })).close();
    return true;
  } catch {
    return false;
  }
}

/** The URL of a server, and what a client needs to trust it. */
export function at(
  { port }: Place,
  tls: boolean,
): Pick<Served, "url" | "client"> {
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    client: tls ? { tls: { caCerts: [CA] } } : {},
  };
}

/** An upload that becomes a file. */
export function uploadTo({ root }: Place): Served["upload"] {
  return {
    method: "PUT",
    path: "/uploads/file",
    arrived: async () => (await Deno.stat(`${root}/uploads/file`)).size,
  };
}
