import { HOST } from "./_names.ts";
import { H1RequestError, type H1RequestErrorCode } from "./errors.ts";
import { type Fields, valueOf } from "./fields.ts";

/**
 * RFC 9112 §3.2: each form of a request target, for the methods that have it.
 * Visible ASCII without `#`: servers differ in what else they take, and a URL that
 * was parsed has nothing else.
 */
export function checkTarget(method: string, target: string): void {
  if (typeof target !== "string" || !isLegal(method, target)) {
    throw new H1RequestError(
      `Cannot encode a request: its target is none that ${method} can have`,
      "invalid-target",
    );
  }
}

function isLegal(method: string, target: string): boolean {
  if (!/^[!-~]+$/.test(target) || target.includes("#")) return false;
  // authority-form: "host:port", both of them.
  if (method === "CONNECT") return isHost(target) && /[^:]:\d+$/.test(target);
  if (target === "*") return method === "OPTIONS";
  if (target.startsWith("/")) return true;
  const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?]+)/.exec(target);
  return absolute !== null && isHost(absolute[1]!);
}

/** RFC 3986 §3.2.2: a name, an address, or one in brackets; then a port. */
function isHost(text: string): boolean {
  return /^(\[[0-9A-Za-z:.%~_-]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]*)(:\d{0,5})?$/
    .test(text);
}

/**
 * RFC 9112 §3.2: there is one `Host`, and it names a host. It may be empty.
 *
 * @param fallback What it is if no field says it.
 */
export function checkHost(
  fields: Fields,
  fallback: string | undefined,
): string {
  const host = valueOf(fields, HOST) ?? fallback;
  if (host === undefined) throw hostError("it has no Host", "missing-host");
  // Those of several fields come joined by commas.
  if (host.includes(",") && fields.getAll("host").length > 1) {
    throw hostError("it has more than one Host", "duplicate-host");
  }
  if (!isHost(host)) {
    const problem = "its Host is no host with or without a port";
    throw hostError(problem, "invalid-host");
  }
  return host;
}

function hostError(problem: string, code: H1RequestErrorCode): H1RequestError {
  return new H1RequestError(`Cannot encode a request: ${problem}`, code);
}
