import { assertEquals, assertThrows } from "@std/assert";
import { H1Incomplete, ResponseParser } from "../../../../net/http/h1/mod.ts";
import { latin1 } from "./_bytes.ts";
import { forSeeds } from "./_random.ts";
import { everySplit, freshTrace, singly, traceOf } from "./_trace.ts";
import { AFTER_THE_END, INVALID, VALID, type Vector } from "./_vectors.ts";

const optionsOf = ({ options }: Vector) => ({ method: "GET", ...options });

for (const vector of [...VALID, ...INVALID, ...AFTER_THE_END]) {
  const kind = INVALID.includes(vector) ? "refuses" : "reads";
  Deno.test(`ResponseParser: ${kind} ${vector.name}, however it is cut`, () => {
    for (const pieces of everySplit(latin1(vector.bytes))) {
      assertEquals(
        freshTrace(optionsOf(vector), pieces),
        vector.trace,
        `the first of ${pieces.length} pieces has ${pieces[0]!.length} bytes`,
      );
    }
  });
}

Deno.test("ResponseParser: reads large heads, however they are cut", () => {
  for (const filling of ["a", "\xe9"]) {
    const pairs = Array.from(
      { length: 90 },
      (_, i) => [`x-${i}`, filling.repeat(i * 7)],
    );
    const lines = pairs.map((each) => `${each.join(": ")}\r\n`).join("");
    const bytes = latin1(`HTTP/1.1 204 Fine\r\n${lines}\r\n`);
    const wanted = pairs.map((each) => ` | ${each.join(": ")}`).join("");
    const trace = [`head 1.1 204 Fine, none, keep${wanted}`, "end"];
    forSeeds(20, (random) => {
      const pieces = random.cut(bytes);
      assertEquals(freshTrace({ method: "GET" }, pieces), trace);
    });
    assertEquals(freshTrace({ method: "GET" }, singly(bytes)), trace);
    assertEquals(freshTrace({ method: "GET" }, [bytes]), trace);
  }
});

Deno.test("ResponseParser: with no word of the request, that was a GET", () => {
  const parser = new ResponseParser();
  for (let n = 0; n < 2; n++, parser.reset()) {
    const types: unknown[] = [];
    parser.push(latin1("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"));
    for (let event; (event = parser.nextEvent()) !== null;) {
      types.push(event.type);
    }
    assertEquals(types, ["head", "data", "end"]);
  }
});

Deno.test("ResponseParser: what follows a complete response is left over", () => {
  for (const vector of VALID) {
    if (vector.trace.at(-1)!.startsWith("leftover")) continue;
    if (vector.trace.some((each) => each.includes(", close,"))) continue;
    for (const more of ["HTTP/1.1 200 OK\r\n\r\n", "0\r\n\r\n", "\0"]) {
      for (const pieces of everySplit(latin1(vector.bytes + more))) {
        assertEquals(
          freshTrace(optionsOf(vector), pieces),
          [...vector.trace, `leftover ${more}`],
          vector.name,
        );
      }
    }
  }
});

Deno.test("ResponseParser: what it says is ahead is data, and all of it that can be told", () => {
  for (const vector of [...VALID, ...INVALID, ...AFTER_THE_END]) {
    const whole = latin1(vector.bytes);
    for (let cut = 0; cut < whole.length; cut++) {
      const parser = new ResponseParser(optionsOf(vector));
      try {
        parser.push(whole.subarray(0, cut));
        while (parser.nextEvent() !== null);
      } catch {
        assertEquals(parser.dataAhead, 0, vector.name);
        continue;
      }
      const { dataAhead } = parser;
      const rest = whole.subarray(cut);
      const sure = rest.subarray(0, Math.min(dataAhead, rest.length));
      parser.push(rest);
      let event;
      try {
        event = parser.nextEvent();
      } catch {
        event = null;
      }
      const message = `${vector.name} after ${cut}, ${dataAhead}`;
      if (
        event?.type === "data" && event.bytes.byteOffset === rest.byteOffset
      ) {
        assertEquals(event.bytes, sure, message);
      } else assertEquals(dataAhead, 0, message);
    }
  }
});

