import type { RequestHead } from "../../../../net/http/h1/mod.ts";
import { HOST } from "./_heads.ts";

const CRLF_IN = [
  "a\r\nX: 1",
  "a\nX: 1",
  "a\rX",
  "a\0",
  "\r\n",
  "a\r\n\r\nGET /",
];

/** Heads that are refused, by what is wrong with them, with the error's code. */
export const REFUSED: Record<string, [Partial<RequestHead>, string][]> = {
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
