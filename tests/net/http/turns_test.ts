import { assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { co, lazy, ready } from "../../../future/mod.ts";
import { HttpClient } from "../../../net/http/mod.ts";
import type { ScriptedNetwork } from "../_scripted_network.ts";
import { scriptedTest } from "../_scripted_network.ts";

const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Executor, clock and client over a network, and what they do. */
class Scene {
  readonly clock = new VirtualClock();
  readonly executor = new Executor({ host: this.clock });
  readonly client: HttpClient;

  constructor(readonly network: ScriptedNetwork, maxPerOrigin: number) {
    this.client = new HttpClient({ network, pool: { maxPerOrigin } });
  }

  /** A task that sends so many requests, each as soon as it has an answer. */
  task(name: string, requests: number): void {
    const { client, network } = this;
    this.executor.spawn(co(function* () {
      for (let i = 0; i < requests; i++) {
        using response = yield* client.get("http://10.0.0.1/");
        network.log.push(`${name} has ${yield* response.text()}`);
      }
    })).detach();
  }

  /** Lets all tasks go on until nothing is ready; what the network was asked. */
  turn(): string[] {
    this.network.log.length = 0;
    this.clock.settle();
    return this.network.log.map((each) => each.replace(/ \d+$/, ""));
  }

  /** The first requests are sent, each over a connection of its own. */
  connect(count: number): void {
    this.turn();
    for (let i = 0; i < count; i++) this.network.connected();
    this.turn();
    for (let i = 0; i < count; i++) this.network.sends();
    this.turn();
  }

  close(): void {
    this.client.close();
    this.executor[Symbol.dispose]();
  }
}

/** One whose client has two connections that rest. */
function withTwoIdle(network: ScriptedNetwork): Scene {
  const scene = new Scene(network, 2);
  scene.task("a", 1);
  scene.task("b", 1);
  scene.connect(2);
  network.arrives(ANSWER);
  network.arrives(ANSWER);
  scene.turn();
  return scene;
}

scriptedTest("client: requests of one turn are sent in a row", (network) => {
  const scene = new Scene(network, 2);
  scene.task("a", 2);
  scene.task("b", 2);
  scene.connect(2);
  network.arrives(ANSWER);
  network.arrives(ANSWER);
  assertEquals(scene.turn(), [
    "a has ok",
    "b has ok",
    "write",
    "read",
    "write",
    "read",
  ]);
  scene.close();
});

scriptedTest(
  "client: what must not be sent twice gives way to nobody",
  (network) => {
    const scene = withTwoIdle(network);
    const { client, executor } = scene;
    const posted = client.request({ method: "POST", url: "http://10.0.0.1/" });
    executor.spawn(posted).detach();
    executor.spawn(lazy(() => ready(network.log.push("b goes on")))).detach();
    assertEquals(scene.turn(), ["write", "b goes on"]);
    scene.close();
  },
);

scriptedTest(
  "client: where there is one connection, nobody is given way to",
  (network) => {
    const scene = new Scene(network, 1);
    scene.task("a", 2);
    scene.connect(1);
    const other = scene.executor.spawn(ready(0));
    network.arrives(ANSWER);
    assertEquals(scene.turn(), ["a has ok", "write", "read"]);
    other.detach();
    scene.close();
  },
);

scriptedTest(
  "client: a read is parked on a connection when nobody has taken it in its turn",
  (network) => {
    const scene = new Scene(network, 1);
    scene.task("a", 2);
    scene.connect(1);
    const [socket] = network.sockets as unknown as { holds: boolean }[];
    network.arrives(ANSWER);
    // Taken again at once: its read begins when the request is under way.
    assertEquals(scene.turn(), ["a has ok", "write", "read"]);
    assertEquals(socket!.holds, true);
    network.sends();
    network.arrives(ANSWER);
    assertEquals(scene.turn(), ["a has ok", "read"]);
    assertEquals(socket!.holds, false, "an idle connection held the process");
    // The parked read is the next response's first.
    scene.task("b", 1);
    assertEquals(scene.turn(), ["write"]);
    assertEquals(socket!.holds, true);
    network.sends();
    network.arrives(ANSWER);
    assertEquals(scene.turn(), ["b has ok", "read"]);
    scene.close();
  },
);

scriptedTest(
  "client: a request that is dropped while it gives way gives its connection back",
  (network) => {
    const scene = withTwoIdle(network);
    const { client, executor } = scene;
    const handle = executor.spawn(client.get("http://10.0.0.1/"));
    executor.spawn(lazy(() => ready(handle.abort()))).detach();
    assertEquals(scene.turn(), [], "the request was sent");
    const states = client.snapshot().connections.map(({ state }) => state);
    assertEquals(states, ["idle", "idle"]);
    scene.close();
  },
);

scriptedTest(
  "client: the deadline of a head that was in time is over when the next request gives way",
  (network) => {
    const scene = new Scene(network, 2);
    const { client, clock, executor } = scene;
    // The timer of the deadline fires, but the head is there when it is looked at.
    executor.spawn(co(function* () {
      yield* sleep(60);
      network.arrives(
        "HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n",
      );
    })).detach();
    executor.spawn(client.request({
      url: "http://10.0.0.1/",
      deadlines: { head: 60 },
    })).detach();
    scene.connect(1);
    scene.task("b", 1);
    scene.connect(1);
    network.log.length = 0;
    clock.advance(60);
    const log = network.log.map((each) => each.replace(/ \d+$/, ""));
    assertEquals(log, ["write", "read"]);
    scene.close();
  },
);
