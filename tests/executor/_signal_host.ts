import { LogHost } from "./_log_host.ts";

/** A host whose signals are given by hand. */
export class SignalHost extends LogHost {
  readonly listening: Map<() => void, string> = new Map();

  onSignal(name: string, callback: () => void): () => void {
    if (name === "SIGNONE") throw new TypeError("no such signal");
    this.listening.set(callback, name);
    return () => this.listening.delete(callback);
  }

  get names(): string[] {
    return [...this.listening.values()];
  }

  signal(name: string): void {
    for (const [callback, heard] of [...this.listening]) {
      if (heard === name) callback();
    }
  }
}
