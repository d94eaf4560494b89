import type { Stream } from "../../future/stream/mod.ts";
import type { FieldsInit } from "./h1/mod.ts";
import type { Deadlines, Limits, RedirectMode } from "./options.ts";

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
}

/** A request as a whole. */
export interface HttpRequest extends RequestOptions {
  /** An absolute URL of `http:` or `https:`. */
  url: string | URL;
}
