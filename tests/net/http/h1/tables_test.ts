import { assertEquals } from "@std/assert";
import { classOf } from "../../../../net/http/h1/_bytes.ts";
import {
  CHUNK_TABLE,
  chunkByteOf,
  ILLEGAL as ILLEGAL_IN_CHUNKS,
  NEXT as CHUNK_NEXT,
  numberOf as chunkNumberOf,
} from "../../../../net/http/h1/_chunk_table.ts";
import {
  ILLEGAL,
  NEXT,
  NOT_ASCII,
  numberOf,
  SECTION_TABLE,
} from "../../../../net/http/h1/_section_table.ts";

Deno.test("tables: each byte is of one class, as the RFC's grammar has it", () => {
  const classes: Record<string, string> = {};
  for (let byte = 0; byte < 256; byte++) {
    classes[classOf(byte)] ??= "";
    classes[classOf(byte)] += String.fromCharCode(byte);
  }
  const { "obs-text": obsText, control, ...rest } = classes;
  assertEquals(rest, {
    space: "\t ",
    lf: "\n",
    cr: "\r",
    tchar:
      "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
    colon: ":",
    visible: '"(),/;<=>?@[\\]{}',
  });
  assertEquals(control!.length, 30); // of 33 with DEL: not HTAB, LF, CR
  assertEquals(obsText!.length, 128);
});

Deno.test("tables: each byte of chunks is of one class, and controls of none", () => {
  const count: Record<string, number> = {};
  for (let byte = 0; byte < 256; byte++) {
    const name = chunkByteOf(byte) ?? "none";
    count[name] = (count[name] ?? 0) + 1;
  }
  assertEquals(count, {
    none: 30,
    space: 2,
    lf: 1,
    cr: 1,
    hex: 22,
    semicolon: 1,
    text: 199,
  });
});

Deno.test("tables: what the machine goes by is the table that people read", () => {
  for (const [state, row] of Object.entries(SECTION_TABLE)) {
    const from = numberOf(state as keyof typeof SECTION_TABLE) << 8;
    for (let byte = 0; byte < 256; byte++) {
      const next = row[classOf(byte)];
      const flag = byte >= 0x80 ? NOT_ASCII : 0;
      assertEquals(
        NEXT[from | byte],
        next === undefined ? ILLEGAL : numberOf(next) | flag,
      );
    }
  }
  for (const [state, row] of Object.entries(CHUNK_TABLE)) {
    const from = chunkNumberOf(state as keyof typeof CHUNK_TABLE) << 8;
    for (let byte = 0; byte < 256; byte++) {
      const kind = chunkByteOf(byte);
      const next = kind && row[kind];
      assertEquals(
        CHUNK_NEXT[from | byte],
        next === undefined ? ILLEGAL_IN_CHUNKS : chunkNumberOf(next),
      );
    }
  }
});
