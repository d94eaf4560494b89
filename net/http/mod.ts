/**
 * HTTP/1.1 over futures. So far the small client that this library is best
 * learnt from: {@linkcode SimpleHttpClient}.
 *
 * @example Usage
 * ```ts
 * import { SimpleHttpClient } from "@pollen/futures/http";
 * import { assertEquals } from "@std/assert";
 *
 * const request = new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n");
 * const client = new SimpleHttpClient("localhost:80", request);
 * assertEquals(client.state, "Initial"); // nothing runs before the first poll
 * ```
 *
 * @module
 */

export * from "./simple_http_client.ts";
