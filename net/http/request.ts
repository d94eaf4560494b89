import type { Stream } from "../../future/stream/stream.ts";
import type { FieldsInit } from "./h1/fields.ts";
import type { Deadlines, Limits, RedirectMode } from "./options.ts";
import type { Progress } from "./progress.ts";

/**
 * What can be sent as a body. Text is sent in UTF-8. Bytes are not copied: leave
 * them alone until the response is there. Streams are read when the server takes
 * what they give, and once only: a request with one is never sent again. They
 * are sent in chunks, unless a `content-length` says how many bytes they have; one
 * that then has more or fewer fails the request.
 */
export type HttpBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | ArrayBufferView
  | URLSearchParams
  | FormData
  | Blob
  | Stream<Uint8Array>
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** What a request has besides its URL. */
export interface RequestOptions {
  /** The method, as it is to be sent: `"GET"` by default. */
  method?: string;
  /** Header fields, over those of the client. */
  headers?: FieldsInit;
  /** The body. */
  body?: HttpBody | null;
  /** A value to send as JSON, instead of `body`. */
  json?: unknown;
  /** What is done with a redirect. */
  redirect?: RedirectMode;
  /** Whether to decode the body. */
  decode?: boolean;
  /** How long each phase may take, over the client's. */
  deadlines?: Deadlines;
  /** How much a response may be, over the client's. */
  limits?: Limits;
  /** Aborts the request, and the reading of its response, with its reason. */
  signal?: AbortSignal;
  /**
   * Is told how far the body of the request is, each time the system has taken
   * some of it. A small one goes out with the head, in one step. An attempt
   * begins anew, and so does a redirect that takes the body along.
   */
  onUpload?: (progress: Progress) => void;
  /**
   * Is told how far the body of the response is, each time some of it is there:
   * it comes as it is read. Responses that are redirects are not read.
   *
   * @example
   * ```ts
   * import { run } from "@pollen/futures/executor";
   * import { HttpClient, type Progress } from "@pollen/futures/http";
   * import { assertEquals } from "@std/assert";
   *
   * await using server = Deno.serve(
   *   { hostname: "127.0.0.1", port: 0, onListen() {} },
   *   async (request) => new Response(await request.bytes()),
   * );
   * const seen: Progress[] = [];
   * await using client = new HttpClient();
   * using response = await run(client.request({
   *   method: "POST",
   *   url: `http://127.0.0.1:${server.addr.port}/`,
   *   body: "hello",
   *   onUpload: (progress) => seen.push(progress),
   *   onDownload: (progress) => seen.push(progress),
   * }));
   * await run(response.text());
   * assertEquals(seen[0], { transferred: 5, total: 5 });
   * assertEquals(seen.at(-1), { transferred: 5, total: 5 });
   * ```
   */
  onDownload?: (progress: Progress) => void;
}

/** A request as a whole. */
export interface HttpRequest extends RequestOptions {
  /** An absolute URL of `http:` or `https:`. */
  url: string | URL;
}
