/**
 * The operations in Rust on tokio, and in Go: small programs, which are built
 * into a directory for temporary files where their tools are on the machine.
 * Each runs for as long as the benches do, and takes turns with the other ways.
 */
import type { Way } from "../../_harness.ts";
import { skip } from "../../_report.ts";

interface Tool {
  command: string;
  /** Of the files beside this one. */
  sources: string[];
  run: string[];
}

const TOOLS: Record<string, Tool> = {
  "tokio, current thread": {
    command: "cargo",
    sources: ["rust/Cargo.toml", "rust/src/main.rs"],
    run: ["run", "--release", "--quiet", "--manifest-path", "rust/Cargo.toml"],
  },
  "Go, one processor": {
    command: "go",
    sources: ["go/go.mod", "go/main.go"],
    run: ["run", "-C", "go", "."],
  },
};

const OPERATIONS = ["yield", "spawn", "roundTrip", "timer"];

let started: Promise<Map<string, Program>> | undefined;

/** The ways in other languages to do what is named so, if they have it. */
export async function native(operation: string): Promise<Record<string, Way>> {
  if (!OPERATIONS.includes(operation)) return {};
  const ways: Record<string, Way> = {};
  for (const [name, program] of await (started ??= start())) {
    ways[name] = async (n, time) =>
      time.add(...await program.does(operation, n));
  }
  return ways;
}

async function start(): Promise<Map<string, Program>> {
  const programs = new Map<string, Program>();
  for (const [name, tool] of Object.entries(TOOLS)) {
    try {
      const program = await Program.build(tool);
      await program.does("yield", 1); // built, and it answers
      programs.set(name, program);
    } catch (error) {
      skip(name, (error as Error).message);
    }
  }
  return programs;
}

/** A program that reads what to do, and writes how long it took. */
class Program {
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #command: string;
  #text = "";

  private constructor(command: string, child: Deno.ChildProcess) {
    this.#command = command;
    child.unref(); // it ends with its input: when this process does
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  static async build(tool: Tool): Promise<Program> {
    const { state } = await Deno.permissions.query({
      name: "run",
      command: tool.command,
    });
    if (state !== "granted") {
      throw new Error(`${tool.command} is not there, or may not be run`);
    }
    const folder = await Deno.makeTempDir({ prefix: "peer-" });
    for (const path of tool.sources) {
      const to = `${folder}/${path}`;
      await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(new URL(path, import.meta.url), to);
    }
    return new Program(
      tool.command,
      new Deno.Command(tool.command, {
        args: tool.run,
        cwd: folder,
        stdin: "piped",
        stdout: "piped",
      }).spawn(),
    );
  }

  /** Milliseconds, by the clock and of the processor. */
  async does(operation: string, n: number): Promise<[number, number]> {
    const line = new TextEncoder().encode(`${operation} ${n}\n`);
    await this.#input.write(line).catch(() => {}); // the output tells why
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error(`${this.#command} has failed to build or run`);
      this.#text += value;
    }
    const [answer, ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    const [wall, cpu] = answer!.split(" ").map(Number);
    return [wall!, cpu!];
  }
}
