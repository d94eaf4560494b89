import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { HttpClient, TransportError } from "../../../net/http/mod.ts";
import {
  type Completion,
  NetError,
  type Network,
  type RawSocket,
  type UnixAddr,
} from "../../../net/mod.ts";
import { ok } from "./_answers.ts";

/** A socket whose peer answers each write. */
class AnsweringSocket implements RawSocket<UnixAddr> {
  readonly localAddr = { path: "" };
  readonly remoteAddr: UnixAddr;
  readonly written: string[] = [];
  #reading: { into: Uint8Array; done: Completion<number | null> } | null = null;

  constructor(path: string) {
    this.remoteAddr = { path };
  }

  read(into: Uint8Array, done: Completion<number | null>): void {
    this.#reading = { into, done };
  }

  write(bytes: Uint8Array, done: Completion<number>): void {
    this.written.push(new TextDecoder().decode(bytes));
    queueMicrotask(() => {
      done.resolve(bytes.byteLength);
      const { into, done: read } = this.#reading!;
      this.#reading = null;
      read.resolve(new TextEncoder().encodeInto(ok("local"), into).written);
    });
  }

  closeWrite(done: Completion<void>): void {
    queueMicrotask(() => done.resolve());
  }

  close(): void {
    const reading = this.#reading;
    this.#reading = null;
    queueMicrotask(() => reading?.done.resolve(null));
  }
}

/** A network that has nothing but sockets in the file system. */
function unixOnly(sockets: AnsweringSocket[]): Network {
  const none = () => {
    throw new Error("this network has Unix sockets only");
  };
  return {
    connect: none,
    listen: none,
    resolve: none,
    mayDial: () => true,
    connectUnix(path, done) {
      const socket = new AnsweringSocket(path);
      sockets.push(socket);
      queueMicrotask(() => done.resolve(socket));
      return () => {};
    },
  };
}

Deno.test("unix: the socket is connected to, and the URL's host is sent", async () => {
  const sockets: AnsweringSocket[] = [];
  await using client = new HttpClient({
    unixSocket: "/run/service.sock",
    network: unixOnly(sockets),
  });
  for (const path of ["/version", "/other"]) {
    const response = await run(client.get(`http://service.test${path}`));
    assertEquals(await run(response.text()), "local");
    assertEquals(response.connection.remoteAddr, { path: "/run/service.sock" });
  }
  assertEquals(sockets.length, 1);
  const [first] = sockets[0]!.written;
  assert(first!.startsWith("GET /version HTTP/1.1\r\nHost: service.test\r\n"));
});

Deno.test("unix: a network without such sockets says so", async () => {
  const { connectUnix: _, ...network } = unixOnly([]);
  await using client = new HttpClient({ unixSocket: "/s", network });
  const error = await assertRejects(
    () => run(client.get("http://service.test/")),
    TransportError,
  );
  assertEquals(error.phase, "connect");
});

Deno.test("unix: a path that can be none is refused when the client is made", () => {
  assertThrows(() => new HttpClient({ unixSocket: "" }), NetError);
  assertThrows(() => new HttpClient({ unixSocket: "a\0b" }), NetError);
});
