import { parseAddr } from "../socket_addr.ts";
import { RequestError } from "./errors.ts";

/** Where a request goes, taken apart once. */
export interface Target {
  /** The whole URL without credentials and fragment. */
  readonly href: string;
  /** Scheme, host and port: what a connection belongs to. */
  readonly origin: string;
  readonly secure: boolean;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** What stands in the field `Host`: the port only if it is not the usual one. */
  readonly host: string;
  /** Path and query, as in the request line. */
  readonly path: string;
  /** `Basic …` if the URL carries a user. */
  readonly authorization: string | null;
}

// C0 controls, DEL and white space: the URL parser would strip or encode them,
// and a line break that was meant to be smuggled in would pass unnoticed.
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\x00-\x20\x7f]/;

// Servers do send a file's name as it is: the parser encodes a space within it.
// deno-lint-ignore no-control-regex
const FORBIDDEN_IN_LOCATION = /[\x00-\x1f\x7f]/;

/** Parsing a URL costs more than the rest of a small request. */
const REMEMBERED = 256;
const parsed = new Map<string, Target>();

/**
 * Takes a URL apart.
 *
 * @throws {RequestError} If it is no absolute URL of `http:` or `https:`, or
 * contains white space or control characters.
 */
export function parseTarget(url: string | URL): Target {
  const text = typeof url === "string" ? url : checkUrl(url).href;
  let target = parsed.get(text);
  if (target === undefined) {
    target = parse(text);
    // Forgetting all of it now and then keeps it bounded at no cost.
    if (parsed.size >= REMEMBERED) parsed.clear();
    if (target.authorization === null) parsed.set(text, target);
  }
  return target;
}

function checkUrl(url: unknown): URL {
  if (url instanceof URL) return url;
  throw refused("it must be text or a URL");
}

function parse(text: string): Target {
  if (FORBIDDEN.test(text)) {
    throw refused("it contains white space or control characters");
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw refused("it is no absolute URL", withoutInput(cause));
  }
  return targetOf(url);
}

/**
 * Takes the URL that a redirect leads to apart, relative to where it came from.
 *
 * @throws {RequestError} As `parseTarget` does.
 */
export function resolveTarget(location: string, from: Target): Target {
  if (FORBIDDEN_IN_LOCATION.test(location)) {
    throw refused("it contains control characters");
  }
  let url: URL;
  try {
    url = new URL(location, from.href);
  } catch (cause) {
    throw refused("it is no URL", withoutInput(cause));
  }
  return targetOf(url);
}

function targetOf(url: URL): Target {
  const { protocol } = url;
  if (protocol !== "http:" && protocol !== "https:") {
    throw refused(`its scheme is ${protocol} and must be http: or https:`);
  }
  const secure = protocol === "https:";
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  checkAddress(hostname, port);
  const authorization = basic(url.username, url.password);
  return {
    href: url.origin + url.pathname + url.search,
    origin: url.origin,
    secure,
    hostname,
    port,
    host: url.host,
    path: url.pathname + url.search,
    authorization,
  };
}

/** A URL may have hosts that no address can have. */
function checkAddress(hostname: string, port: number): void {
  try {
    parseAddr({ hostname, port });
  } catch (cause) {
    throw refused((cause as Error).message, cause);
  }
}

/** RFC 7617: the user and the password, in UTF-8, in base64. */
function basic(user: string, password: string): string | null {
  if (user === "" && password === "") return null;
  const text = `${unescaped(user)}:${unescaped(password)}`;
  const bytes = new TextEncoder().encode(text);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign stands for itself
  }
}

/** The URL itself is not shown: it may carry secrets. */
function refused(why: string, cause?: unknown): RequestError {
  return new RequestError(`Cannot use the URL: ${why}`, {
    phase: "request",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The platform's error repeats the URL. */
function withoutInput(cause: unknown): TypeError {
  return new TypeError((cause as Error).message.replace(/: .*$/s, ""));
}
