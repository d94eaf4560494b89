import { assertEquals, assertThrows } from "@std/assert";
import {
  CHUNK_END,
  chunkHead,
  encodeChunk,
  encodeLastChunk,
  H1RequestError,
} from "../../../../net/http/h1/mod.ts";
import { latin1, text } from "./_bytes.ts";

Deno.test("encodeChunk: size, data, CRLF", () => {
  assertEquals(text(encodeChunk(latin1("0\r\n\r\n"))), "5\r\n0\r\n\r\n\r\n");
  const data = new Uint8Array(300).fill(7);
  assertEquals(
    text(encodeChunk(data)),
    `12c\r\n${"\x07".repeat(300)}\r\n`,
  );
});

Deno.test("encodeChunk: no data makes no chunk, which would end the body", () => {
  assertEquals(encodeChunk(new Uint8Array(0)).length, 0);
  assertEquals(chunkHead(0).length, 0);
});

Deno.test("encodeChunk: is its parts, and a copy", () => {
  const data = latin1("hello");
  const chunk = encodeChunk(data);
  data.fill(0);
  assertEquals(
    text(chunk),
    `${text(chunkHead(5))}hello${text(CHUNK_END.slice())}`,
  );
});

Deno.test("chunkHead: a length that is no whole number is refused", () => {
  for (const length of [-1, 0.5, NaN, 2 ** 53]) {
    assertThrows(() => chunkHead(length), RangeError, "whole number");
  }
  assertEquals(text(chunkHead(2 ** 53 - 1)), "1fffffffffffff\r\n");
});

Deno.test("chunkHead, encodeLastChunk: behind data they bring its end along", () => {
  const parts = [chunkHead(2), "ab", chunkHead(1, true), "c"];
  const written = parts.map((each) =>
    typeof each === "string" ? each : text(each)
  );
  const whole = written.join("") + text(encodeLastChunk([["a", "b"]], true));
  assertEquals(whole, "2\r\nab\r\n1\r\nc\r\n0\r\na: b\r\n\r\n");
  assertEquals(chunkHead(0, true).length, 0);
});

Deno.test("encodeLastChunk: trailers as they were given", () => {
  assertEquals(text(encodeLastChunk()), "0\r\n\r\n");
  assertEquals(
    text(encodeLastChunk([["X-A", "1"], ["x-a", "\xe9"]])),
    "0\r\nX-A: 1\r\nx-a: \xe9\r\n\r\n",
  );
});

Deno.test("encodeLastChunk: refuses what cannot be a trailer", () => {
  const code = (name: string, value: string) =>
    assertThrows(() => encodeLastChunk([[name, value]]), H1RequestError).code;
  for (
    const name of [
      "Content-Length",
      "TRANSFER-ENCODING",
      "Host",
      "trailer",
      "Authorization",
      "Cookie",
      "Content-Type",
      "Connection",
    ]
  ) {
    assertEquals(code(name, "1"), "forbidden-trailer", name);
  }
  assertEquals(code("a\r\nb", "1"), "invalid-field-name");
  assertEquals(code("a", "1\r\nb: 2"), "invalid-field-value");
});
