import { assert, assertEquals, AssertionError } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { type Future, Pending } from "../../../future/mod.ts";
import { iter } from "../../../future/stream/mod.ts";
import {
  HttpClient,
  HttpError,
  type HttpRequest,
  type HttpResponse,
} from "../../../net/http/mod.ts";
import { type ScriptedNetwork, scriptedTest } from "../_scripted_network.ts";
import { ok } from "./_answers.ts";

const URL = "http://10.0.0.1/";

/** A request that is connected, with its head in flight. */
function sending(
  network: ScriptedNetwork,
  request: Omit<HttpRequest, "url"> = {},
): { client: HttpClient; future: Future<HttpResponse> } {
  const client = new HttpClient({ network });
  const future = client.request({ url: URL, ...request });
  assertEquals(pollOnce(future), Pending);
  network.connected();
  assertEquals(pollOnce(future), Pending);
  assert(network.has("write"));
  return { client, future };
}

function response(future: Future<HttpResponse>): HttpResponse {
  const value = pollOnce(future);
  assert(value !== Pending);
  return value;
}

function textOf(response: HttpResponse): string {
  const text = pollOnce(response.text());
  assert(typeof text === "string");
  return text;
}

function failure(future: Future<unknown>): HttpError {
  try {
    pollOnce(future);
  } catch (error) {
    assert(error instanceof HttpError, `${error}`);
    return error;
  }
  throw new AssertionError("it has not failed");
}

/** Gets something, so that there is a connection that was used before. */
function used(network: ScriptedNetwork, ...fields: string[]): HttpClient {
  const { client, future } = sending(network);
  network.sends();
  assertEquals(pollOnce(future), Pending);
  network.arrives(ok("first", ...fields));
  assertEquals(textOf(response(future)), "first");
  return client;
}

function connects(network: ScriptedNetwork): number {
  return network.log.filter((each) => each.startsWith("connect")).length;
}

const EXPECTING = {
  method: "POST",
  headers: { expect: "100-continue" },
  body: "body",
};

scriptedTest(
  "exchange: a 100 that comes before the head is all sent is not waited for again",
  (network) => {
    const { client, future } = sending(network, EXPECTING);
    network.sends(10);
    network.arrives("HTTP/1.1 100 Continue\r\n\r\n");
    assertEquals(pollOnce(future), Pending);
    network.sends();
    assertEquals(pollOnce(future), Pending);
    assertEquals(network.sends(), "body");
    assertEquals(pollOnce(future), Pending);
    network.arrives(ok("done"));
    const got = response(future);
    assertEquals(got.interim, []);
    assertEquals(textOf(got), "done");
    client.close();
  },
);

scriptedTest(
  "exchange: after a 100 the body is sent at once",
  (network) => {
    const { client, future } = sending(network, EXPECTING);
    network.sends();
    assertEquals(pollOnce(future), Pending);
    assert(!network.has("write"));
    network.arrives("HTTP/1.1 100 Continue\r\n\r\n");
    assertEquals(pollOnce(future), Pending);
    assertEquals(network.sends(), "body");
    future[Symbol.dispose]();
    client.close();
  },
);

scriptedTest(
  "exchange: an answer is heard though sending has failed, and its connection closed",
  (network) => {
    const body = new Uint8Array(20_000);
    const { client, future } = sending(network, { method: "POST", body });
    network.sends();
    assertEquals(pollOnce(future), Pending);
    network.take("write").done.reject(new Deno.errors.BrokenPipe());
    assertEquals(pollOnce(future), Pending);
    network.arrives("HTTP/1.1 413 Content Too Large\r\n");
    assertEquals(pollOnce(future), Pending);
    network.arrives("content-length: 4\r\n\r\nstop");
    const got = response(future);
    assertEquals([got.status, textOf(got)], [413, "stop"]);
    assertEquals(got.connection.fate, "closed");
    client.close();
  },
);

