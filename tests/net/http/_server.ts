import { createServer, type Socket } from "node:net";

/** A server of node:net on loopback, whose sockets can be reset. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** The sockets that came, oldest first. */
  readonly sockets: Socket[];
  /** How often a client has closed its end or reset the connection. */
  readonly ended: number;
}

/** Serves each connection with `onConnection`. */
export async function serve(
  onConnection: (socket: Socket) => void,
  hostname = "127.0.0.1",
): Promise<TestServer> {
  const sockets: Socket[] = [];
  let ended = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    let over = false;
    const end = () => {
      if (!over) ended++;
      over = true;
    };
    socket.on("end", end);
    socket.on("error", end); // a reset
    onConnection(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, hostname, () => resolve());
  });
  const { port } = server.address() as { port: number };
  return {
    port,
    sockets,
    get ended() {
      return ended;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Calls back when a request without a body has come. */
export function onRequest(socket: Socket, answer: () => void): void {
  let request = "";
  socket.on("data", (chunk) => {
    request += chunk;
    if (request.endsWith("\r\n\r\n")) answer();
  });
}
