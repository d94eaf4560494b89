import type { ExchangeRecord } from "./exchange_record.ts";
import type { Fields } from "./h1/fields.ts";
import type {
  HarEntry,
  HarPair,
  HarRequest,
  HarResponse,
  HarTimings,
} from "./har_format.ts";
import { REDACTED, redactField, redactUrl } from "./_redact.ts";
import type { Timings } from "./timings.ts";

const VERSION = "HTTP/1.1";

/**
 * An exchange as an entry of HAR 1.2.
 *
 * @param endedAt When it ended, by the clock on the wall.
 */
export function entryOf(
  exchange: ExchangeRecord,
  endedAt: Date,
  redacts: boolean,
): HarEntry {
  const { connection } = exchange;
  const timings = timingsOf(exchange.timings);
  const startedAt = endedAt.getTime() - exchange.timings.total;
  const peer = connection?.remoteAddr;
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: sumOf(timings),
    request: requestOf(exchange, redacts),
    response: responseOf(exchange, redacts),
    cache: {},
    timings,
    ...(peer && "hostname" in peer ? { serverIPAddress: peer.hostname } : {}),
    ...(connection ? { connection: String(connection.id) } : {}),
  };
}

function requestOf(exchange: ExchangeRecord, redacts: boolean): HarRequest {
  const { method, requestHeaders, requestHeadBytes, requestBodyBytes } =
    exchange;
  const url = redacts ? redactUrl(exchange.url) : exchange.url;
  const cookies = valuesOf(requestHeaders, "cookie")
    .flatMap((value) => value.split(";"));
  return {
    method,
    url,
    httpVersion: VERSION,
    cookies: cookiesOf(cookies, redacts),
    headers: headersOf(requestHeaders, redacts),
    queryString: [...new URL(url).searchParams]
      .map(([name, value]) => ({ name, value })),
    headersSize: requestHeadBytes,
    bodySize: requestBodyBytes ?? -1,
  };
}

function responseOf(
  { response, end, error }: ExchangeRecord,
  redacts: boolean,
): HarResponse {
  const headers = response?.headers ?? null;
  const location = headers?.get("location") ?? "";
  const bodySize = end === "whole" ? response?.bodyBytes ?? -1 : -1;
  return {
    status: response?.status ?? 0,
    statusText: response?.statusText ?? "",
    httpVersion: response === null ? "" : VERSION,
    cookies: headers === null ? [] : cookiesOf(
      valuesOf(headers, "set-cookie").map((each) => each.split(";")[0]!),
      redacts,
    ),
    headers: headers === null ? [] : headersOf(headers, redacts),
    content: {
      size: headers?.has("content-encoding") ? -1 : bodySize,
      mimeType: headers?.get("content-type") ?? "",
    },
    redirectURL: redacts ? redactUrl(location) : location,
    headersSize: -1,
    bodySize,
    ...(end === "failed" ? { _error: String(error) } : {}),
  };
}

function headersOf(fields: Fields, redacts: boolean): HarPair[] {
  return [...fields.lines()].map(([name, value]) => ({
    name,
    value: redacts ? redactField(name, value) : value,
  }));
}

function valuesOf(fields: Fields, wanted: string): string[] {
  return [...fields.lines()]
    .filter(([name]) => name.toLowerCase() === wanted)
    .map(([, value]) => value);
}

function cookiesOf(texts: readonly string[], redacts: boolean): HarPair[] {
  return texts.filter((text) => text.trim() !== "").map((text) => {
    const [name, ...value] = text.split("=");
    return {
      name: name!.trim(),
      value: redacts ? REDACTED : value.join("=").trim(),
    };
  });
}

/** The phase in which it ended has no end of its own: it lasts to the very end. */
function timingsOf(timings: Timings): HarTimings {
  const { startedAt, acquiredAt, resolvedAt, securedAt, endedAt } = timings;
  const since = (at: number) => Math.max(0, endedAt - at);
  const none = { blocked: -1, dns: -1, connect: -1, ssl: -1 };
  const unsent = { ...none, send: 0, wait: 0, receive: 0 };
  if (acquiredAt === 0) return { ...unsent, blocked: since(startedAt) };
  const blocked = timings.queue;
  const dns = resolvedAt === 0 ? -1 : timings.resolve;
  if (timings.sendingAt === 0) {
    return {
      ...unsent,
      blocked,
      dns,
      connect: since(resolvedAt || acquiredAt),
    };
  }
  const { connectedAt, sendingAt, sentAt, firstByteAt } = timings;
  const ssl = securedAt === 0 ? -1 : timings.tls;
  const connect = connectedAt === 0 ? -1 : timings.connect + Math.max(0, ssl);
  return {
    blocked,
    dns,
    connect,
    send: sentAt === 0 ? since(sendingAt) : timings.send,
    wait: sentAt === 0 ? 0 : firstByteAt === 0 ? since(sentAt) : timings.wait,
    receive: firstByteAt === 0 ? 0 : timings.receive,
    ssl,
  };
}

/** That of TLS is a part of connecting already. */
function sumOf({ ssl: _, ...timings }: HarTimings): number {
  return Object.values(timings)
    .reduce((sum, each) => sum + Math.max(0, each), 0);
}
