import { encodeRequest } from "./h1/encode_request.ts";
import { Fields, type FieldsInit } from "./h1/fields.ts";
import { requestFraming } from "./h1/request_framing.ts";
import type { RequestBody } from "./body/_body_source.ts";
import { RequestError } from "./errors.ts";
import type { Proxy, Route } from "./_proxy.ts";
import type { Target } from "./_target.ts";

/**
 * A request as it is to be sent: checked and encoded, so that what is wrong with
 * it comes out before anything is done. A redirect replaces it by the next.
 */
export interface Plan {
  readonly method: string;
  readonly target: Target;
  readonly route: Route;
  /** The caller's fields, over those of the client. */
  readonly fields: Fields;
  readonly body: RequestBody | null;
  /** The head, and the body with it if it is small. */
  readonly bytes: Uint8Array;
  /** Whether the body is in `bytes`. */
  readonly isWhole: boolean;
  /** Whether the body waits for a 100 from the server. */
  readonly expects: boolean;
  /** Whether it asks for another protocol. */
  readonly upgrades: boolean;
  /** Whether what it says of the caller may hold for the whole connection. */
  readonly authenticatesConnection: boolean;
}

/** A body up to this size goes out with the head: one write, one packet. */
const SMALL = 16 * 1024;

const NO_FIELDS = /* @__PURE__ */ Fields.from([]);

/** RFC 9110 section 9.2.2: sending them twice is sending them once. */
const IDEMPOTENT = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PUT",
  "DELETE",
]);

/** RFC 4559 section 6: what these say of a caller, servers keep in mind. */
const OF_CONNECTIONS = /^(?:negotiate|ntlm)(?![^ ])/i;

/** Whether a request may be sent twice without harm. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * Makes the plan of a request.
 *
 * @throws {RequestError} If anything in it cannot be sent.
 */
export function makePlan(
  method: string,
  target: Target,
  route: Route,
  given: Fields,
  body: RequestBody | null,
): Plan {
  if (route.via === "tunnel" && given.has("proxy-authorization")) {
    throw new RequestError(
      "Cannot make the request: Proxy-Authorization would go to the server behind the proxy; put the credentials into the proxy's URL",
      { phase: "request" },
    );
  }
  const fields = withOwn(given, target, body);
  const expects = body !== null &&
    fields.get("expect")?.toLowerCase() === "100-continue";
  const framing = requestFraming(
    method,
    body === null ? null : body.length ?? "unknown",
  );
  const head = checked(() =>
    encodeRequest({
      method,
      // RFC 9112 section 3.2.2: a proxy is given the URL as a whole.
      target: route.via === "proxy" ? target.href : target.path,
      fields: route.via === "proxy" ? withProxy(fields, route.proxy) : fields,
      host: target.host,
      framing,
    })
  );
  const content = body?.bytes ?? null;
  const isWhole = !expects && content !== null && content.byteLength <= SMALL;
  return {
    method,
    target,
    route,
    fields,
    body,
    bytes: isWhole ? joined(head, content) : head,
    isWhole: body === null || isWhole,
    expects,
    upgrades: fields.has("upgrade"),
    authenticatesConnection:
      OF_CONNECTIONS.test(fields.get("authorization") ?? "") ||
      OF_CONNECTIONS.test(fields.get("proxy-authorization") ?? ""),
  };
}

/** What the URL and the body add, unless the caller says otherwise. */
function withOwn(
  given: Fields,
  target: Target,
  body: RequestBody | null,
): Fields {
  const more: [string, string][] = [];
  if (target.authorization !== null && !given.has("authorization")) {
    more.push(["authorization", target.authorization]);
  }
  if (body !== null && body.type !== null && !given.has("content-type")) {
    more.push(["content-type", body.type]);
  }
  return more.length === 0 ? given : checkFields([...given.lines(), ...more]);
}

/** What is for the proxy alone is added last, and follows no redirect. */
function withProxy(fields: Fields, { authorization }: Proxy): Fields {
  return authorization === null || fields.has("proxy-authorization")
    ? fields
    : checkFields([...fields.lines(), ["Proxy-Authorization", authorization]]);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.byteLength + b.byteLength);
  both.set(a);
  both.set(b, a.byteLength);
  return both;
}

/**
 * Checks fields to send.
 *
 * @throws {RequestError} If a name or a value is not what it must be.
 */
export function checkFields(init: FieldsInit | undefined): Fields {
  if (init === undefined) return NO_FIELDS;
  return checked(() => Fields.from(init));
}

/** The fields of the client, but for those that the request has itself. */
export function mergeFields(defaults: Fields, own: Fields): Fields {
  if (defaults.size === 0) return own;
  if (own.size === 0) return defaults;
  return checkFields([
    ...[...defaults.lines()].filter(([name]) => !own.has(name)),
    ...own.lines(),
  ]);
}

/** What the protocol refuses is the caller's fault. */
function checked<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new RequestError(
      `Cannot make the request: ${(cause as Error).message}`,
      { phase: "request", cause },
    );
  }
}
