import { assert, assertEquals } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import {
  type HttpClient,
  HttpError,
  TransportError,
} from "../../../net/http/mod.ts";
import { NetError } from "../../../net/mod.ts";
import { type Answer, answering, clientTest, ok } from "./_answers.ts";
import { checkSplits } from "./_attacks.ts";

// Many ways of writing the same thing, over sockets: each is read as RFC 9110 and
// 9112 say, or refused; and the client goes on as if nothing had been.

interface Forms {
  what: string;
  answer: (form: string) => string;
  forms: readonly string[];
  /** What becomes of the connection, or the error that it is refused with. */
  outcome:
    | "kept"
    | "closed"
    | "ProtocolError"
    | "IncompleteBody"
    | "TransportError";
  method?: "GET" | "HEAD";
  /** The server hangs up behind the answer. */
  hangsUp?: boolean;
}

/** The server says no more after an answer, and hangs up if that is its end. */
function written(bytes: string, hangsUp: boolean): Answer {
  return (socket) => {
    socket.write(bytes, "latin1", () => hangsUp && socket.end());
  };
}

async function outcomeOf(
  client: HttpClient,
  url: string,
  method = "GET",
): Promise<[outcome: string, text: string]> {
  try {
    const response = await run(client.request({ url, method }));
    const text = await run(response.text());
    return [response.connection.fate, text];
  } catch (error) {
    assert(error instanceof HttpError, `${error}`);
    assert(error.requestMayHaveBeenProcessed);
    assert(
      !(error instanceof TransportError) || error.cause instanceof NetError,
    );
    return [error.name, ""];
  }
}

function formsTest(
  { what, answer, forms, outcome, method, hangsUp = false }: Forms,
): void {
  const isRead = outcome === "kept" || outcome === "closed";
  Deno.test(`answers: ${what}: however they are cut`, () => {
    for (const form of forms) checkSplits(answer(form), method);
  });
  clientTest(`answers: ${what}: ${outcome}`, async (client) => {
    await using server = await answering(
      ...forms.map((form) => written(answer(form), hangsUp)),
      ok("good"),
    );
    const text = isRead && method !== "HEAD" ? "hello" : "";
    for (const form of forms) {
      assertEquals(
        await outcomeOf(client, server.url, method),
        [outcome, text],
        JSON.stringify(form),
      );
    }
    assertEquals(await outcomeOf(client, server.url), ["kept", "good"]);
    assertEquals(server.requests.length, forms.length + 1); // none twice
  });
}

const OK = "HTTP/1.1 200 OK\r\n";
const BODY = "Content-Length: 5\r\n\r\nhello";
const CHUNKS = "5\r\nhello\r\n0\r\n\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const statusLine = (line: string) => `${line}\r\n${BODY}`;
const field = (line: string) => `${OK}${line}\r\n${BODY}`;
const length = (value: string) => `${OK}Content-Length:${value}\r\n\r\nhello`;
const coding = (value: string) =>
  `${OK}Transfer-Encoding:${value}\r\n\r\n${CHUNKS}`;
const chunkSize = (size: string) => `${CHUNKED}${size}\r\nhello\r\n0\r\n\r\n`;
const connection = (value: string) => field(`Connection: ${value}`);

formsTest({
  what: "versions that are none of HTTP/1.x",
  answer: (version) => statusLine(`${version} 200 OK`),
  // deno-fmt-ignore
  forms: [
    "HTTP/2.0", "HTTP/0.9", "HTTP/1.10", "HTTP/01.1", "HTTP/1.", "HTTP/1",
    "HTTP/11", "HTTP/1,1", "HTTP/.1", "HTTP/1.x", "http/1.1", "Http/1.1",
    "HTTP /1.1", "HTTP/", "HTTPS/1.1", "XHTTP/1.1", " HTTP/1.1", "\tHTTP/1.1",
    "\xef\xbb\xbfHTTP/1.1", "HTTP/-1.1", "HTTP/1.1\x0b",
  ],
  outcome: "ProtocolError",
});

formsTest({
  what: "status codes that are none",
  answer: (code) => statusLine(`HTTP/1.1 ${code} OK`),
  // deno-fmt-ignore
  forms: [
    "20", "", "2000", "02000", "2x0", "-20", "+20", "0x200", "20O", "2 00",
    "2.0", "\xb2\xb2\xb2", "OK", "200,", "200OK", "1e2", "\x00200", "000", "099",
  ],
  outcome: "ProtocolError",
});

formsTest({
  what: "reasons",
  answer: (reason) => statusLine(`HTTP/1.1 200${reason}`),
  forms: [" OK", " ", "", "  OK", " OK ", " a\tb", " \xe9t\xe9", " 404 no"],
  outcome: "kept",
});

formsTest({
  what: "characters that no name has",
  answer: (character) => field(`X${character}Y: a`),
  forms: [...'"(),/;<=>?@[\\]{} \t\x00\x01\x7f\x80\xe9\xff'],
  outcome: "ProtocolError",
});

formsTest({
  what: "lengths",
  answer: length,
  forms: [" 5", "5", " 5 ", "\t5\t", " 05", " 0000000005", " 5, 5", " 5 ,5"],
  outcome: "kept",
});

