import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeRequest,
  Fields,
  type FieldsInit,
  type RequestFraming,
  requestFraming,
  ResponseParser,
} from "../../../../net/http/h1/mod.ts";
import { latin1, text } from "./_bytes.ts";
import { GET, HOST, outcome } from "./_heads.ts";
import { REFUSED } from "./_refused.ts";

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
