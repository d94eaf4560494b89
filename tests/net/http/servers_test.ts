import { denoServe, nodeHttp } from "../../servers/_platform.ts";
import { testServer } from "../../servers/_suite.ts";

/** More than any buffer on the way holds. */
const bigBytes = 64 * 1024 * 1024;

for (const tls of [false, true]) {
  const name = tls ? ", with TLS" : "";
  testServer(`Deno.serve${name}`, () => denoServe({ tls, bigBytes }));
  testServer(
    tls ? "node:https" : "node:http",
    () => nodeHttp({ tls, bigBytes }),
  );
}
