import { report } from "../_report.ts";
import type { Progress } from "./progress.ts";

/** Counts the bytes of a body in one attempt, and tells how far it is. */
export class Meter {
  readonly #listener: (progress: Progress) => void;
  #transferred = 0;
  #total: number | null;
  #at: "under way" | "whole" = "under way";

  private constructor(
    listener: (progress: Progress) => void,
    total: number | null,
  ) {
    this.#listener = listener;
    this.#total = total;
  }

  /** null if nobody listens: whoever counts has one check to make, and no more. */
  static for(
    listener: ((progress: Progress) => void) | null,
    total: number | null,
  ): Meter | null {
    return listener === null ? null : new Meter(listener, total);
  }

  add(bytes: number): void {
    this.#transferred += bytes;
    this.#tell();
  }

  /** All of it is there: told once, be it with the last of its bytes. */
  end(): void {
    if (this.#at === "whole") return;
    this.#transferred = this.#total ??= this.#transferred;
    this.#tell();
  }

  #tell(): void {
    if (this.#transferred === this.#total) this.#at = "whole";
    report(this.#listener, {
      transferred: this.#transferred,
      total: this.#total,
    });
  }
}
