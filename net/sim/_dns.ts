import { assertSpan, type Fabric } from "./_fabric.ts";
import { Rule } from "./_link.ts";
import type { SimDns } from "./sim_dns.ts";
import type { FaultRule, Span } from "./sim_link.ts";

type Failure = "ENOTFOUND" | "EAI_AGAIN";

/** What a look-up came to. */
export type Answer = { addresses: string[] } | { failure: Failure };

/** The records of one name. */
export class Dns implements SimDns {
  readonly #fabric: Fabric;
  #answers: (readonly string[])[] | null = null;
  #rules: Rule<Failure>[] = [];
  #latency: Span = 0;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  answers(...each: readonly string[][]): this {
    this.#answers = each.map((addresses) => [...addresses]);
    if (each.length === 0) this.#answers.push([]);
    return this;
  }

  latency(span: Span): this {
    assertSpan("latency", span, 0);
    this.#latency = span;
    return this;
  }

  fails(code: Failure, rule: FaultRule = {}): this {
    this.#rules.push(new Rule(code, rule));
    return this;
  }

  heal(): void {
    this.#rules = [];
    this.#latency = 0;
  }

  drawLatency(): number {
    return this.#fabric.draw(this.#latency);
  }

  /** What a look-up answers now; `own` are the addresses of a host of the name. */
  answer(own: readonly string[] | null): Answer {
    const failure = this.#rules.find((rule) => rule.strikes(this.#fabric));
    if (failure !== undefined) return { failure: failure.fault };
    const all = this.#answers;
    if (all === null) {
      return own === null ? { failure: "ENOTFOUND" } : { addresses: [...own] };
    }
    const first = all.length > 1 ? all.shift()! : all[0]!;
    return { addresses: [...first] };
  }
}
