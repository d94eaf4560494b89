// The suite that the sockets of the platform pass, over the simulated network.
import { assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { co, type Future, join, map } from "../../../future/mod.ts";
import { TcpListener, TcpStream } from "../../../net/mod.ts";
import {
  SimNetwork,
  type SimNetworkOptions,
  VirtualClock,
} from "../../../net/sim/mod.ts";
import { ioConformance } from "../../conformance/io.ts";
import { listenerConformance } from "../../conformance/listener.ts";

const ways: Record<string, SimNetworkOptions> = {
  "an ideal network": {},
  "a slow network of small pieces": {
    latency: [0, 5],
    chunk: [1, 5000],
    sendBuffer: 10_000,
  },
};

for (const [name, options] of Object.entries(ways)) {
  const clock = new VirtualClock();
  const net = new SimNetwork({ platform: clock }, options);
  const server = net.host("server");
  const executor = new Executor({ host: clock });

  const turn = (): Promise<void> => {
    clock.advance(1);
    return Promise.resolve();
  };

  const run = async <T>(future: Future<T>): Promise<T> => {
    let isOver = false;
    const promise = executor.run(future);
    const over = () => isOver = true;
    promise.then(over, over);
    while (!isOver) await turn();
    return await promise;
  };

  const after = (): Promise<void> => {
    clock.advance(1000);
    assertEquals(net.open, { sockets: 0, operations: 0 });
    return Promise.resolve();
  };

  const pair = () =>
    co(function* () {
      using listener = TcpListener.bind({
        hostname: server.address,
        port: 0,
        network: server,
      });
      // One may be there when the other is given up: a join forgets it then.
      using open = new DisposableStack();
      const keep = (stream: TcpStream) => open.use(stream);
      const ends = yield* join([
        map(TcpStream.connect(listener.addr, { network: net }), keep),
        map(listener.accept(), keep),
      ]);
      open.move();
      return ends;
    });

  ioConformance(name, pair, {
    run,
    turn,
    megabytes: 0.5,
    drops: 2000,
    largest: 5000,
    makeResettable: () =>
      co(function* () {
        const [end, peer] = yield* pair();
        return {
          end,
          send: (bytes: Uint8Array) => peer.writeAll(bytes),
          shutdown: () => peer.shutdown(),
          // Behind what is on its way, as the platform's is.
          reset: () => net.link("server", "client").reset(),
          [Symbol.dispose]: () => peer.close(),
        };
      }),
    after,
  });

  listenerConformance(name, () => {
    const listener = TcpListener.bind({
      hostname: server.address,
      port: 0,
      network: server,
    });
    const { addr } = listener;
    return {
      connect: () => TcpStream.connect(addr, { network: net }),
      accept: () => listener.accept(),
      [Symbol.dispose]: () => listener.close(),
    };
  }, { run, after });
}
