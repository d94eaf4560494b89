/**
 * A process that is kept alive and told line by line what to do: so that what
 * it takes to start it is in no figure, and rounds of several can take turns.
 */
export class Process {
  readonly #child: Deno.ChildProcess;
  readonly #in: WritableStreamDefaultWriter<string>;
  readonly #out: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(command: string, args: string[], cwd?: string) {
    this.#child = new Deno.Command(command, {
      args,
      stdin: "piped",
      stdout: "piped",
      ...(cwd === undefined ? {} : { cwd }),
    }).spawn();
    const encoder = new TextEncoderStream();
    encoder.readable.pipeTo(this.#child.stdin).catch(() => {});
    this.#in = encoder.writable.getWriter();
    this.#out = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** The next line that it prints, as JSON. */
  async line<T>(): Promise<T> {
    while (!this.#rest.includes("\n")) {
      const { done, value } = await this.#out.read();
      if (done) throw new Error("it ended, and should have gone on");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }

  /** Says a line, and waits for one. */
  async ask<T>(what: unknown): Promise<T> {
    await this.#in.write(JSON.stringify(what) + "\n");
    return await this.line();
  }

  /** Counts the most memory that it has from here on; where there is no /proc, nothing. */
  async forgetPeak(): Promise<void> {
    const path = `/proc/${this.#child.pid}/clear_refs`;
    await Deno.writeTextFile(path, "5").catch(() => {});
  }

  /**
   * The most bytes of memory that it had, or null where that cannot be told. For
   * /proc Deno asks for all permissions.
   */
  async peak(): Promise<number | null> {
    const status = await Deno.readTextFile(`/proc/${this.#child.pid}/status`)
      .catch(() => "");
    const kib = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  }

  /** Ends it: it sees the end of its input. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#in.close().catch(() => {});
    await this.#out.cancel().catch(() => {});
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await this.#child.status;
    clearTimeout(kill);
  }
}
