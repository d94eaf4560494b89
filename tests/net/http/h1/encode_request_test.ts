import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeRequest,
  Fields,
  type FieldsInit,
  H1RequestError,
  type RequestFraming,
  requestFraming,
  type RequestHead,
  ResponseParser,
} from "../../../../net/http/h1/mod.ts";
import { latin1, text } from "./_bytes.ts";

import { forSeeds, type Random } from "./_random.ts";

const HOST = { Host: "example.com" };
const GET = { method: "GET", target: "/", fields: HOST };

/** The code of the error, or what was made. */
function outcome(head: Partial<RequestHead>): string {
  try {
    return text(encodeRequest({ ...GET, ...head }));
  } catch (error) {
    if (!(error instanceof H1RequestError)) throw error;
    return error.code;
  }
}

Deno.test("encodeRequest: the request line, Host first, the fields as given", () => {
  assertEquals(
    outcome({
      target: "/a?b=c%20d",
      fields: [["accept", "*/*"], ["HOST", "example.com:8080"], [
        "X-A",
        " \tb ",
      ]],
    }),
    "GET /a?b=c%20d HTTP/1.1\r\nHost: example.com:8080\r\naccept: */*\r\nX-A: b\r\n\r\n",
  );
});

Deno.test("encodeRequest: a host that is given holds where no field says it", () => {
  const host = "example.com:8080";
  assertEquals(
    outcome({ fields: {}, host }),
    "GET / HTTP/1.1\r\nHost: example.com:8080\r\n\r\n",
  );
  assertEquals(
    outcome({ fields: { host: "other" }, host }),
    "GET / HTTP/1.1\r\nHost: other\r\n\r\n",
  );
  for (const host of ["a/b", "a\r\nX: 1", "a b", "a,b c", "é", "a\0"]) {
    assertEquals(outcome({ fields: {}, host }), "invalid-host");
  }
});

Deno.test("encodeRequest: fields that were received are sent again as they were", () => {
  const parser = new ResponseParser({ method: "GET", obsFold: "unfold" });
  parser.push(
    latin1("HTTP/1.1 204 \r\nA:1 \r\nhost:a\r\nB: \t2\r\n 3\r\nC:\r\n\r\n"),
  );
  const event = parser.nextEvent();
  if (event?.type !== "head") throw new Error("no head");
  assertEquals(
    outcome({ fields: event.fields }),
    "GET / HTTP/1.1\r\nHost: a\r\nA:1\r\nB: \t2   3\r\nC:\r\n\r\n",
  );
});

Deno.test("encodeRequest: values are Latin-1", () => {
  const bytes = encodeRequest({
    ...GET,
    fields: { ...HOST, "X-A": "\x80\xe9\xff\ta" },
  });
  assertEquals(
    text(bytes),
    "GET / HTTP/1.1\r\nHost: example.com\r\nX-A: \x80\xe9\xff\ta\r\n\r\n",
  );
});

Deno.test("encodeRequest: the framing is told where there is a body, or there should be", () => {
  const framing = (method: string, framing?: RequestFraming) =>
    outcome({ method, ...framing && { framing } })
      .split("\r\n").slice(2, -2).join();
  assertEquals(framing("GET"), "");
  assertEquals(framing("HEAD"), "");
  assertEquals(framing("DELETE"), "");
  assertEquals(framing("OPTIONS"), "");
  assertEquals(framing("POST"), "Content-Length: 0");
  assertEquals(framing("PUT"), "Content-Length: 0");
  assertEquals(framing("PATCH"), "Content-Length: 0");
  assertEquals(framing("post"), ""); // another method
  assertEquals(framing("POST", { kind: "none" }), "");
  assertEquals(
    framing("GET", { kind: "length", length: 3 }),
    "Content-Length: 3",
  );
  assertEquals(
    framing("POST", { kind: "length", length: 2 ** 53 - 1 }),
    "Content-Length: 9007199254740991",
  );
  assertEquals(
    framing("DELETE", { kind: "chunked" }),
    "Transfer-Encoding: chunked",
  );
});

