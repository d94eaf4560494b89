import {
  encodeRequest,
  Fields,
  type FieldsInit,
  requestFraming,
} from "./h1/mod.ts";
import type { RequestBody } from "./_body_source.ts";
import { RequestError } from "./errors.ts";
import type { Target } from "./_target.ts";

/**
 * A request as it is to be sent: checked and encoded, so that what is wrong with
 * it comes out before anything is done. A redirect replaces it by the next.
 */
export interface Plan {
  readonly method: string;
  readonly target: Target;
  /** The caller's fields, over those of the client. */
  readonly fields: Fields;
  readonly body: RequestBody | null;
  /** The head, and the body with it if it is small. */
  readonly bytes: Uint8Array;
  /** Whether the body is in `bytes`. */
  readonly isWhole: boolean;
  /** Whether the body waits for a 100 from the server. */
  readonly expects: boolean;
}

/** A body up to this size goes out with the head: one write, one packet. */
const SMALL = 16 * 1024;

/** RFC 9110 section 9.2.2: sending them twice is sending them once. */
const NO_FIELDS = Fields.from([]);

const IDEMPOTENT = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PUT",
  "DELETE",
]);

/** Whether a request may be sent twice without harm. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** Heads of requests that have nothing of their own but the URL. */
const plain = new WeakMap<Fields, WeakMap<Target, Plan>>();

/**
 * A GET with the client's own fields: the most frequent request is encoded once
 * for each URL.
 */
export function planGet(target: Target, fields: Fields): Plan {
  if (target.authorization !== null) {
    return makePlan("GET", target, fields, null);
  }
  let byTarget = plain.get(fields);
  if (byTarget === undefined) plain.set(fields, byTarget = new WeakMap());
  let plan = byTarget.get(target);
  if (plan === undefined) {
    plan = makePlan("GET", target, fields, null);
    byTarget.set(target, plan);
  }
  return plan;
}

/**
 * Makes the plan of a request.
 *
 * @throws {RequestError} If anything in it cannot be sent.
 */
export function makePlan(
  method: string,
  target: Target,
  given: Fields,
  body: RequestBody | null,
): Plan {
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
      target: target.path,
      fields,
      host: target.host,
      framing,
    })
  );
  const content = body?.bytes ?? null;
  const isWhole = !expects && content !== null && content.byteLength <= SMALL;
  return {
    method,
    target,
    fields,
    body,
    bytes: isWhole ? joined(head, content) : head,
    isWhole: body === null || isWhole,
    expects,
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