scriptedTest(
  "exchange: a request that is on its way when the answer begins is sent to its end",
  (network) => {
    const { client, future } = sending(network, {
      method: "POST",
      body: "x".repeat(1000),
    });
    network.sends(100);
    network.arrives("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
    const got = response(future);
    const text = got.text();
    assertEquals(pollOnce(text), Pending);
    network.sends(); // the rest
    assertEquals(pollOnce(text), Pending);
    network.arrives("cd");
    assertEquals(pollOnce(text), "abcd");
    assertEquals(got.connection.fate, "kept");
    client.close();
  },
);

scriptedTest(
  "exchange: the last chunk may be on its way when the answer comes",
  (network) => {
    const { client, future } = sending(network, {
      method: "POST",
      body: iter([new Uint8Array(5)]),
    });
    for (const what of ["head", "size", "chunk"]) {
      assert(network.sends().length > 0, what);
      assertEquals(pollOnce(future), Pending);
    }
    assert(network.has("write")); // "\r\n0\r\n\r\n"
    network.arrives("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na");
    const got = response(future);
    const text = got.text();
    assertEquals(pollOnce(text), Pending);
    assertEquals(network.sends(), "\r\n0\r\n\r\n");
    network.arrives("b");
    assertEquals(pollOnce(text), "ab");
    assertEquals(got.connection.fate, "kept");
    client.close();
  },
);

scriptedTest(
  "exchange: a request that is not all sent when the answer ends costs its connection",
  (network) => {
    const { client, future } = sending(network, {
      method: "POST",
      body: "x".repeat(1000),
    });
    network.sends(100);
    network.arrives(ok("done"));
    const got = response(future);
    assertEquals(textOf(got), "done");
    assertEquals(got.connection.fate, "closed");
    client.close();
  },
);

scriptedTest(
  "exchange: how much was sent and received stands in an error",
  (network) => {
    const { client, future } = sending(network);
    const head = network.sends();
    assertEquals(pollOnce(future), Pending);
    network.arrives("HTTP/1.1 2");
    assertEquals(pollOnce(future), Pending);
    network.ends();
    const { bytesSent, bytesReceived, phase, attempt } = failure(future);
    assertEquals({ bytesSent, bytesReceived, phase, attempt }, {
      bytesSent: head.length,
      bytesReceived: 10,
      phase: "head",
      attempt: 1,
    });
    client.close();
  },
);

scriptedTest(
  "exchange: after a part of an answer nothing is sent again, be the connection an old one",
  (network) => {
    const client = used(network);
    const next = client.get(URL);
    assertEquals(pollOnce(next), Pending);
    network.sends();
    assertEquals(pollOnce(next), Pending);
    network.arrives("HTTP/1.1 2");
    assertEquals(pollOnce(next), Pending);
    network.ends();
    failure(next);
    assertEquals(connects(network), 1);
    client.close();
  },
);

scriptedTest(
  "exchange: a request that went out over a stale connection may have been processed",
  (network) => {
    const client = used(network);
    const next = client.request({ url: URL, method: "PUT", body: "x" });
    assertEquals(pollOnce(next), Pending);
    network.sends();
    assertEquals(pollOnce(next), Pending);
    network.ends();
    assertEquals(pollOnce(next), Pending);
    network.take("connect").done.reject(new Deno.errors.ConnectionRefused());
    const { phase, attempt, requestMayHaveBeenProcessed } = failure(next);
    assertEquals([phase, attempt], ["connect", 2]);
    assertEquals(requestMayHaveBeenProcessed, true);
    client.close();
  },
);

scriptedTest(
  "exchange: a stream that went out over a stale connection is not sent again",
  (network) => {
    const client = used(network, "keep-alive: timeout=60"); // it is trusted
    const body = iter([new Uint8Array(5)]);
    const next = client.request({ url: URL, method: "PUT", body });
    assertEquals(pollOnce(next), Pending);
    network.sends();
    network.ends();
    const { name, attempt } = failure(next);
    assertEquals([name, attempt], ["TransportError", 1]);
    assertEquals(connects(network), 1);
    client.close();
  },
);

scriptedTest(
  "exchange: a connection that ends before it says 100 was stale; the next is asked anew",
  (network) => {
    const client = used(network, "keep-alive: timeout=60");
    const next = client.request({ url: URL, ...EXPECTING, method: "PUT" });
    assertEquals(pollOnce(next), Pending);
    const head = network.sends();
    assertEquals(pollOnce(next), Pending);
    network.ends();
    assertEquals(pollOnce(next), Pending);
    network.connected();
    assertEquals(pollOnce(next), Pending);
    assertEquals(network.sends(), head);
    assertEquals(pollOnce(next), Pending);
    assert(!network.has("write"));
    network.arrives(ok("no"));
    assertEquals(textOf(response(next)), "no");
    client.close();
  },
);

scriptedTest(
  "exchange: an upload that an answer has stopped sends no end, and is not kept",
  (network) => {
    const body = iter([new Uint8Array(10), new Uint8Array(10)]);
    const { client, future } = sending(network, { method: "POST", body });
    network.sends();
    assertEquals(pollOnce(future), Pending);
    assertEquals(network.sends(), "a\r\n");
    assertEquals(pollOnce(future), Pending);
    network.arrives(
      "HTTP/1.1 413 Content Too Large\r\ncontent-length: 4\r\n\r\n",
    );
    const got = response(future);
    const text = got.text();
    assertEquals(pollOnce(text), Pending);
    network.sends(); // the piece that was under way
    assertEquals(pollOnce(text), Pending);
    assert(!network.has("write"));
    network.arrives("stop");
    assertEquals(pollOnce(text), "stop");
    assertEquals(got.connection.fate, "closed");
    client.close();
  },
);
