import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as names from "../../../../net/http/h1/_names.ts";
import {
  Fields,
  H1RequestError,
  ResponseParser,
} from "../../../../net/http/h1/mod.ts";
import { latin1 } from "./_bytes.ts";

const PAIRS: [string, string][] = [
  ["Content-Type", "text/html"],
  ["X-One", "1"],
  ["Set-Cookie", "a=1"],
  ["Accept", "a"],
  ["x-one", "2"],
  ["set-cookie", "b=2"],
  ["ACCEPT", "b, c"],
  ["X-ONE", ""],
];

/** The same fields as the parser makes them. */
function parsed(pairs: readonly [string, string][]): Fields {
  const parser = new ResponseParser({ method: "GET" });
  const lines = pairs.map(([name, value]) => `${name}: ${value}\r\n`);
  parser.push(latin1(`HTTP/1.1 204 \r\n${lines.join("")}\r\n`));
  const event = parser.nextEvent();
  if (event?.type !== "head") throw new Error("no head");
  return event.fields;
}

for (
  const [how, make] of [
    ["made", Fields.from],
    ["parsed", parsed],
  ] as const
) {
  Deno.test(`Fields: ${how}: in order, names in lower case`, () => {
    const fields = make(PAIRS);
    const wanted = PAIRS.map(([name, value]) => [name.toLowerCase(), value]);
    assertEquals(fields.size, 8);
    assertEquals([...fields] as string[][], wanted);
    assertEquals(JSON.stringify(fields), JSON.stringify(wanted));
    assertEquals([...fields.lines()], PAIRS);
  });

  Deno.test(`Fields: ${how}: several values are joined, but cookies are not`, () => {
    const fields = make(PAIRS);
    for (const name of ["accept", "Accept", "ACCEPT"]) {
      assertEquals(fields.get(name), "a, b, c");
      assertEquals(fields.getAll(name), ["a", "b, c"]);
    }
    for (const name of ["x-one", "X-One"]) {
      assertEquals(fields.get(name), "1, 2, ");
      assertEquals(fields.getAll(name), ["1", "2", ""]);
    }
    assertEquals(fields.get("Content-type"), "text/html");
    assertEquals(fields.get("Set-Cookie"), "a=1");
    assertEquals(fields.getAll("Set-Cookie"), ["a=1", "b=2"]);
  });

  Deno.test(`Fields: ${how}: what is not there`, () => {
    const fields = make(PAIRS);
    for (const name of ["host", "x-two", "x-on", "", "a b", "constructor"]) {
      assertEquals(fields.get(name), null, name);
      assertEquals(fields.getAll(name), [], name);
      assertEquals(fields.has(name), false, name);
    }
    assertEquals(fields.has("content-TYPE"), true); // the first
    assertEquals(fields.has("X-oNe"), true);
    assertEquals(fields.has("aCCept"), true);
    assertEquals([...make([])], []);
    assertEquals(make([]).get("accept"), null);
    assertEquals(make([]).size, 0);
  });

  Deno.test(`Fields: ${how}: Headers takes them`, () => {
    const headers = new Headers(make(PAIRS));
    assertEquals(headers.get("accept"), "a, b, c");
    assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
  });
}

Deno.test("Fields: are made from an object, from Headers, from themselves", () => {
  const object = Fields.from({ "A": "1", "b": " 2\t" });
  assertEquals([...object], [["a", "1"], ["b", "2"]]);
  assertEquals([...Fields.from(new Headers({ B: "1" }))], [["b", "1"]]);
  assertStrictEquals(Fields.from(object), object);
  assertEquals([...Fields.from(new Map([["C", "3"]]))], [["c", "3"]]);
});

Deno.test("Fields: a name or value that cannot be sent is refused, and is not shown", () => {
  const error = (name: string, value: string) =>
    assertThrows(() => Fields.from([[name, value]]), H1RequestError);
  assertEquals(error("a b", "").code, "invalid-field-name");
  assertEquals(error("", "").code, "invalid-field-name");
  assertEquals(error("a", "secret\0").code, "invalid-field-value");
  assertEquals(
    error("a", "secret\0").message,
    "Cannot make fields: the value of a has a character that no value can have",
  );
});

Deno.test("Fields: what is no text, and no fields, is told by its kind", () => {
  const anything = (value: unknown) => value as never;
  const from = (init: unknown) => () => Fields.from(anything(init));
  assertThrows(from({ a: 5 }), H1RequestError, "a must be text, got number");
  assertThrows(from({ a: null }), H1RequestError, "a must be text, got null");
  assertThrows(from([["a"]]), H1RequestError, "a must be text, got undefined");
  assertThrows(from(5), TypeError, "pairs or an object, got number");
  assertThrows(from("a: b"), TypeError, "pairs or an object, got string");
  assertThrows(from(null), TypeError, "pairs or an object, got null");
});

Deno.test("Fields: each common name is known in any case, and no other is taken for one", () => {
  const names = commonNames();
  assertEquals(names.length > 50, true);
  for (const name of names) {
    const others = [
      name.toUpperCase(),
      `${name}s`,
      name.slice(1) || "z",
      `z${name.slice(1)}`,
      `${name.slice(0, -1)}~`,
      name.slice(0, 2) + "_" + name.slice(3),
    ];
    const fields = parsed(
      [name, ...others].map((each, i) => [each, String(i)]),
    );
    assertEquals([...fields].map(([each]) => each), [
      name,
      ...others.map((each) => each.toLowerCase()),
    ]);
    assertEquals(fields.getAll(name).slice(0, 2), ["0", "1"]);
    assertEquals(
      fields.getAll(name).length,
      [name, ...others].filter((each) => each.toLowerCase() === name).length,
    );
  }
});

Deno.test("Fields: the beginning of a common name is not that name", () => {
  for (const name of commonNames()) {
    const starts = Array.from(name, (_, i) => name.slice(0, i + 1));
    assertEquals(
      [...parsed(starts.map((each) => [each, "1"]))].map(([each]) => each),
      starts,
    );
  }
});

Deno.test("Fields: a common name is always the same string", () => {
  const [[one] = []] = parsed([["Content-Type", "a"]]);
  const [[two] = []] = Fields.from({ "CONTENT-TYPE": "b" });
  assertEquals([one, two], ["content-type", "content-type"]);
});

/** The list, read from its file: the number of one is nobody's concern. */
function commonNames(): string[] {
  const path = new URL(
    "../../../../net/http/h1/_names.ts",
    import.meta.url,
  );
  const list = /NAMES[^[]*\[\]? = \[([\s\S]*?)\];/.exec(
    Deno.readTextFileSync(path),
  );
  return [...list![1]!.matchAll(/"([^"]+)"/g)].map(([, name]) => name!);
}

Deno.test("Fields: a name that is looked for by its number has that number", () => {
  const numbers = Object.entries(names).flatMap(([constant, number]) =>
    typeof number === "number" && constant !== "UNKNOWN"
      ? [[constant.toLowerCase().replaceAll("_", "-"), number]]
      : []
  );
  assert(numbers.length >= 8, `${numbers.length}`);
  for (const [name, number] of numbers) {
    assertEquals(names.numberOf(`${name}`), number, `${name}`);
  }
});

Deno.test("Fields: console.log shows them", () => {
  const fields = Fields.from([["Content-Type", "text/html"], ["x", '"1"']]);
  assertEquals(
    Deno.inspect(fields),
    'Fields { content-type: "text/html", x: "\\"1\\"" }',
  );
});
