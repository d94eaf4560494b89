import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createHttpServer } from "node:http";

/** A server that closes idle connections early, and counts what it was asked. */
export interface RacingServer extends AsyncDisposable {
  readonly url: string;
  /** How often each request came, by its path. */
  readonly seen: Map<string, number>;
  /** How many idle connections it has closed. */
  readonly closed: number;
}

/** How long it keeps an idle connection, in milliseconds, drawn each time. */
const LEAST = 3;
const MOST = 10;

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

function count(seen: Map<string, number>, path: string): void {
  seen.set(path, (seen.get(path) ?? 0) + 1);
}

/** Lets a server listen; at the end it is closed, and its connections are cut. */
async function racing(
  server: Server,
  seen: Map<string, number>,
  closed: () => number,
  cut: () => void,
  shutdown?: () => Promise<void>,
): Promise<RacingServer> {
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve())
  );
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    seen,
    get closed() {
      return closed();
    },
    async [Symbol.asyncDispose]() {
      const over = new Promise((resolve) => server.close(resolve));
      cut();
      await over;
      await shutdown?.();
    },
  };
}

/** A server of ours, which says nothing of when it will close. */
export async function rawRacing(random: () => number): Promise<RacingServer> {
  const seen = new Map<string, number>();
  const sockets = new Set<Socket>();
  let closed = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    let text = "";
    let idle: ReturnType<typeof setTimeout> | undefined;
    socket.on("error", () => {}); // a request that came too late
    socket.on("close", () => {
      clearTimeout(idle);
      sockets.delete(socket);
    });
    socket.on("data", (chunk) => {
      clearTimeout(idle);
      text += chunk.toString("latin1");
      const [head, path] = /^\w+ (\S+) [^]*?\r\n\r\n/.exec(text) ?? [];
      if (head === undefined) return;
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      const chunked = /^transfer-encoding: chunked/im.test(head);
      if (
        chunked
          ? !text.endsWith("\r\n0\r\n\r\n")
          : text.length < head.length + Number(length ?? 0)
      ) return;
      text = "";
      count(seen, path!);
      socket.write(OK);
      idle = setTimeout(() => {
        closed++;
        socket.destroy();
      }, LEAST + random() * (MOST - LEAST));
    });
  });
  return await racing(server, seen, () => closed, () => {
    for (const socket of sockets) socket.destroy();
  });
}

/**
 * The server of `node:http`. Deno's does not heed `keepAliveTimeout`, so it is
 * told from time to time to close what is idle.
 */
export async function nodeRacing(random: () => number): Promise<RacingServer> {
  const seen = new Map<string, number>();
  let closed = 0;
  const server = createHttpServer((request, response) => {
    count(seen, request.url!);
    response.setHeader("connection", "keep-alive"); // and no word of a timeout
    request.resume();
    request.on("end", () => response.end("ok"));
  });
  server.on("connection", (socket) => socket.on("close", () => closed++));
  let timer: ReturnType<typeof setTimeout>;
  const closeIdle = () => {
    server.closeIdleConnections();
    timer = setTimeout(closeIdle, LEAST + random() * (MOST - LEAST));
  };
  closeIdle();
  return await racing(server, seen, () => closed, () => {
    clearTimeout(timer);
    server.closeAllConnections();
  });
}

/**
 * `Deno.serve`, which keeps connections as long as they live, behind a relay that
 * does not: as behind many a load balancer.
 */
export async function denoRacing(random: () => number): Promise<RacingServer> {
  const seen = new Map<string, number>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      count(seen, new URL(request.url).pathname);
      await request.arrayBuffer();
      return new Response("ok");
    },
  );
  const sockets = new Set<Socket>();
  let closed = 0;
  const relay = createServer((near) => {
    const far = connect({ port: server.addr.port, host: "127.0.0.1" });
    let idle: ReturnType<typeof setTimeout> | undefined;
    const end = () => {
      clearTimeout(idle);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    near.on("data", (chunk) => {
      clearTimeout(idle);
      far.write(chunk);
    });
    far.on("data", (chunk) => {
      near.write(chunk);
      idle = setTimeout(() => {
        closed++;
        end();
      }, LEAST + random() * (MOST - LEAST));
    });
  });
  return await racing(relay, seen, () => closed, () => {
    for (const socket of sockets) socket.destroy();
  }, () => server.shutdown());
}
