import { HOST, nameOf } from "./_names.ts";
import { H1RequestError } from "./errors.ts";
import type { Fields } from "./fields.ts";

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

/** RFC 9112 §3.2: there is one `Host`, and it names a host. It may be empty. */
export function checkHost(fields: Fields): string {
  const [host, ...others] = fields.getAll(nameOf(HOST));
  if (host === undefined) {
    throw new H1RequestError(
      "Cannot encode a request: it has no Host",
      "missing-host",
    );
  }
  if (others.length > 0) {
    throw new H1RequestError(
      "Cannot encode a request: it has more than one Host",
      "duplicate-host",
    );
  }
  if (!isHost(host)) {
    throw new H1RequestError(
      "Cannot encode a request: its Host is no host with or without a port",
      "invalid-host",
    );
  }
  return host;
}
