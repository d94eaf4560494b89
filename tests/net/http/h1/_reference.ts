import type { ResponseParserOptions } from "../../../../net/http/h1/mod.ts";

/**
 * Another reader of responses, from the grammar of RFC 9112: all at once, with
 * regular expressions, and no thought for speed. It says what the fuzzer says of a
 * response, or `null` if the text is none, or not all of one.
 */
export function readResponse(
  text: string,
  { method = "GET", upgrade = false, obsFold = "reject" }:
    ResponseParserOptions,
): string | null {
  let said = "";
  let at = 0;
  for (let interim = 0;; interim++) {
    const head = section(text, at, obsFold, true);
    if (head === null) return null;
    const [, minor, status] =
      /^HTTP\/1\.([0-9]) ([1-9][0-9][0-9])(?: [\t -~\x80-\xff]*)?$/.exec(
        head.start,
      ) ?? [];
    if (status === undefined) return null;
    at = head.end;
    const list = JSON.stringify(head.fields);
    if (status.startsWith("1") && status !== "101") {
      if (interim === 8) return null;
      said += `informational ${status} ${list} `;
      continue;
    }
    if (status === "101" && !upgrade) return null;
    said += `head ${status} ${list} `;
    const body = readBody(text, at, obsFold, {
      method,
      status,
      minor: minor!,
      fields: head.fields,
    });
    if (body === null) return null;
    return `${said} body ${JSON.stringify(body.data)} ${
      JSON.stringify(body.trailers)
    } left ${JSON.stringify(text.slice(body.end))}`;
  }
}

type Pair = [name: string, value: string];

/** A head or trailers: lines up to an empty one. */
function section(
  text: string,
  at: number,
  obsFold: "reject" | "unfold",
  hasStart: boolean,
): { start: string; fields: Pair[]; end: number } | null {
  if (!hasStart && text.startsWith("\r\n", at)) {
    return { start: "", fields: [], end: at + 2 };
  }
  const end = text.indexOf("\r\n\r\n", at);
  if (end < 0) return null;
  const lines = text.slice(at, end).split("\r\n");
  const start = hasStart ? lines.shift()! : "";
  if (/^[ \t]/.test(lines[0] ?? "")) return null;
  const pairs = (obsFold === "unfold"
    ? lines.join("\r\n").replaceAll(
      /\r\n[ \t]+/g,
      (fold) => " ".repeat(fold.length),
    )
    : lines.join("\r\n")).split("\r\n");
  const fields: Pair[] = [];
  for (const line of lines.length === 0 ? [] : pairs) {
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t -~\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined) return null;
    fields.push([name.toLowerCase(), value!.replace(/^[ \t]+|[ \t]+$/g, "")]);
  }
  return { start, fields, end: end + 4 };
}

function readBody(
  text: string,
  at: number,
  obsFold: "reject" | "unfold",
  head: { method: string; status: string; minor: string; fields: Pair[] },
): { data: string; trailers: Pair[] | null; end: number } | null {
  const values = (wanted: string) =>
    head.fields.filter(([name]) => name === wanted).map(([, value]) => value);
  const codings = values("transfer-encoding");
  const lengths = values("content-length");
  const nothing = { data: "", trailers: null, end: at };
  if (head.method === "HEAD" || /^(1..|204|304)$/.test(head.status)) {
    return nothing;
  }
  if (head.method === "CONNECT" && head.status.startsWith("2")) return nothing;
  if (codings.length > 0) {
    if (head.minor === "0" || lengths.length > 0) return null;
    if (!/^chunked$/i.test(codings.join())) return null;
    return readChunks(text, at, obsFold);
  }
  if (lengths.length === 0) {
    return { data: text.slice(at), trailers: null, end: text.length };
  }
  const numbers = lengths.join().split(",").map((each) =>
    /^[ \t]*([0-9]+)[ \t]*$/.exec(each)?.[1] ?? "NaN"
  );
  const [length, ...others] = new Set(numbers.map(Number));
  if (!Number.isSafeInteger(length) || others.length > 0) return null;
  const end = at + length!;
  if (end > text.length) return null;
  return { data: text.slice(at, end), trailers: null, end };
}

function readChunks(
  text: string,
  at: number,
  obsFold: "reject" | "unfold",
): { data: string; trailers: Pair[] | null; end: number } | null {
  const size = /([0-9A-Fa-f]{1,16})[ \t]*(?:;[\t -~\x80-\xff]*)?\r\n/y;
  let data = "";
  for (;;) {
    size.lastIndex = at;
    const found = size.exec(text);
    if (found === null) return null;
    at += found[0].length;
    const length = parseInt(found[1]!, 16);
    if (length === 0) break;
    if (text.slice(at + length, at + length + 2) !== "\r\n") return null;
    data += text.slice(at, at + length);
    at += length + 2;
  }
  const trailers = section(text, at, obsFold, false);
  if (trailers === null) return null;
  return {
    data,
    trailers: trailers.fields.length === 0 ? null : trailers.fields,
    end: trailers.end,
  };
}
