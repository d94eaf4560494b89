import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import {
  ChunkDecoder,
  DEFAULT_LIMITS,
  H1LimitExceeded,
  type H1Limits,
  ResponseParser,
  type ResponseParserOptions,
} from "../../../../net/http/h1/mod.ts";
import { latin1 } from "./_bytes.ts";
import { everySplit, freshTrace, traceOf } from "./_trace.ts";

/** What is exactly within a limit, and what is one over it. */
interface Edge {
  limits: Partial<H1Limits>;
  within: string;
  beyond: string;
  error: string;
  obsFold?: "unfold";
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

const EDGES: Record<string, Edge> = {
  "bytes of a head": {
    limits: { headBytes: 26 },
    within: "HTTP/1.1 204 \r\nA: bcde\r\n\r\n",
    beyond: "HTTP/1.1 204 \r\nA: bcdef\r\n\r\n",
    error: "head-too-large at 26",
  },
  "bytes of a head that has not even a status line": {
    limits: { headBytes: 17 },
    within: "HTTP/1.1 204 \r\n\r\n",
    beyond: "HTTP/1.1 204 a\r\n\r\n",
    error: "head-too-large at 17",
  },
  "bytes of the last of several heads": {
    limits: { headBytes: 21 },
    within: "HTTP/1.1 100 abcd\r\n\r\nHTTP/1.1 204 abcd\r\n\r\n",
    beyond: "HTTP/1.1 100 abcd\r\n\r\nHTTP/1.1 204 abcde\r\n\r\n",
    error: "head-too-large at 42",
  },
  "fields of a head": {
    limits: { fields: 2 },
    within: "HTTP/1.1 204 \r\nA:\r\nB:\r\n\r\n",
    beyond: "HTTP/1.1 204 \r\nA:\r\nB:\r\nC:\r\n\r\n",
    error: "too-many-fields at 23",
  },
  "no fields at all": {
    limits: { fields: 0 },
    within: "HTTP/1.1 204 \r\n\r\n",
    beyond: "HTTP/1.1 204 \r\nA:\r\n\r\n",
    error: "too-many-fields at 15",
  },
  "bytes of a line": {
    limits: { lineBytes: 16 },
    within: "HTTP/1.1 204 \r\nabcdefgh: 123456\r\n\r\n",
    beyond: "HTTP/1.1 204 \r\nabcdefgh: 1234567\r\n\r\n",
    error: "line-too-long at 31",
  },
  "bytes of a name": {
    limits: { lineBytes: 16 },
    within: "HTTP/1.1 204 \r\n123456789012345:\r\n\r\n",
    beyond: "HTTP/1.1 204 \r\n1234567890123456:\r\n\r\n",
    error: "line-too-long at 31",
  },
  "spaces before a value": {
    limits: { lineBytes: 16 },
    within: "HTTP/1.1 204 \r\nA:              \r\n\r\n",
    beyond: "HTTP/1.1 204 \r\nA:               \r\n\r\n",
    error: "line-too-long at 31",
  },
  "bytes of a status line": {
    limits: { lineBytes: 16 },
    within: "HTTP/1.1 204 abc\r\n\r\n",
    beyond: "HTTP/1.1 204 abcd\r\n\r\n",
    error: "line-too-long at 16",
  },
  "bytes of each line of a fold": {
    limits: { lineBytes: 16 },
    obsFold: "unfold",
    within: "HTTP/1.1 204 \r\nA: 1\r\n             abc\r\n\r\n",
    beyond: "HTTP/1.1 204 \r\nA: 1\r\n             abcd\r\n\r\n",
    error: "line-too-long at 37",
  },
  "interim responses": {
    limits: { informational: 1 },
    within: "HTTP/1.1 100 \r\n\r\nHTTP/1.1 204 \r\n\r\n",
    beyond: "HTTP/1.1 100 \r\n\r\nHTTP/1.1 100 \r\n\r\nHTTP/1.1 204 \r\n\r\n",
    error: "too-many-informational at 34",
  },
  "bytes of all interim responses": {
    limits: { informationalBytes: 36 },
    within: "HTTP/1.1 100 \r\n\r\nHTTP/1.1 102 ab\r\n\r\nHTTP/1.1 204 \r\n\r\n",
    beyond:
      "HTTP/1.1 100 \r\n\r\nHTTP/1.1 102 abc\r\n\r\nHTTP/1.1 204 \r\n\r\n",
    error: "informational-too-large at 37",
  },
  "bytes of the extensions of a chunk": {
    limits: { chunkExtensionBytes: 4 },
    within: `${CHUNKED}1;abc\r\na\r\n0\r\n\r\n`,
    beyond: `${CHUNKED}1;abcd\r\na\r\n0\r\n\r\n`,
    error: "chunk-extensions-too-large at 52",
  },
  "bytes of the extensions of all chunks": {
    limits: { chunkExtensionBytes: 4 },
    within: `${CHUNKED}1;a\r\na\r\n1 ;\r\nb\r\n0\r\n\r\n`,
    beyond: `${CHUNKED}1;a\r\na\r\n1 ;\r\nb\r\n0;\r\n\r\n`,
    error: "chunk-extensions-too-large at 64",
  },
  "padding of a chunk size": {
    limits: { chunkExtensionBytes: 3 },
    within: `${CHUNKED}0   \r\n\r\n`,
    beyond: `${CHUNKED}0    \r\n\r\n`,
    error: "chunk-extensions-too-large at 51",
  },
  "bytes of trailers": {
    limits: { trailerBytes: 8 },
    within: `${CHUNKED}0\r\nA: b\r\n\r\n`,
    beyond: `${CHUNKED}0\r\nA: bc\r\n\r\n`,
    error: "trailers-too-large at 58",
  },
  "fields of trailers": {
    limits: { fields: 1 },
    within: `${CHUNKED}0\r\nA:\r\n\r\n`,
    beyond: `${CHUNKED}0\r\nA:\r\nB:\r\n\r\n`,
    error: "too-many-fields at 54",
  },
  "bytes of a line of trailers": {
    limits: { lineBytes: 30 },
    within: `${CHUNKED}0\r\nA: ${"b".repeat(27)}\r\n\r\n`,
    beyond: `${CHUNKED}0\r\nA: ${"b".repeat(28)}\r\n\r\n`,
    error: "line-too-long at 80",
  },
};

for (const [name, edge] of Object.entries(EDGES)) {
  Deno.test(`limits: ${name}: as many as allowed pass, one more does not`, () => {
    const { limits, obsFold = "reject" } = edge;
    const options = { method: "GET", limits, obsFold } as const;
    for (const pieces of everySplit(latin1(edge.within))) {
      assertEquals(freshTrace(options, pieces).at(-1)!.slice(0, 3), "end");
    }
    for (const pieces of everySplit(latin1(edge.beyond))) {
      assertEquals(
        freshTrace(options, pieces).at(-1),
        `error ${edge.error}`,
      );
    }
  });
}

Deno.test("limits: are those of the documentation where none are given", () => {
  const error = (text: string) => {
    const last = freshTrace({ method: "GET" }, [latin1(text)]).at(-1)!;
    return /^error (\S+)/.exec(last)?.[1];
  };
  const status = "HTTP/1.1 204 \r\n";
  const line = (length: number) => `A: ${"b".repeat(length - 3)}\r\n`;
  assertEquals(error(`${status}${line(8192)}\r\n`), undefined);
  assertEquals(error(`${status}${line(8193)}\r\n`), "line-too-long");
  assertEquals(error(`${status}${"A:\r\n".repeat(100)}\r\n`), undefined);
  assertEquals(
    error(`${status}${"A:\r\n".repeat(101)}\r\n`),
    "too-many-fields",
  );
  const most = status + line(8190).repeat(7);
  const rest = 65_536 - most.length - 4;
  assertEquals(error(`${most}${line(rest)}\r\n`), undefined);
  assertEquals(error(`${most}${line(rest + 1)}\r\n`), "head-too-large");

  const head = "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n";
  const extended = (length: number) =>
    `${head}1;${"a".repeat(length - 1)}\r\na\r\n0\r\n\r\n`;
  assertEquals(error(extended(16_384)), undefined);
  assertEquals(error(extended(16_385)), "chunk-extensions-too-large");
  const trailed = (length: number) =>
    `${head}0\r\n${line(8000).repeat(2)}${line(length - 16_008)}\r\n`;
  assertEquals(error(trailed(16_384)), undefined);
  assertEquals(error(trailed(16_385)), "trailers-too-large");
  const interim = `HTTP/1.1 100 \r\n${line(8190).repeat(7)}`;
  const last = 65_536 - interim.length - 4;
  assertEquals(error(`${interim}${line(last)}\r\n${status}\r\n`), undefined);
  assertEquals(
    error(`${interim}${line(last - 17)}\r\nHTTP/1.1 100 \r\n\r\n${status}\r\n`),
    undefined,
  );
  assertEquals(
    error(`${interim}${line(last - 16)}\r\nHTTP/1.1 100 \r\n\r\n${status}\r\n`),
    "informational-too-large",
  );
});

Deno.test("limits: what never ends is refused as soon as it is too much", () => {
  const cases: [name: string, start: string, more: string, most: number][] = [
    ["head", "HTTP/1.1 200 ", "a", 8192],
    ["fields", "HTTP/1.1 200 \r\n", "Name: value\r\n", 100 * 13],
    ["head of folds", "HTTP/1.1 200 \r\nA: b", "\r\n c", 65_536],
    ["interim responses", "", "HTTP/1.1 100 \r\n\r\n", 9 * 17],
    ["extension", `${CHUNKED}1;`, "a", 16_384],
    ["extensions", CHUNKED, "1;abc\r\na\r\n", 16_384 / 4 * 10],
    ["trailers", `${CHUNKED}0\r\n`, "Name: value\r\n", 100 * 13],
    ["digits", CHUNKED, "0", 16],
  ];
  for (const [name, start, more, most] of cases) {
    const parser = new ResponseParser({ method: "GET", obsFold: "unfold" });
    const piece = latin1(more);
    let pushed = 0;
    const error = assertThrows(() => {
      parser.push(latin1(start));
      for (;;) {
        while (parser.nextEvent() !== null);
        parser.push(piece);
        pushed += piece.length;
      }
    }, Error);
    if (name !== "digits") assertInstanceOf(error, H1LimitExceeded, name);
    assertEquals(pushed <= most + piece.length, true, `${name}: ${pushed}`);
  }
});

Deno.test("limits: chunks of one byte are no flood", () => {
  const body = "1\r\na\r\n".repeat(100_000) + "0\r\n\r\n";
  const trace = freshTrace({ method: "GET" }, [latin1(CHUNKED + body)]);
  assertEquals(trace[1], `data ${"a".repeat(100_000)}`);
  assertEquals(trace[2], "end");
});

Deno.test("limits: those of each reset count, and none after one without", () => {
  const parser = new ResponseParser({ method: "GET" });
  const lasts = (options: Partial<ResponseParserOptions>) => {
    parser.reset({ method: "GET", ...options });
    return traceOf(parser, [latin1("HTTP/1.1 204 \r\nA: b\r\n c\r\n\r\n")])
      .at(-1);
  };
  const limits = { fields: 0 };
  const obsFold = "unfold";
  assertEquals(lasts({}), "error obs-fold at 21");
  assertEquals(lasts({ obsFold }), "end");
  assertEquals(lasts({ obsFold, limits }), "error too-many-fields at 15");
  assertEquals(lasts({ obsFold, limits }), "error too-many-fields at 15");
  assertEquals(lasts({ obsFold, limits: { fields: 1 } }), "end");
  assertEquals(lasts({ obsFold, limits }), "error too-many-fields at 15");
  assertEquals(lasts({ obsFold }), "end");
  assertEquals(lasts({ limits: { fields: 1 } }), "error obs-fold at 21");
  assertEquals(lasts({}), "error obs-fold at 21");
});

Deno.test("limits: count for each response anew", () => {
  const limits = {
    headBytes: 50,
    fields: 1,
    informational: 1,
    informationalBytes: 17,
    chunkExtensionBytes: 2,
    trailerBytes: 6,
  };
  const options = { method: "GET", limits };
  const parser = new ResponseParser(options);
  const bytes = latin1(
    `HTTP/1.1 100 \r\n\r\n${CHUNKED}0000000000000001;a\r\nb\r\n0\r\nA:\r\n\r\n`,
  );
  for (let i = 0; i < 5; i++) {
    assertEquals(traceOf(parser, [bytes]).at(-1), "end | a: ");
    parser.reset(options);
    // Broken off: in the middle of a size, at the least.
    for (const cut of [3, 16, 40, 75, 84, 90]) {
      traceOf(parser, [bytes.subarray(0, cut)], false);
      parser.reset(options);
    }
  }
});

Deno.test("limits: what is no whole number is refused before anything", () => {
  for (const name of Object.keys(DEFAULT_LIMITS)) {
    for (const value of [-1, 1.5, NaN, Infinity, "1" as unknown as number]) {
      const limits = { [name]: value };
      const message =
        `Cannot limit ${name}: it must be a whole number, not below 0`;
      assertThrows(
        () => new ResponseParser({ method: "GET", limits }),
        RangeError,
        message,
      );
      assertThrows(() => new ChunkDecoder({ limits }), RangeError, message);
    }
  }
});

Deno.test("limits: a reset that is refused changes nothing", () => {
  const parser = new ResponseParser({ method: "GET" });
  parser.push(latin1("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"));
  while (parser.nextEvent() !== null);
  const limits = { fields: -1 };
  assertThrows(() => parser.reset({ method: "GET", limits }), RangeError);
  parser.push(latin1("a"));
  assertEquals(parser.nextEvent()?.type, "data");
});