Deno.test("ResponseParser: data that is given out is its taker's, who may send it away", () => {
  for (
    const [head, pieces] of [
      ["content-length: 4\r\n", ["ab", "cd"]],
      ["transfer-encoding: chunked\r\n", [
        "2\r\n",
        "ab",
        "\r\n2\r\ncd",
        "\r\n0\r\n\r\n",
      ]],
      ["", ["ab", "cd"]],
    ] as const
  ) {
    const parser = new ResponseParser({ method: "GET" });
    let got = "";
    for (const piece of [`HTTP/1.1 200 OK\r\n${head}\r\n`, ...pieces]) {
      parser.push(latin1(piece));
      for (let event; (event = parser.nextEvent()) !== null;) {
        if (event.type !== "data") continue;
        got += String.fromCharCode(...event.bytes);
        (event.bytes.buffer as ArrayBuffer).transfer();
      }
    }
    parser.end();
    parser.nextEvent();
    assertEquals([got, parser.isEnded], ["abcd", true]);
    assertEquals(parser.leftover, 0);
  }
});

Deno.test("ResponseParser: the end of the connection is an error wherever it cuts a response short", () => {
  for (const vector of VALID) {
    const whole = latin1(vector.bytes);
    const complete = freshTrace(optionsOf(vector), [whole]);
    for (let length = 0; length < whole.length; length++) {
      const prefix = whole.subarray(0, length);
      const trace = freshTrace(optionsOf(vector), [prefix]);
      assertEquals(freshTrace(optionsOf(vector), singly(prefix)), trace);
      const last = trace.at(-1)!;
      const isComplete = complete.at(-1)!.startsWith("leftover") &&
        trace.includes("end");
      const isDelimitedByIt = trace.some((each) => each.includes(", close,"));
      const [, wanted] = /^error (\S+)/.exec(last) ?? [];
      if (isComplete || isDelimitedByIt) {
        assertEquals(wanted, undefined, `${vector.name} after ${length}`);
        continue;
      }
      assertEquals(last, `error ${wanted} at ${length}`, vector.name);
      const at = trace.find((each) => each.startsWith("head"));
      const legal = length === 0
        ? ["no-response"]
        : at === undefined
        ? ["incomplete-head"]
        : at.includes(", chunked,")
        ? ["incomplete-body", "incomplete-chunk", "incomplete-trailers"]
        : ["incomplete-body"];
      assertEquals(legal.includes(wanted!), true, `${vector.name}: ${last}`);
    }
  }
});

Deno.test("ResponseParser: what was pushed before the end of the connection is parsed first", () => {
  const parser = new ResponseParser({ method: "GET" });
  parser.push(
    latin1("HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nab"),
  );
  parser.end(); // told at once
  const types = [];
  for (let i = 0; i < 3; i++) types.push(parser.nextEvent()?.type);
  assertEquals(types, ["informational", "head", "data"]);
  const error = assertThrows(() => parser.nextEvent(), H1Incomplete);
  assertEquals([error.code, error.missing], ["incomplete-body", 1]);
});

Deno.test("ResponseParser: after reset it is as a new one, whatever it was doing", () => {
  const vectors = [...VALID, ...INVALID, ...AFTER_THE_END];
  const parser = new ResponseParser({ method: "GET" });
  let before: Vector = vectors[0]!;
  for (const vector of [...vectors, ...vectors.toReversed()]) {
    const bytes = latin1(vector.bytes);
    for (const cut of [bytes.length, bytes.length >> 1, 3]) {
      // Broken off somewhere, or at its end.
      parser.reset(optionsOf(before));
      traceOf(parser, [latin1(before.bytes).subarray(0, cut)], false);
      parser.reset(optionsOf(vector));
      assertEquals(traceOf(parser, [bytes]), vector.trace, vector.name);
      parser.reset(optionsOf(vector));
      assertEquals(traceOf(parser, singly(bytes)), vector.trace, vector.name);
    }
    before = vector;
  }
});

Deno.test("ResponseParser: the error of a short body says how much is missing", () => {
  const parser = new ResponseParser({ method: "GET" });
  const missing = (text: string) => {
    parser.reset({ method: "GET" });
    parser.push(latin1(text));
    while (parser.nextEvent() !== null);
    parser.end();
    const error = assertThrows(() => parser.nextEvent()) as {
      missing?: unknown;
    };
    return error.missing;
  };
  const head = "HTTP/1.1 200 OK\r\n";
  assertEquals(missing(`${head}Content-Length: 9\r\n\r\nabc`), 6);
  assertEquals(
    missing(`${head}Content-Length: 9007199254740991\r\n\r\n`),
    2 ** 53 - 1,
  );
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;
  assertEquals(missing(`${chunked}a\r\nabc`), 7);
  assertEquals(missing(`${chunked}3\r\nabc`), null);
  assertEquals(missing(`${chunked}0\r\nA: b`), null);
  assertEquals(missing(head), null);
});