formsTest({
  what: "lengths that are none, or two",
  answer: length,
  // deno-fmt-ignore
  forms: [
    "", " ", " +5", " -5", " -0", " 0x5", " 5.0", " 5 5", " 5 x", " 5x", " x5",
    " five", " 1e1", " 5_0", " Infinity", " NaN", " 5;", " 5, 6", " 5, 5, 6",
    ' "5"', " 5\x00", " \xb5", " \xd9\xa5", " 9007199254740992",
    " 18446744073709551621", " 5,", " ,5", " 5,,5", " 5\r\nContent-Length: 6",
    " 5\r\ncontent-length:", " 5\r\ncontent-length: +5",
  ],
  outcome: "ProtocolError",
});

formsTest({
  what: "codings that are chunked",
  answer: coding,
  forms: [" chunked", "chunked", " Chunked", " CHUNKED ", "\tchunked\t"],
  outcome: "kept",
});

formsTest({
  what: "codings that are not chunked, or not that alone",
  answer: coding,
  // deno-fmt-ignore
  forms: [
    " chunked, chunked", " gzip, chunked", " chunked, gzip", " gzip",
    " identity", " chunked, identity", " identity, chunked", " xchunked",
    " chunkedx", " chunke", " chunked;q=1", ' "chunked"', " chunked\x0b",
    " \x0bchunked", " chunked chunked", " chun\x00ked", " chunked\xa0", "",
    " ,chunked", " chunked,", " chunked\r\nTransfer-Encoding: chunked",
    " gzip\r\nTransfer-Encoding: chunked", " chunked\r\nContent-Length: 15",
    " chunked\r\nContent-Length: 0", " chunked\r\nContent-Length:",
    " identity\r\nContent-Length: 5", "\r\nContent-Length: 5",
  ],
  outcome: "ProtocolError",
});

formsTest({
  what: "sizes of a chunk",
  answer: chunkSize,
  // deno-fmt-ignore
  forms: [
    "5", "05", "0000000000000005", "5;a", "5;a=b", '5;a="b;c"', "5;a=b;c=d;e",
    "5 ; a = b", '5;a="b\\"c"', "5 ",
  ],
  outcome: "kept",
});

formsTest({
  what: "sizes of a chunk that are none",
  answer: chunkSize,
  // deno-fmt-ignore
  forms: [
    "+5", "-5", "0x5", "5h", "", " 5", "\t5", "g", "5,", "5.0", "5 5", "\x005",
    "5\x00", "5\r", "5\x0b", "\xb55", "FFFFFFFFFFFFFFFF", "20000000000000",
    "10000000000000005", "00000000000000005", "5:", "5/", "5@", "5G", "5`",
    "5=a", "5 a", "5\xa0", "5;a\nb", "5;a\rb", "5;a\x00b", "5\r\n", "4", "6",
  ],
  outcome: "ProtocolError",
});

formsTest({
  what: "options of a connection that is kept",
  answer: connection,
  forms: ["keep-alive", "Keep-Alive", "closed", "x-close", "", "not-close"],
  outcome: "kept",
});

formsTest({
  what: "times of keeping that are told badly",
  answer: (value) => field(`Keep-Alive: ${value}`),
  // deno-fmt-ignore
  forms: [
    "timeout=abc", "timeout=", "timeout", "=5", "", "max=5", 'timeout="5"',
    "timeout=99999999999999999999", "timeout = 5", "timeout=5;max=3",
  ],
  outcome: "kept",
});

formsTest({
  what: "options of a connection that is closed",
  answer: connection,
  // deno-fmt-ignore
  forms: [
    "close", "Close", "CLOSE", "keep-alive, close", "close, keep-alive",
    "a,close,b", "a , close", ",close", "close,", "\tclose ",
    "keep-alive\r\nConnection: close", "close\r\nConnection: keep-alive",
  ],
  outcome: "closed",
});

formsTest({
  what: "bytes behind an answer",
  answer: (more) => `${OK}${BODY}${more}`,
  forms: ["X", "\r\n", "0\r\n\r\n", ok("forged"), "\x00".repeat(1000)],
  outcome: "closed",
});

formsTest({
  what: "bytes behind an answer to HEAD",
  answer: (more) => `${OK}Content-Length: 5\r\n\r\n${more}`,
  forms: ["hello", "\r\n", "0\r\n\r\n", ok("forged")],
  outcome: "closed",
  method: "HEAD",
});

const WITH_LENGTH = `${OK}X: y\r\n${BODY}`;
const IN_CHUNKS =
  `HTTP/1.1 103 Early\r\nA: b\r\n\r\n${CHUNKED}5;q\r\nhello\r\n0\r\nX: y\r\n\r\n`;

for (const whole of [WITH_LENGTH, IN_CHUNKS]) {
  const starts = Array.from(whole, (_, end) => whole.slice(0, end));
  const bodyAt = whole.lastIndexOf("\r\n\r\n", whole.indexOf("hello")) + 4;
  const what = whole === IN_CHUNKS ? "a body in chunks" : "a body of a length";
  formsTest({
    what: `the head of ${what}, cut anywhere`,
    answer: (start) => start,
    forms: starts.slice(0, bodyAt),
    outcome: "TransportError",
    hangsUp: true,
  });
  formsTest({
    what: `${what}, cut anywhere`,
    answer: (start) => start,
    forms: starts.slice(bodyAt),
    outcome: "IncompleteBody",
    hangsUp: true,
  });
}
