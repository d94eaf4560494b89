import { checkNames, type Names } from "../../future/_option_names.ts";
import { environment } from "../_deno.ts";
import { parseIp } from "../_ip.ts";
import { RequestError } from "./errors.ts";
import { checkFields } from "./_plan.ts";
import { NoProxy } from "./_no_proxy.ts";
import type { HttpClientOptions, ProxyOptions } from "./options.ts";
import { parseTarget, type Target } from "./_target.ts";

/** A proxy that speaks HTTP, and what is said to it. */
export interface Proxy {
  readonly hostname: string;
  readonly port: number;
  /** Its address, for people: without credentials. */
  readonly origin: string;
  /** `Basic …`, if it wants to know who asks. */
  readonly authorization: string | null;
}

/**
 * The way to a target: straight, by way of a proxy that is given the whole URL,
 * or through a tunnel that a proxy opens.
 */
export type Route =
  | { readonly via: "none"; readonly key: string }
  | {
    readonly via: "proxy" | "tunnel";
    readonly key: string;
    readonly proxy: Proxy;
  };

/** Which way each target is reached by. */
export class Routes {
  readonly #proxyFor: (target: Target) => Proxy | null;

  /** @param proxyFor The proxy of a target; null for none. */
  constructor(proxyFor: (target: Target) => Proxy | null) {
    this.#proxyFor = proxyFor;
  }

  to(target: Target): Route {
    const proxy = this.#proxyFor(target);
    const { origin, secure } = target;
    if (proxy === null) return { via: "none", key: origin };
    // A proxy that forwards serves all origins over one connection; a tunnel
    // leads to one.
    return secure
      ? { via: "tunnel", key: `${origin} via ${proxy.origin}`, proxy }
      : { via: "proxy", key: `any via ${proxy.origin}`, proxy };
  }
}

/**
 * Checks the option.
 *
 * @throws {RequestError} If it is no URL of a proxy.
 * @throws {TypeError} If it is none of the kinds that it may be.
 */
export function routesFor(proxy: HttpClientOptions["proxy"]): Routes {
  if (proxy === undefined || proxy === "environment") {
    return new Routes(fromEnvironment());
  }
  if (proxy === "off") return new Routes(() => null);
  const { url, except = "" } = optionsOf(proxy);
  const one = parseProxy(url);
  const skipped = new NoProxy(except);
  return new Routes((target) => skipped.covers(target) ? null : one);
}

const NAMES: Names<ProxyOptions> = { url: true, except: true };

function optionsOf(proxy: string | URL | ProxyOptions): ProxyOptions {
  if (typeof proxy === "string" || proxy instanceof URL) return { url: proxy };
  checkNames(proxy, NAMES, "proxy.");
  return proxy;
}

function parseProxy(url: string | URL): Proxy {
  let target: Target;
  try {
    target = parseTarget(url);
  } catch (cause) {
    throw refused("its URL is none of http:", cause);
  }
  if (target.secure) {
    throw refused("TLS to the proxy itself is not supported; use an http: URL");
  }
  const { hostname, port, origin, authorization } = target;
  if (authorization !== null) {
    checkFields([["proxy-authorization", authorization]]);
  }
  return { hostname, port, origin, authorization };
}

function refused(why: string, cause?: unknown): RequestError {
  return new RequestError(`Cannot use the proxy: ${why}`, {
    phase: "request",
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in small letters too,
 * as far as they may be read; what is on this machine is reached straight.
 * `HTTP_PROXY` in capitals does not count where `REQUEST_METHOD` is set: a CGI
 * program's client can set it by sending a field `Proxy` (CVE-2016-5385).
 */
function fromEnvironment(): (target: Target) => Proxy | null {
  const isCgi = environment("REQUEST_METHOD") !== undefined;
  const all = environment("all_proxy") ?? environment("ALL_PROXY");
  const plain = environment("http_proxy") ??
    (isCgi ? undefined : environment("HTTP_PROXY")) ?? all;
  const secure = environment("https_proxy") ?? environment("HTTPS_PROXY") ??
    all;
  const except = environment("no_proxy") ?? environment("NO_PROXY") ?? "";
  const forPlain = plain ? parseProxy(withScheme(plain)) : null;
  const forSecure = secure ? parseProxy(withScheme(secure)) : null;
  if (forPlain === null && forSecure === null) return () => null;
  const skipped = new NoProxy(except);
  return (target) =>
    isLocal(target) || skipped.covers(target)
      ? null
      : target.secure
      ? forSecure
      : forPlain;
}

/** Many write only host and port. */
function withScheme(text: string): string {
  return text.includes("://") ? text : `http://${text}`;
}

function isLocal({ hostname }: Target): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  const ip = parseIp(hostname);
  if (ip === null) return false;
  return ip.length === 4
    ? ip[0] === 127
    : ip.every((byte, i) => byte === (i === 15 ? 1 : 0));
}
