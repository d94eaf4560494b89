import { RequestError, TooManyRedirects } from "./errors.ts";
import type { HeadEvent } from "./h1/events.ts";
import { Fields } from "./h1/fields.ts";
import type { Settings } from "./options.ts";
import { makePlan, type Plan } from "./_plan.ts";
import { resolveTarget, type Target } from "./_target.ts";

/** What describes a body, and goes with it (RFC 9110 section 15.4, point 2). */
const OF_THE_BODY = new Set([
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-location",
  "digest",
  "last-modified",
  "transfer-encoding",
  "trailer",
  "expect",
]);

/** What is meant for one origin alone. */
const CREDENTIALS = new Set(["authorization", "cookie", "proxy-authorization"]);

/**
 * The request that a response leads to, if it is a redirect to be followed:
 * RFC 9110 section 15.4.
 *
 * - 303, and 301 or 302 after a POST, go on as GET and without the body; all
 *   others keep method and body.
 * - On the way to another origin (scheme and port count) credentials are taken
 *   off. The fields are those of the hop before, so that they stay off.
 *
 * @param redirects How many were followed already.
 * @returns null if the response is the final one.
 * @throws {TooManyRedirects} If it is one more than allowed.
 * @throws {RequestError} If redirects are errors, if the location is no URL to
 * go to, or if the body is needed again and cannot be.
 */
export function nextPlan(
  plan: Plan,
  head: HeadEvent,
  { redirect, limits, routes }: Settings,
  redirects: number,
): Plan | null {
  if (redirect === "manual" || !isRedirect(head.status)) return null;
  const [location, ...others] = head.fields.getAll("location");
  if (location === undefined) return null; // it leads nowhere
  if (redirect === "error") {
    throw failed("the server redirects, and the option redirect is error");
  }
  if (redirects >= limits.redirects) {
    throw new TooManyRedirects(
      `Cannot follow a redirect: there were ${redirects} before it; raise limits.redirects`,
      { phase: "redirect", requestMayHaveBeenProcessed: true },
    );
  }
  if (others.some((other) => other !== location)) {
    throw failed("the server gives several locations that differ");
  }
  const target = targetFrom(location, plan.target);
  const asGet = rewritesToGet(head.status, plan.method);
  const { body } = plan;
  if (asGet) body?.drop();
  else if (body !== null && !body.replayable) {
    throw failed(
      `the server wants the body again (${head.status}), which cannot be replayed`,
    );
  }
  const changesOrigin = target.origin !== plan.target.origin;
  const fields = [...plan.fields.lines()].filter(([as]) => {
    const name = as.toLowerCase();
    return !(asGet && OF_THE_BODY.has(name)) &&
      !(changesOrigin && (CREDENTIALS.has(name) || name === "host"));
  });
  return makePlan(
    asGet ? "GET" : plan.method,
    target,
    routes.to(target),
    Fields.from(fields),
    asGet ? null : body,
  );
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 ||
    status === 307 || status === 308;
}

function rewritesToGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

function targetFrom(location: string, from: Target): Target {
  try {
    return resolveTarget(utf8Of(location), from);
  } catch (cause) {
    throw new RequestError(
      "Cannot follow a redirect: its location is no URL to go to",
      {
        phase: "redirect",
        requestMayHaveBeenProcessed: true,
        cause,
      },
    );
  }
}

/** Bytes over 127 in a location are UTF-8 as a rule; they came as Latin-1. */
function utf8Of(text: string): string {
  const bytes = Uint8Array.from(text, (each) => each.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

function failed(why: string): RequestError {
  return new RequestError(`Cannot follow a redirect: ${why}`, {
    phase: "redirect",
    requestMayHaveBeenProcessed: true,
  });
}
