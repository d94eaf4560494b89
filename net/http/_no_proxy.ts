import { parseIp, type Prefix, prefixesOf, startsWith } from "../_ip.ts";
import type { Target } from "./_target.ts";

/** Whether a target matches an entry. */
type Rule = (target: Target, ip: Uint8Array | null) => boolean;

/**
 * Hosts that are reached without a proxy, as `NO_PROXY` names them: separated by
 * commas or white space; `*` is all; `example.com` is that host and all below
 * it, `.example.com` only those below; an IP address, or a block such as
 * `10.0.0.0/8`; each with a port at its end for that port alone.
 */
export class NoProxy {
  readonly #rules: Rule[];

  constructor(text: string) {
    this.#rules = text.split(/[\s,]+/).filter(Boolean).map(ruleOf);
  }

  covers(target: Target): boolean {
    const ip = parseIp(target.hostname);
    return this.#rules.some((rule) => rule(target, ip));
  }
}

function ruleOf(entry: string): Rule {
  if (entry === "*") return () => true;
  const block = /^([\da-f.:]+)\/(\d+)$/i.exec(entry);
  if (block !== null) return blockRule(block[1]!, Number(block[2]));
  const [, host, port] = /^(.*?|\[.*\])(?::(\d+))?$/.exec(entry)!;
  const rule = hostRule(
    (parseIp(entry) === null ? host! : entry).toLowerCase()
      .replace(/^\[(.*)\]$/, "$1"),
  );
  if (port === undefined || parseIp(entry) !== null) return rule;
  return (target, ip) => target.port === Number(port) && rule(target, ip);
}

function blockRule(ip: string, bits: number): Rule {
  if (parseIp(ip) === null) return () => false;
  const [prefix] = prefixesOf({ [`${ip}/${bits}`]: "" }) as [Prefix];
  return (_target, ip) => ip !== null && startsWith(ip, prefix);
}

function hostRule(host: string): Rule {
  const ip = parseIp(host);
  if (ip !== null) {
    return (_target, other) =>
      other !== null && other.length === ip.length &&
      other.every((byte, i) => byte === ip[i]);
  }
  const name = host.replace(/^\*?\./, "");
  const isBelow = name !== host;
  return ({ hostname }) =>
    hostname.endsWith(`.${name}`) || (!isBelow && hostname === name);
}
