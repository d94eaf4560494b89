import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { CA, SERVER } from "../net/_certs.ts";
import { HELLO, PAGE, type Served } from "./_suite.ts";

const PIECE = new Uint8Array(64 * 1024).fill(120);
const PAGE_BYTES = new TextEncoder().encode(PAGE);
const CODED = {
  gzip: new Uint8Array(gzipSync(PAGE_BYTES)),
  br: new Uint8Array(brotliCompressSync(PAGE_BYTES)),
};

function codingFor(accepted: unknown): "gzip" | "br" {
  return /\bgzip\b/.test(`${accepted}`) ? "gzip" : "br";
}

const UPLOAD: Served["upload"] = {
  method: "POST",
  path: "/upload",
  arrived: Number,
};

function bigBody(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close();
      left -= PIECE.byteLength;
      controller.enqueue(PIECE);
    },
  }, { highWaterMark: 0 });
}

async function respond(request: Request, bigBytes: number): Promise<Response> {
  switch (new URL(request.url).pathname) {
    case "/hello.txt":
      return new Response(HELLO);
    case "/page.txt": {
      const coding = codingFor(request.headers.get("accept-encoding"));
      const headers = { "content-encoding": coding };
      return new Response(CODED[coding], { headers });
    }
    case "/big.bin":
      return new Response(bigBody(bigBytes));
    case "/empty":
      return new Response(null, { status: 204 });
    case "/upload": {
      let arrived = 0;
      for await (const piece of request.body ?? []) arrived += piece.byteLength;
      return new Response(`${arrived}`);
    }
    default:
      return new Response("there is none", { status: 404 });
  }
}

/** `Deno.serve`, plain or with TLS. */
export function denoServe(
  { tls, bigBytes }: { tls: boolean; bigBytes: number },
): Promise<Served> {
  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
      ...(tls ? SERVER : {}),
    },
    (request) => respond(request, bigBytes),
  );
  return Promise.resolve({
    url: `${tls ? "https" : "http"}://127.0.0.1:${server.addr.port}`,
    client: tls ? { tls: { caCerts: [CA] } } : {},
    bigBytes,
    codings: ["gzip", "br"],
    upload: UPLOAD,
    empty: "/empty",
    continues: true,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

/** `node:http` or `node:https`. */
export async function nodeHttp(
  { tls, bigBytes }: { tls: boolean; bigBytes: number },
): Promise<Served> {
  const listener: RequestListener = (request, response) => {
    switch (request.url) {
      case "/hello.txt":
        response.setHeader("etag", '"1"');
        response.end(HELLO);
        return;
      case "/page.txt": {
        const coding = codingFor(request.headers["accept-encoding"]);
        response.setHeader("content-encoding", coding);
        response.end(CODED[coding]);
        return;
      }
      case "/big.bin": {
        let left = bigBytes;
        const more = () => {
          while (left > 0) {
            left -= PIECE.byteLength;
            if (!response.write(PIECE)) {
              return void response.once("drain", more);
            }
          }
          response.end();
        };
        more();
        return;
      }
      case "/empty":
        response.writeHead(204).end();
        return;
      case "/trailers":
        response.setHeader("trailer", "x-lines");
        response.write(HELLO);
        response.addTrailers({ "x-lines": "1" });
        response.end();
        return;
      case "/upload": {
        let arrived = 0;
        request.on("data", (chunk) => arrived += chunk.byteLength);
        request.on("end", () => response.end(`${arrived}`));
        return;
      }
      default:
        response.writeHead(404).end("there is none");
    }
  };
  const server = tls
    ? createSecureServer(SERVER, listener)
    : createServer(listener);
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve())
  );
  const { port } = server.address() as { port: number };
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    client: tls ? { tls: { caCerts: [CA] } } : {},
    bigBytes,
    codings: ["gzip", "br"],
    upload: UPLOAD,
    empty: "/empty",
    trailers: "/trailers",
    continues: true,
    async [Symbol.asyncDispose]() {
      const over = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await over;
    },
  };
}
