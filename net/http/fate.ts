/**
 * What has become of a connection after the request that used it: `"in use"`
 * while the body is read; `"kept"` for further requests; `"draining"` if the
 * rest of the body is read for that; `"closed"`; `"handed over"` to another
 * protocol.
 */
export type Fate = "in use" | "kept" | "draining" | "closed" | "handed over";