Deno.test("requestFraming: a length where it is known, chunks where it is not", () => {
  assertEquals(requestFraming("GET", 0), { kind: "length", length: 0 });
  assertEquals(requestFraming("POST", 7), { kind: "length", length: 7 });
  assertEquals(requestFraming("GET", "unknown"), { kind: "chunked" });
  assertEquals(requestFraming("DELETE", null), { kind: "none" });
  assertEquals(requestFraming("PATCH", null), { kind: "length", length: 0 });
  for (const length of [-1, 0.5, NaN, 2 ** 53]) {
    assertThrows(() => requestFraming("POST", length), RangeError, "length");
  }
});

Deno.test("encodeRequest: framing fields may stand among the fields if they say the same, and are sent once", () => {
  const sent = (field: FieldsInit, framing: RequestFraming) =>
    outcome({
      method: "POST",
      fields: [...Fields.from(HOST), ...Fields.from(field)],
      framing,
    }).split("\r\n").slice(2, -2).join();
  assertEquals(
    sent({ "content-length": "5" }, { kind: "length", length: 5 }),
    "Content-Length: 5",
  );
  assertEquals(sent({ "content-length": "0" }, { kind: "none" }), "");
  assertEquals(
    sent({ "TRANSFER-ENCODING": "Chunked" }, { kind: "chunked" }),
    "Transfer-Encoding: chunked",
  );
});

const CRLF_IN = [
  "a\r\nX: 1",
  "a\nX: 1",
  "a\rX",
  "a\0",
  "\r\n",
  "a\r\n\r\nGET /",
];

