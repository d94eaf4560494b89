import type { Socket } from "node:net";
import { HttpClient, type HttpClientOptions } from "../../../net/http/mod.ts";
import { eventually, socketTest } from "../_sockets.ts";
import { serve, type TestServer } from "./_server.ts";

/** What a server does when the head of a request is there, and its body. */
export type Answer = (socket: Socket, request: string) => void;

/** A server that answers request by request, as they come. */
export interface AnsweringServer extends TestServer {
  readonly url: string;
  /** The requests that came, over all connections, as text. */
  readonly requests: string[];
}

/** Whether a request is whole: one with a length waits for its body. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  if (/^transfer-encoding: chunked/im.test(text)) {
    return text.endsWith("0\r\n\r\n");
  }
  const length = /^content-length: (\d+)/im.exec(text)?.[1] ?? "0";
  return text.length - end - 4 >= Number(length);
}

/** The answers in turn, whatever the connection; the last one again and again. */
export async function answering(
  ...answers: (Answer | string)[]
): Promise<AnsweringServer> {
  const requests: string[] = [];
  const server = await serve((socket) => {
    let text = "";
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (!isWhole(text)) return;
      const answer = answers[Math.min(requests.length, answers.length - 1)]!;
      requests.push(text);
      text = "";
      if (typeof answer === "string") socket.write(answer, "latin1");
      else answer(socket, requests.at(-1)!);
    });
  });
  return Object.defineProperties(
    {
      url: `http://127.0.0.1:${server.port}`,
      requests,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    },
    {
      port: { get: () => server.port },
      sockets: { get: () => server.sockets },
      ended: { get: () => server.ended },
    },
  ) as AnsweringServer;
}

/** A response with a body of known length. */
export function ok(body: string, ...fields: string[]): string {
  return response("200 OK", body, ...fields);
}

/** A response with a status, a body of known length and further fields. */
export function response(
  status: string,
  body: string,
  ...fields: string[]
): string {
  return [
    `HTTP/1.1 ${status}`,
    `content-length: ${body.length}`,
    ...fields,
    "",
    body,
  ].join("\r\n");
}

/** Whatever this executor has to do is done, and the client's connections rest. */
export async function settled(client: HttpClient): Promise<void> {
  await eventually(
    "no connection is in use",
    () =>
      client.snapshot().dialling === 0 &&
      client.snapshot().connections.every(({ state }) => state === "idle"),
  );
}

/** A test with a client, after which nothing of it may be left. */
export function clientTest(
  name: string,
  body: (client: HttpClient) => Promise<void>,
  options: HttpClientOptions = {},
): void {
  socketTest(name, async () => {
    await using client = new HttpClient(options);
    await body(client);
  });
}
