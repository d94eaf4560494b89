import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeRequest,
  Fields,
  H1RequestError,
  type RequestFraming,
  type RequestHead,
} from "../../../../net/http/h1/mod.ts";
import { text } from "./_bytes.ts";
import { GET, HOST, outcome } from "./_heads.ts";
import { forSeeds, type Random } from "./_random.ts";

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
