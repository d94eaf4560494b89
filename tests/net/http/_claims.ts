// What dropping what each export of ./http makes keeps or loses.
import { Future, Pending } from "../../../future/mod.ts";
import { Done, type Stream } from "../../../future/stream/mod.ts";
import {
  eventSource,
  type HttpClient,
  type HttpResponse,
  serverSentEvents,
} from "../../../net/http/mod.ts";

export interface Row {
  /** Where its documentation is, and how the line below it begins. */
  documented: [file: string, declaration: string];
  claim: "safe" | "loses data";
  make: (response: () => HttpResponse, request: {
    client: HttpClient;
    url: string;
  }) => Future<unknown>;
}

export const FUTURES: Record<string, Row> = {
  "HttpClient.get": {
    documented: ["client.ts", "get("],
    claim: "safe",
    make: (_response, { client, url }) => client.get(url),
  },
  "HttpClient.request": {
    documented: ["client.ts", "request("],
    claim: "loses data",
    make: (_response, { client, url }) =>
      client.request({ url, method: "POST", body: "x" }),
  },
  "HttpResponse.bytes": {
    documented: ["response.ts", "bytes("],
    claim: "loses data",
    make: (response) => response().bytes(),
  },
  "HttpResponse.text": {
    documented: ["response.ts", "text("],
    claim: "loses data",
    make: (response) => response().text(),
  },
  "HttpResponse.json": {
    documented: ["response.ts", "json<"],
    claim: "loses data",
    make: (response) => response().json(),
  },
  "HttpResponse.stream": {
    documented: ["response.ts", "stream("],
    claim: "loses data",
    make: (response) => untilDone(response().stream()),
  },
  eventSource: {
    documented: ["event_source.ts", "export function eventSource("],
    claim: "loses data",
    make: (_response, { client, url }) =>
      untilDone(eventSource(client, new URL("/events", url))),
  },
  serverSentEvents: {
    documented: ["server_sent_events.ts", "export function serverSentEvents("],
    claim: "loses data",
    make: (response) => untilDone(serverSentEvents(response())),
  },
};

/** Whether it makes the request, and is not made of a response. */
export function asks({ documented: [file] }: Row): boolean {
  return file === "client.ts" || file === "event_source.ts";
}

/** What a server answers to a request for `/events`: one response, and no more. */
export function eventsFor(request: string): string {
  return /^last-event-id: 1\r$/im.test(request)
    ? "HTTP/1.1 204 No Content\r\n\r\n"
    : "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 24\r\n\r\n" +
      "retry: 1\nid: 1\ndata: x\n\n";
}

/** Takes items until there are no more. */
function untilDone(stream: Stream<unknown>): Future<unknown> {
  return new (class extends Future<unknown> {
    override poll(cx: Parameters<Future<unknown>["poll"]>[0]) {
      for (;;) {
        const item = stream.pollNext(cx);
        if (item === Pending || item === Done) return item;
      }
    }
    override [Symbol.dispose]() {
      stream[Symbol.dispose]();
    }
  })();
}

/** What gives no future. */
export const others: string[] = [
  "BodyReader",
  "HttpClient",
  "HttpClient.close",
  "HttpClient.closeIdle",
  "HttpClient.fetch", // gives a promise
  "HttpClient.snapshot",
  "HttpResponse",
  "HttpResponse.bodyUsed",
  "HttpResponse.connection",
  "HttpResponse.interim",
  "HttpResponse.ok",
  "HttpResponse.reader",
  "HttpResponse.trailers",
  "HttpResponse.upgrade",
  "SimpleHttpClient", // in the table of ./net
  "Timings",
];
