import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  RequestError,
} from "../../../net/http/mod.ts";
import { ScriptedNetwork } from "../_scripted_network.ts";

// Nothing that ends a line may get onto the wire: CVE-2022-31150, -35948,
// CVE-2023-23936, CVE-2026-1527, CVE-2020-26116, CVE-2026-1502.

const URL = "http://example.test/";

/** What ends a line, or a text, wherever it stands. */
const ENDS = ["\r\nx: y", "\nx: y", "\rx: y", "\0", "\r\n\r\n"];

/** Where text of a caller's goes onto the wire. */
const SINKS: Record<string, (text: string) => HttpRequest> = {
  method: (text) => ({ url: URL, method: `GET${text}` }),
  path: (text) => ({ url: `${URL}a${text}` }),
  query: (text) => ({ url: `${URL}?a${text}` }),
  host: (text) => ({ url: `http://example${text}.test/` }),
  user: (text) => ({ url: `http://us${text}er:pass@example.test/` }),
  "the field Host": (text) => ({ url: URL, headers: { host: `a${text}` } }),
  "name of a field": (text) => ({ url: URL, headers: { [`a${text}`]: "b" } }),
  "value of a field": (text) => ({ url: URL, headers: { a: `b${text}` } }),
  "start of a value": (text) => ({ url: URL, headers: [["a", `${text}b`]] }),
  upgrade: (text) => ({ url: URL, headers: { upgrade: `h2c${text}` } }),
  cookie: (text) => ({ url: URL, headers: { cookie: `a=b${text}` } }),
  "content-type": (text) => ({
    url: URL,
    method: "POST",
    body: "x",
    headers: { "content-type": `text/a${text}` },
  }),
  "content-length": (text) => ({
    url: URL,
    method: "POST",
    body: "x",
    headers: { "content-length": `1${text}` },
  }),
  "transfer-encoding": (text) => ({
    url: URL,
    method: "POST",
    body: new Blob(["x"]).stream(),
    headers: { "transfer-encoding": `chunked${text}` },
  }),
  "CONNECT target": (text) => ({ url: `${URL}${text}`, method: "CONNECT" }),
};

for (const [sink, make] of Object.entries(SINKS)) {
  Deno.test(`sinks: nothing ends a line by way of ${sink}`, () => {
    const network = new ScriptedNetwork();
    const client = new HttpClient({ network });
    for (const text of ENDS) {
      const error = assertThrows(
        () => client.request(make(text)),
        RequestError,
        undefined,
        JSON.stringify(text),
      );
      assertEquals([error.phase, error.attempt], ["request", 0]);
      assert(!error.message.includes("x: y"), error.message);
    }
    client.close();
    assertEquals(network.log, []);
  });
}

Deno.test("sinks: the URL that is an object cannot smuggle either", () => {
  const network = new ScriptedNetwork();
  const client = new HttpClient({ network });
  // The parser of URLs takes line breaks out, and escapes the rest.
  const url = new globalThis.URL("http://example.test/a\r\nx: y?b\tc");
  assertEquals(url.pathname, "/ax:%20y");
  client.request({ url })[Symbol.dispose]();
  client.close();
  assertEquals(network.log, []);
});

const REFUSED: Record<string, HttpRequest> = {
  "duplicate lengths in other case": {
    url: URL,
    method: "POST",
    body: "x",
    headers: [["content-length", "1"], ["Content-Length", "1"]],
  },
  "a length that is not that of the body": {
    url: URL,
    method: "POST",
    body: "x",
    headers: { "Content-Length": "2" },
  },
  "a length in another form": {
    url: URL,
    method: "POST",
    body: new Blob(["x"]).stream(),
    headers: { "Content-Length": "+1" },
  },
  "a length and a transfer coding": {
    url: URL,
    method: "POST",
    body: "x",
    headers: { "content-length": "1", "transfer-encoding": "chunked" },
  },
  "a transfer coding twice": {
    url: URL,
    method: "POST",
    body: new Blob(["x"]).stream(),
    headers: [["transfer-encoding", "chunked"], ["TE", "x"], [
      "Transfer-Encoding",
      "chunked",
    ]],
  },
  "two hosts": { url: URL, headers: [["host", "a"], ["Host", "b"]] },
  "a transfer coding without a body": {
    url: URL,
    headers: { "transfer-encoding": "chunked" },
  },
};

for (const [what, request] of Object.entries(REFUSED)) {
  Deno.test(`sinks: ${what} are refused (CVE-2026-1525)`, () => {
    const network = new ScriptedNetwork();
    const client = new HttpClient({ network });
    assertThrows(() => client.request(request), RequestError);
    client.close();
    assertEquals(network.log, []);
  });
}

Deno.test("sinks: the fields of a client are checked when it is made", () => {
  for (const text of ENDS) {
    const bad: HttpClientOptions[] = [
      { headers: { a: `b${text}` } },
      { headers: { [`a${text}`]: "b" } },
      { headers: { host: `a${text}` } },
    ];
    for (const options of bad) {
      assertThrows(() => {
        const client = new HttpClient(options);
        client.get(URL); // the host at the latest
      }, RequestError);
    }
  }
});

Deno.test("sinks: no secret of a URL stands in an error, nor in its causes", () => {
  const client = new HttpClient({ network: new ScriptedNetwork() });
  const urls = [
    "http://user:s3cret@[::1/",
    "http://user:s3cret@exa mple.test/",
    "ftp://user:s3cret@example.test/",
    "http://user:s3cret@example.test:99999/",
    "http://user:s3cret@/",
    "user:s3cret@example.test",
    "//user:s3cret@example.test/?token=s3cret",
  ];
  for (const url of urls) {
    const error = assertThrows(() => client.get(url), RequestError);
    assert(!Deno.inspect(error).includes("s3cret"), Deno.inspect(error));
    assert(!JSON.stringify(error).includes("s3cret"));
  }
  const refused = assertThrows(
    () =>
      client.request({
        url: "http://user:s3cret@example.test/s3cret?s3cret",
        headers: { authorization: "s3cret\n", cookie: "a=s3cret" },
      }),
    RequestError,
  );
  assert(!Deno.inspect(refused).includes("s3cret"), Deno.inspect(refused));
  const request = client.get("http://user:s3cret@example.test/s3cret");
  assert(!Deno.inspect([request, client], { depth: 9 }).includes("s3cret"));
  client.close();
});