const REFUSED: Record<string, [Partial<RequestHead>, string][]> = {
  "a method that is no token": [
    ...["", "GET ", " GET", "G ET", "GET\t", "GÉT", "GET:", "G(", "GET/"].map(
      (
        method,
      ): [Partial<RequestHead>, string] => [{ method }, "invalid-method"],
    ),
    ...CRLF_IN.map((each): [Partial<RequestHead>, string] => [
      { method: `GET${each}` },
      "invalid-method",
    ]),
    [{ method: undefined as unknown as string }, "invalid-method"],
  ],
  "a target that is none": [
    ...CRLF_IN.map((each): [Partial<RequestHead>, string] => [
      { target: `/${each}` },
      "invalid-target",
    ]),
    ...[
      "",
      "a",
      "?a",
      "/ a",
      "/a ",
      "/\t",
      "/é",
      "/\x7f",
      "/a#b",
      "*",
      "a:80",
      "http:/a",
      "http://",
      "http:///a",
      "http://a b/",
      "http://u@h/",
      "//",
    ]
      .filter((target) => target !== "//")
      .map((target): [Partial<RequestHead>, string] => [
        { target },
        "invalid-target",
      ]),
  ],
  "a target that CONNECT cannot have": [
    ...[
      "/",
      "a",
      "*",
      "a:",
      "a:b",
      ":80",
      "a:80/",
      "http://a:80",
      "u@a:80",
      "a b:80",
      "[::1",
      "a:123456",
      ...CRLF_IN.map((each) => `${each}:80`),
    ]
      .map((target): [Partial<RequestHead>, string] => [
        { method: "CONNECT", target },
        "invalid-target",
      ]),
  ],
  "a Host that is missing, twice there, or no host": [
    [{ fields: {} }, "missing-host"],
    [{ fields: [["Host", "a"], ["host", "a"]] }, "duplicate-host"],
    ...[
      "a/b",
      "u@a",
      "a b",
      "a?b",
      "a#b",
      "a:b",
      "a:123456",
      "[::1",
      "a,b:80 c",
      "http://a",
      "é",
      "a\\b",
      '"a"',
    ]
      .map((Host): [Partial<RequestHead>, string] => [
        { fields: { Host } },
        "invalid-host",
      ]),
    ...CRLF_IN.filter((each) => each !== "\r\n").map((
      each,
    ): [Partial<RequestHead>, string] => [
      { fields: { Host: each } },
      "invalid-field-value",
    ]),
  ],
  "a name that is no token": [
    ...["", "a b", "a:", ":a", "a\t", "é", "a(", "(a", ...CRLF_IN].map((
      name,
    ): [Partial<RequestHead>, string] => [
      { fields: { ...HOST, [name]: "1" } },
      "invalid-field-name",
    ]),
    [
      { fields: [[1 as unknown as string, "a"]] },
      "invalid-field-name",
    ],
  ],
  "a value that no field can have": [
    ...[
      ...CRLF_IN,
      "\x01",
      "\x7f",
      "\x1b",
      "\u0100",
      "\u2028",
      "\u560a",
      "😀",
      "a\n",
    ].map(
      (value): [Partial<RequestHead>, string] => [
        { fields: { ...HOST, Upgrade: value } },
        "invalid-field-value",
      ],
    ),
    [
      { fields: { ...HOST, a: 1 as unknown as string } },
      "invalid-field-value",
    ],
  ],
  "lengths that are no length, differ, or come twice": [
    ...["+5", "-1", "0x5", "5 5", "", "5.0", "9007199254740992"].map(
      (value): [Partial<RequestHead>, string] => [
        {
          fields: { ...HOST, "Content-Length": value },
          framing: { kind: "length", length: 5 },
        },
        "invalid-content-length",
      ],
    ),
    ...([
      [["Content-Length", "5"], ["content-length", "5"]],
      [["Content-Length", "5"], ["content-length", "6"]],
      [["Content-Length", "5, 5"]],
      [["Content-Length", "4"]],
    ] as [string, string][][]).map((
      fields,
    ): [Partial<RequestHead>, string] => [
      {
        fields: [["Host", "a"], ...fields],
        framing: { kind: "length", length: 5 },
      },
      "conflicting-content-length",
    ]),
    [
      { fields: { ...HOST, "content-length": "5" } },
      "conflicting-content-length",
    ],
    [
      {
        fields: { ...HOST, "content-length": "5" },
        framing: { kind: "chunked" },
      },
      "conflicting-content-length",
    ],
  ],
  "a Transfer-Encoding beside a length, or other than the framing": [
    [
      {
        fields: {
          ...HOST,
          "Transfer-Encoding": "chunked",
          "content-length": "5",
        },
        framing: { kind: "chunked" },
      },
      "content-length-with-transfer-encoding",
    ],
    ...["gzip", "chunked, chunked", "gzip, chunked", "", "xchunked"].map((
      value,
    ): [Partial<RequestHead>, string] => [
      {
        fields: { ...HOST, "Transfer-Encoding": value },
        framing: { kind: "chunked" },
      },
      "unsupported-transfer-encoding",
    ]),
    [
      {
        fields: [["Host", "a"], ["Transfer-Encoding", "chunked"], [
          "transfer-encoding",
          "chunked",
        ]],
        framing: { kind: "chunked" },
      },
      "unsupported-transfer-encoding",
    ],
    [
      { fields: { ...HOST, "Transfer-Encoding": "chunked" } },
      "unsupported-transfer-encoding",
    ],
    [
      {
        fields: { ...HOST, "Transfer-Encoding": "chunked" },
        framing: { kind: "length", length: 5 },
      },
      "unsupported-transfer-encoding",
    ],
  ],
  "a body where there can be none": [
    [
      { method: "TRACE", framing: { kind: "chunked" } },
      "unexpected-body",
    ],
    [
      { method: "TRACE", framing: { kind: "length", length: 1 } },
      "unexpected-body",
    ],
    [
      {
        method: "CONNECT",
        target: "a:80",
        framing: { kind: "length", length: 1 },
      },
      "unexpected-body",
    ],
  ],
};

for (const [name, cases] of Object.entries(REFUSED)) {
  Deno.test(`encodeRequest: refuses ${name}`, () => {
    for (const [head, code] of cases) {
      assertEquals(outcome(head), code, JSON.stringify(head));
    }
  });
}

Deno.test("encodeRequest: a length that is no whole number is a RangeError", () => {
  for (const length of [-1, 0.5, NaN, Infinity]) {
    assertThrows(
      () => encodeRequest({ ...GET, framing: { kind: "length", length } }),
      RangeError,
    );
  }
});

