/** Fields whose values are secrets. */
const SECRET = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
]);

/** Fields whose values are URLs. */
const URLS = new Set(["content-location", "location", "referer"]);

/** What stands in the place of a secret. */
export const REDACTED = "redacted";

/** A URL without credentials, and without what its query string says. */
export function redactUrl(text: string): string {
  return text
    .replace(/^((?:[^:/?#]+:)?\/\/)[^/?#]*@/, `$1${REDACTED}@`)
    .replace(/\?[^#]*/, (query) => query.replace(/=[^&]*/g, `=${REDACTED}`))
    .replace(/#.*/s, `#${REDACTED}`);
}

/** The value of a field, if it is no secret. */
export function redactField(name: string, value: string): string {
  const key = name.toLowerCase();
  if (SECRET.has(key)) return REDACTED;
  return URLS.has(key) ? redactUrl(value) : value;
}
