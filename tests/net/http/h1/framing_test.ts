import { assertEquals, assertThrows } from "@std/assert";
import {
  Fields,
  H1Error,
  keepsAlive,
  responseFraming,
} from "../../../../net/http/h1/mod.ts";

const STATUSES = [100, 101, 199, 200, 204, 205, 299, 304, 404, 500, 999];
const METHODS = ["GET", "HEAD", "POST", "CONNECT", "head"];
const CODINGS = [[], ["chunked"], ["gzip"], ["chunked", "chunked"]];
const LENGTHS = [[], ["0"], ["5"], ["5", "5"], ["5, 5"], ["5", "6"], ["x"]];

/** RFC 9112 §6.3 once more, as a table of its conditions. */
function expected(
  method: string,
  status: number,
  minor: 0 | 1,
  codings: string[],
  lengths: string[],
): string {
  if (method === "HEAD") return "none";
  if (status < 200 || status === 204 || status === 304) return "none";
  if (method === "CONNECT" && status < 300) return "none";
  const has = { coding: codings.length > 0, length: lengths.length > 0 };
  if (has.coding && minor === 0) return "transfer-encoding-in-http-1.0";
  if (has.coding && has.length) return "content-length-with-transfer-encoding";
  if (has.coding) {
    return codings.join() === "chunked"
      ? "chunked"
      : "unsupported-transfer-encoding";
  }
  if (!has.length) return "close";
  if (lengths.includes("x")) return "invalid-content-length";
  if (lengths.includes("6")) return "conflicting-content-length";
  return `length ${parseInt(lengths[0]!)}`;
}

Deno.test("responseFraming: each combination of method, status, version and fields", () => {
  let count = 0;
  for (const method of METHODS) {
    for (const status of STATUSES) {
      for (const minor of [0, 1] as const) {
        for (const codings of CODINGS) {
          for (const lengths of LENGTHS) {
            const fields = Fields.from([
              ...codings.map((each) => ["Transfer-Encoding", each] as const),
              ...lengths.map((each) => ["Content-Length", each] as const),
            ]);
            let got: string;
            try {
              const framing = responseFraming(
                { method, status, minor, fields },
                17,
              );
              got = framing.kind;
              if (framing.kind === "length") got += ` ${framing.length}`;
            } catch (error) {
              if (!(error instanceof H1Error)) throw error;
              assertEquals(error.offset, 17);
              got = error.code;
            }
            assertEquals(
              got,
              expected(method, status, minor, codings, lengths),
              JSON.stringify({ method, status, minor, codings, lengths }),
            );
            count++;
          }
        }
      }
    }
  }
  assertEquals(count, 5 * 11 * 2 * 4 * 7);
});

Deno.test("keepsAlive: by version, the options of the connection, and the framing", () => {
  const keeps = (minor: 0 | 1, connection: string | null, kind = "none") =>
    keepsAlive({
      method: "GET",
      status: 200,
      minor,
      fields: Fields.from(connection === null ? {} : { connection }),
    }, { kind } as { kind: "none" | "close" });
  assertEquals(keeps(1, null), true);
  assertEquals(keeps(0, null), false);
  assertEquals(keeps(0, "keep-alive"), true);
  assertEquals(keeps(0, "x,\tKEEP-alive ,y"), true);
  assertEquals(keeps(0, "keep-alive, close"), false);
  assertEquals(keeps(1, "close"), false);
  assertEquals(keeps(1, ", ,Close"), false);
  assertEquals(keeps(1, ""), true);
  assertEquals(keeps(1, "keep-alive;close"), true);
  assertEquals(keeps(1, null, "close"), false);
  assertEquals(keeps(0, "keep-alive", "close"), false);
});

Deno.test("keepsAlive: a connection that speaks another protocol serves no other exchange", () => {
  const none = { kind: "none" } as const;
  const head = { minor: 1, fields: Fields.from({}) } as const;
  assertEquals(
    keepsAlive({ ...head, method: "GET", status: 101 }, none),
    false,
  );
  assertEquals(
    keepsAlive({ ...head, method: "CONNECT", status: 200 }, none),
    false,
  );
  assertEquals(
    keepsAlive({ ...head, method: "CONNECT", status: 407 }, none),
    true,
  );
});

Deno.test("responseFraming: errors say what was expected", () => {
  const fields = Fields.from({ "content-length": "secret" });
  const error = assertThrows(
    () => responseFraming({ method: "GET", status: 200, minor: 1, fields }),
    H1Error,
    "Cannot tell where the body ends: its Content-Length is no number of bytes",
  );
  assertEquals(
    error.expected,
    "one Content-Length, or Transfer-Encoding: chunked",
  );
});
