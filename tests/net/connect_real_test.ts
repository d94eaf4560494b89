import { assert, assertEquals, assertRejects } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { run } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { join, Pending } from "../../future/mod.ts";
import {
  ConnectionFailed,
  openResources,
  TcpListener,
  TcpStream,
} from "../../net/mod.ts";
import { eventually, socketTest, turn } from "./_sockets.ts";
import { socketsConnectedTo } from "./_tcp_table.ts";

socketTest("connect: a port where nobody listens refuses", async () => {
  const address = `127.0.0.1:${getAvailablePort()}`;
  const error = await assertRejects(
    () => run(TcpStream.connect(address)),
    ConnectionFailed,
  );
  assertEquals(
    error.message,
    `Cannot connect to ${address}: the connection was refused`,
  );
  assertEquals([error.phase, error.address], ["connect", address]);
  assert(error.cause instanceof Deno.errors.ConnectionRefused);
});

socketTest("connect: a host name is resolved by the platform", async () => {
  using listener = TcpListener.bind({ hostname: "localhost", port: 0 });
  const { port } = listener.addr;
  const [client, server] = await run(
    join([TcpStream.connect(`localhost:${port}`), listener.accept()]),
  );
  client.close();
  server.close();
});

socketTest(
  "connect: dropped after each number of turns it leaves no socket",
  async () => {
    // By its own address, so that the platform is given the host name as well.
    using listener = TcpListener.bind({ hostname: "localhost", port: 0 });
    const { port } = listener.addr;
    const before = openResources();
    let completed = 0;
    for (let turns = 0; completed < 3; turns++) {
      assert(turns < 1000, "it never completes");
      const connect = TcpStream.connect(`localhost:${port}`);
      let stream = pollOnce(connect);
      for (let i = 0; i < turns && stream === Pending; i++) {
        await turn();
        stream = pollOnce(connect);
      }
      connect[Symbol.dispose]();
      if (stream !== Pending) {
        completed++;
        stream.close();
      }
      await eventually(
        "the platform is done with the attempt",
        () => openResources().operations === before.operations,
      );
    }
    assertEquals(await socketsConnectedTo(port) ?? 0, 0);
  },
);

socketTest(
  "connect: 300 races of a drop against the connection leave no socket",
  async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const accepted: Deno.Conn[] = [];
    const accepting = (async () => {
      for await (const conn of listener) accepted.push(conn);
    })();
    const before = openResources();
    for (let race = 0; race < 300; race++) {
      const connect = TcpStream.connect(listener.addr);
      assertEquals(pollOnce(connect), Pending);
      await dropWhenDue(connect, race);
    }
    await eventually(
      "the platform is done with all attempts",
      () => openResources().operations === before.operations,
    );
    // The peers are still open, so that a socket of ours would be there to see.
    assertEquals(openResources(), before);
    assertEquals(await socketsConnectedTo(port) ?? 0, 0);
    for (const conn of accepted) conn.close();
    listener.close();
    await accepting;
  },
);

/**
 * Drops the attempt from a timer that falls due while the thread is held up,
 * so that the host finds the timer and the connection in the same turn: then
 * `Deno.connect` would lose the socket, a few times in a hundred.
 */
function dropWhenDue(attempt: Disposable, race: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => {
      attempt[Symbol.dispose]();
      resolve();
    }, 1);
    const until = performance.now() + 1 + (race % 10) / 20;
    while (performance.now() < until);
  });
}
