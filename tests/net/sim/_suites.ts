// What the suites of streams and listeners need of a simulated network.
import { assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { co, type Future, join, map } from "../../../future/mod.ts";
import {
  SimNetwork,
  type SimNetworkOptions,
  VirtualClock,
} from "../../../net/sim/mod.ts";

export const ways: Record<string, SimNetworkOptions> = {
  "an ideal network": {},
  "a slow network of small pieces": {
    latency: [0, 5],
    chunk: [1, 5000],
    sendBuffer: 10_000,
  },
};

/** A network with a clock that the suites turn. */
export class Ground {
  readonly #clock = new VirtualClock();
  readonly #executor = new Executor({ host: this.#clock });
  readonly net: SimNetwork;

  constructor(options: SimNetworkOptions) {
    this.net = new SimNetwork({ platform: this.#clock }, options);
  }

  readonly turn = (): Promise<void> => {
    this.#clock.advance(1);
    return Promise.resolve();
  };

  readonly run = async <T>(future: Future<T>): Promise<T> => {
    let isOver = false;
    const promise = this.#executor.run(future);
    const over = () => isOver = true;
    promise.then(over, over);
    while (!isOver) await this.turn();
    return await promise;
  };

  readonly after = (): Promise<void> => {
    this.#clock.advance(1000);
    assertEquals(this.net.open, { sockets: 0, operations: 0 });
    return Promise.resolve();
  };
}

/** Both ends of a connection. */
export function pairOf<S extends Disposable>(
  connect: () => Future<S>,
  accept: () => Future<S>,
): Future<[S, S]> {
  return co(function* () {
    // One may be there when the other is given up: a join forgets it then.
    using open = new DisposableStack();
    const keep = (stream: S) => open.use(stream);
    const ends = yield* join([map(connect(), keep), map(accept(), keep)]);
    open.move();
    return ends;
  });
}
