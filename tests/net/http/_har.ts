import { assert, assertEquals } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { type HarEntry, HarRecorder } from "../../../net/http/har.ts";
import {
  HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from "../../../net/http/mod.ts";

type Kind = "text" | "number" | readonly [Shape] | Shape;
interface Shape {
  readonly [name: string]: Kind;
}

// Written from the text of HAR 1.2; a name with "?" may be missing.
const PAIRS = [{ name: "text", value: "text" }] as const;
const MESSAGE: Shape = {
  httpVersion: "text",
  cookies: PAIRS,
  headers: PAIRS,
  headersSize: "number",
  bodySize: "number",
};
const HAR: Shape = {
  log: {
    version: "text",
    creator: { name: "text", version: "text" },
    entries: [{
      startedDateTime: "text",
      time: "number",
      request: { ...MESSAGE, method: "text", url: "text", queryString: PAIRS },
      response: {
        ...MESSAGE,
        status: "number",
        statusText: "text",
        content: { size: "number", mimeType: "text" },
        redirectURL: "text",
      },
      cache: {},
      timings: {
        blocked: "number",
        dns: "number",
        connect: "number",
        send: "number",
        wait: "number",
        receive: "number",
        ssl: "number",
      },
      "serverIPAddress?": "text",
      "connection?": "text",
    }],
  },
};

/** Checks a value against a shape; names that begin with "_" are one's own. */
function check(value: unknown, kind: Kind, at: string): void {
  if (kind === "text") return assert(typeof value === "string", at);
  if (kind === "number") {
    return assert(Number.isFinite(value) && (value as number) >= -1, at);
  }
  if (Array.isArray(kind)) {
    assert(Array.isArray(value), at);
    value.forEach((each, i) => check(each, kind[0], `${at}[${i}]`));
    return;
  }
  const left = new Set(Object.keys(value as object));
  for (const [key, inner] of Object.entries(kind as Shape)) {
    const name = key.replace("?", "");
    if (!left.delete(name)) {
      assert(key.endsWith("?"), `${at}.${name} is missing`);
    } else {check(
        (value as Record<string, unknown>)[name],
        inner,
        `${at}.${name}`,
      );}
  }
  for (const name of left) assert(name.startsWith("_"), `${at}.${name}`);
}

/** The entries of a recorder, as a reader of HAR finds them. */
export function entriesOf(har: HarRecorder): HarEntry[] {
  const read = JSON.parse(JSON.stringify(har));
  check(read, HAR, "har");
  assertEquals(read.log.version, "1.2");
  for (const { startedDateTime, time, timings } of read.log.entries) {
    assertEquals(new Date(startedDateTime).toISOString(), startedDateTime);
    const { blocked, dns, connect, send, wait, receive, ssl } = timings;
    const sum = [blocked, dns, connect, send, wait, receive]
      .reduce((a, b) => a + Math.max(0, b), 0);
    assert(Math.abs(sum - time) < 1e-6, `${time} is not ${sum}`);
    assert(send >= 0 && wait >= 0 && receive >= 0);
    assert(ssl <= connect, "TLS is a part of connecting");
  }
  return read.log.entries;
}

/** What a recorder has of some requests, whose failures do not count. */
export async function recorded(
  requests: HttpRequest[],
  options: HttpClientOptions = {},
  har: HarRecorder = new HarRecorder(),
): Promise<HarEntry[]> {
  await using client = new HttpClient({
    ...options,
    onExchange: har.onExchange,
  });
  for (const request of requests) {
    try {
      using response = await run(client.request(request));
      await run(response.bytes());
    } catch { /* it is in the records */ }
  }
  return entriesOf(har);
}

/** The value of a header in an entry. */
export function valueOf(
  of: { headers: readonly { name: string; value: string }[] },
  wanted: string,
): string | undefined {
  return of.headers.find(({ name }) => name.toLowerCase() === wanted)?.value;
}