Deno.test("encodeRequest: each form of a target, for the method that has it", () => {
  const line = (method: string, target: string) =>
    outcome({ method, target }).split("\r\n")[0];
  for (
    const [method, target] of [
      ["GET", "/"],
      ["GET", "//a"],
      ["GET", "/a'b|{}^`\"<>\\%zz?[]@:"],
      ["GET", "http://example.com/a?b"],
      ["GET", "https://[::1]:8443"],
      ["POST", "ws+x.y-z://a_b:1/"],
      ["OPTIONS", "*"],
      ["OPTIONS", "/"],
      ["CONNECT", "example.com:443"],
      ["CONNECT", "[2001:db8::1]:443"],
      ["M-SEARCH", "/"],
    ] as const
  ) {
    assertEquals(line(method, target), `${method} ${target} HTTP/1.1`);
  }
});

Deno.test("encodeRequest: each form of a Host", () => {
  for (
    const Host of [
      "",
      "a",
      "a.b:80",
      "[::1]",
      "[::1]:80",
      "[fe80::1%25eth0]",
      "xn--e1a:",
      "a_b~!$&'()*+,;=%20",
    ]
  ) {
    assertEquals(
      outcome({ fields: { Host } }),
      `GET / HTTP/1.1\r\nHost: ${Host}\r\n\r\n`,
    );
  }
});

Deno.test("encodeRequest: errors do not show the values", () => {
  for (
    const head of [
      { fields: { ...HOST, Authorization: "secret\n" } },
      { fields: { Host: "user:secret@a" } },
      { target: "http://user:secret@a/" },
      { fields: { ...HOST, "Content-Length": "secret" } },
      { fields: { ...HOST, "a secret\n": "" } },
    ]
  ) {
    const error = assertThrows(
      () => encodeRequest({ ...GET, ...head }),
      H1RequestError,
    );
    assertEquals(error.message.includes("secret"), false, error.message);
  }
});

Deno.test("encodeRequest: a server that goes by the letter of the RFC reads back what was asked for", () => {
  forSeeds(500, (random) => {
    const head = randomHead(random);
    const read = readRequest(text(encodeRequest(head)));
    const pairs = [...Fields.from(head.fields)];
    const others = pairs.filter(([name]) => name !== "host");
    const { framing } = head;
    assertEquals(read, {
      method: head.method,
      target: head.target,
      fields: [
        ["host", "example.com"],
        ...others,
        ...framing.kind === "length"
          ? [["content-length", String(framing.length)]]
          : framing.kind === "chunked"
          ? [["transfer-encoding", "chunked"]]
          : [],
      ],
    });
  });
});

function randomHead(
  random: Random,
): RequestHead & { framing: RequestFraming } {
  const word = (from: string) =>
    Array.from(
      { length: 1 + random.below(12) },
      () => from[random.below(from.length)],
    ).join("");
  const token = "!#$%&'*+-.^_`|~019abzABZ";
  const fields: [string, string][] = Array.from(
    { length: random.below(6) },
    () => [`x-${word(token)}`, word(` \t${token}\x80\xff;,"`)],
  );
  fields.splice(random.below(fields.length + 1), 0, ["Host", "example.com"]);
  return {
    method: `M${word(token)}`,
    target: `/${word(`${token.replace("#", "")}/?@:{}\\`)}`,
    fields,
    framing: random.pick<RequestFraming>([
      { kind: "none" },
      { kind: "chunked" },
      { kind: "length", length: random.below(1e9) },
    ]),
  };
}

/** RFC 9112 §3 and §5, strictly: another reader than ours. */
function readRequest(text: string): unknown {
  const end = text.indexOf("\r\n\r\n");
  if (end !== text.length - 4) throw new Error("no end, or not one");
  const [line, ...rest] = text.slice(0, end).split("\r\n");
  const [, method, target] = /^(\S+) (\S+) HTTP\/1\.1$/.exec(line!)!;
  const fields = rest.map((each) => {
    // deno-lint-ignore no-control-regex
    const parts = /^([^\x00-\x20:\x7f-\xff]+): ([^\x00-\x08\n-\x1f\x7f]*)$/
      .exec(each);
    if (parts === null) throw new Error(`no field: ${JSON.stringify(each)}`);
    return [parts[1]!.toLowerCase(), parts[2]!];
  });
  return { method, target, fields };
}