Deno.test("ResponseParser: data is the piece itself where all of it is data", () => {
  for (const framing of ["Content-Length: 9", "Connection: close"]) {
    const parser = new ResponseParser({ method: "GET" });
    parser.push(latin1(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`));
    parser.nextEvent();
    assertEquals(parser.nextEvent(), null);
    const piece = latin1("hello");
    parser.push(piece);
    const event = parser.nextEvent();
    assertEquals(event?.type === "data" && event.bytes === piece, true);
  }
});

Deno.test("ResponseParser: a huge length reserves nothing", () => {
  const parser = new ResponseParser({ method: "GET" });
  parser.push(
    latin1(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 53 - 1}\r\n\r\nabc`),
  );
  assertEquals(parser.nextEvent()?.type, "head");
  const event = parser.nextEvent();
  assertEquals(event?.type === "data" && event.bytes.length, 3);
  assertEquals(parser.nextEvent(), null);
});

Deno.test("ResponseParser: events keep their own values when the parser goes on", () => {
  const parser = new ResponseParser({ method: "GET" });
  const bytes = latin1(
    "HTTP/1.1 200 One\r\nContent-Length: 2\r\nA: 1\r\n\r\nab",
  );
  parser.push(bytes);
  const first = parser.nextEvent();
  const data = parser.nextEvent();
  parser.nextEvent();
  parser.reset({ method: "HEAD" });
  bytes.fill(0x21);
  parser.push(latin1("HTTP/1.1 404 Two\r\nB: 2\r\n\r\n"));
  const second = parser.nextEvent();
  assertEquals(first?.type === "head" && [first.reason, ...first.fields], [
    "One",
    ["content-length", "2"],
    ["a", "1"],
  ]);
  assertEquals(second?.type === "head" && [second.reason, ...second.fields], [
    "Two",
    ["b", "2"],
  ]);
  assertEquals(data?.type, "data");
});

Deno.test("ResponseParser: bytes that answer no request keep it from being reset", () => {
  const parser = new ResponseParser({ method: "GET" });
  parser.push(latin1("HTTP/1.1 204 \r\n\r\nHTTP/1.1 200 OK\r\n\r\n"));
  while (parser.nextEvent() !== null);
  assertEquals([parser.isEnded, parser.leftover], [true, 19]);
  parser.push(latin1("more")); // as a second read might bring
  assertEquals(parser.nextEvent(), null);
  assertEquals(parser.leftover, 23);
  const error = assertThrows(() => parser.reset({ method: "GET" }), Error);
  assertEquals(
    error.message,
    "Cannot reset ResponseParser: 23 bytes are left over",
  );
  assertEquals(
    parser.takeLeftover(),
    latin1("HTTP/1.1 200 OK\r\n\r\nmore"),
  );
  parser.reset({ method: "GET" });
  assertEquals(parser.isEnded, false);
});

Deno.test("ResponseParser: nothing is left over before the end", () => {
  const parser = new ResponseParser({ method: "GET" });
  parser.push(
    latin1("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world"),
  );
  parser.nextEvent();
  assertEquals(parser.leftover, 0);
  assertEquals(parser.takeLeftover().length, 0);
  parser.nextEvent();
  assertEquals(parser.leftover, 0);
  assertEquals(parser.nextEvent()?.type, "end");
  assertEquals(parser.leftover, 7); // before it said null, too
});

Deno.test("ResponseParser: push is refused out of turn, and for what is no bytes", () => {
  const parser = new ResponseParser({ method: "GET" });
  assertThrows(
    () => parser.push("HTTP/1.1" as unknown as Uint8Array),
    TypeError,
    "must be a Uint8Array",
  );
  parser.push(latin1("HTTP/1.1 200 OK\r\n\r\nabc"));
  parser.nextEvent(); // the head, not yet the data
  assertThrows(
    () => parser.push(latin1("d")),
    Error,
    "Cannot push: the bytes before were not read to their end",
  );
  parser.nextEvent();
  parser.end();
  assertThrows(
    () => parser.push(latin1("d")),
    Error,
    "Cannot push: the connection has ended",
  );
});

Deno.test("ResponseParser: an empty piece changes nothing", () => {
  const empty = new Uint8Array(0);
  for (const vector of [...VALID, ...INVALID]) {
    const pieces = singly(latin1(vector.bytes)).flatMap((
      each,
    ) => [each, empty]);
    assertEquals(
      freshTrace(optionsOf(vector), [empty, ...pieces]),
      vector.trace,
      vector.name,
    );
  }
});
