import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
} from "@std/assert";

// Facts about Deno's loop that the executor stands on. When one of these goes
// red after an upgrade, what it says in brackets has to be thought over.

/** A connection with one byte sent to `client` and nothing read. */
async function withByteUnderWay(
  body: (client: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const connecting = Deno.connect({ hostname: "127.0.0.1", port });
  using server = await listener.accept();
  using client = await connecting;
  await server.write(Uint8Array.of(1));
  await body(client);
}

/** A script in a process of its own, since it prints warnings or does not end. */
function start(script: string, ...args: string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-lock", dataUrl(script), ...args],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const status = child.status.then((it) => it.success ? "ended" : "failed");
  return {
    status,
    async firstLine(): Promise<string> {
      let text = "";
      for await (const chunk of child.stdout) {
        text += new TextDecoder().decode(chunk);
        if (text.includes("\n")) break;
      }
      return text.split("\n")[0]!;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        child.kill();
      } catch {
        // it has ended
      }
      await child.status;
    },
  };
}

function dataUrl(script: string): string {
  return `data:text/javascript,${encodeURIComponent(script)}`;
}

Deno.test("loop: microtasks starve sockets and timers [Core ends its turns]", async () => {
  await withByteUnderWay(async (client) => {
    let reads = 0;
    let timers = 0;
    const reading = client.read(new Uint8Array(1)).then(() => reads++);
    const ticking = new Promise<void>((resolve) =>
      setTimeout(() => {
        timers++;
        resolve();
      }, 1)
    );
    const start = performance.now();
    await new Promise<void>((resolve) => {
      const spin = () => {
        if (performance.now() - start < 30) queueMicrotask(spin);
        else resolve();
      };
      spin();
    });
    assertEquals([reads, timers], [0, 0]);
    await reading;
    await ticking;
  });
});

Deno.test("loop: setImmediate lets sockets and timers through [Host.macrotask]", async () => {
  await withByteUnderWay(async (client) => {
    let reads = 0;
    let timers = 0;
    const reading = client.read(new Uint8Array(1)).then(() => reads++);
    const timer = setTimeout(() => timers++, 1);
    const start = performance.now();
    let turns = 0;
    await new Promise<void>((resolve) => {
      const spin = () => {
        turns++;
        const isOver = reads + timers === 2 || performance.now() - start > 5000;
        if (isOver) resolve();
        else setImmediate(spin);
      };
      spin();
    });
    assertEquals([reads, timers], [1, 1]);
    assert(turns > 1);
    clearTimeout(timer);
    await reading;
  });
});

Deno.test("loop: a socket has its turn within 61 rounds, and not in each [platformHost.macrotask]", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const connecting = Deno.connect({ hostname: "127.0.0.1", port });
  using server = await listener.accept();
  using client = await connecting;
  let rounds = 0;
  let goesOn = true;
  const spin = () => {
    rounds++;
    if (goesOn) setImmediate(spin);
  };
  spin();
  const all: number[] = [];
  const buffer = new Uint8Array(1);
  for (let i = 0; i < 20; i++) {
    const before = rounds;
    await Promise.all([client.read(buffer), server.write(buffer)]);
    all.push(rounds - before);
  }
  goesOn = false;
  all.shift(); // a connection's first event takes twice as long
  const [fewest, most] = [Math.min(...all), Math.max(...all)];
  assertLessOrEqual(most, 61, "more: sockets wait for too long");
  assertGreater(fewest, 10, "fewer: several rounds are not needed");
});

Deno.test("loop: setImmediate comes after all microtasks, in order [Host.macrotask]", async () => {
  const log: string[] = [];
  await new Promise<void>((resolve) => {
    setImmediate(() => log.push("immediate 1"));
    setImmediate(() => {
      log.push("immediate 2");
      resolve();
    });
    queueMicrotask(() => {
      log.push("microtask 1");
      queueMicrotask(() => log.push("microtask 2"));
    });
  });
  assertEquals(
    log,
    ["microtask 1", "microtask 2", "immediate 1", "immediate 2"],
  );
});

Deno.test("loop: queueMicrotask shares its line with promises [Host.microtask]", async () => {
  const log: number[] = [];
  const first = Promise.resolve().then(() => log.push(1));
  queueMicrotask(() => log.push(2));
  const third = Promise.resolve().then(() => log.push(3));
  await Promise.all([first, third]);
  assertEquals(log, [1, 2, 3]);
});

Deno.test("loop: a timer of 2^31 ms or more fires at once [Timers cuts long delays up]", async () => {
  for (const delay of ["2 ** 31", "2 ** 40", "Infinity"]) {
    await using script = start(`
      setTimeout(() => console.log("fired"), ${delay});
      setTimeout(() => { console.log("not yet"); Deno.exit(); }, 5000);
    `);
    assertEquals(await script.firstLine(), "fired", delay);
  }
});

Deno.test("loop: a timer of 2^31 - 1 ms does not fire at once [Timers' longest delay]", async () => {
  let fired = false;
  const long = setTimeout(() => fired = true, 2 ** 31 - 1);
  await new Promise<void>((resolve) => setTimeout(resolve, 5));
  clearTimeout(long);
  assertEquals(fired, false);
});

Deno.test("loop: a timer is not a millisecond early by performance.now() [Timers sets it again if it is]", async () => {
  for (let delay = 1; delay <= 5; delay++) {
    const start = performance.now();
    await new Promise<void>((resolve) => setTimeout(resolve, delay));
    assertGreaterOrEqual(performance.now() - start, delay - 1);
  }
});

Deno.test("loop: a timer can be cleared by what setTimeout returned, whatever that is [Host.clearTimer]", async () => {
  let fired = 0;
  const cleared = setTimeout(() => fired++, 1);
  clearTimeout(cleared);
  const kept = await new Promise<ReturnType<typeof setTimeout>>((resolve) => {
    const timer = setTimeout(() => {
      fired++;
      resolve(timer);
    }, 3);
  });
  clearTimeout(kept); // it has fired: nothing
  assertEquals(fired, 1);
});

Deno.test("loop: performance.now() never goes back, and has a fraction [Host.now]", () => {
  let last = performance.now();
  let fractions = 0;
  for (let i = 0; i < 10_000; i++) {
    const now = performance.now();
    assertGreaterOrEqual(now, last);
    if (!Number.isInteger(now)) fractions++;
    last = now;
  }
  assert(fractions > 0);
});

Deno.test("loop: a rejection nobody handles is an event, and can be prevented [Host.unhandled]", async () => {
  const reason = new Error("nobody handles this");
  let seen: unknown;
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    seen = event.reason;
  };
  addEventListener("unhandledrejection", listener);
  try {
    Promise.reject(reason);
    for (let turn = 0; seen === undefined && turn < 1000; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assertStrictEquals(seen, reason);
  } finally {
    removeEventListener("unhandledrejection", listener);
  }
});

Deno.test("loop: an abort listener may be an object, and is called at once [run's signal]", () => {
  const controller = new AbortController();
  let calls = 0;
  const listener = { handleEvent: () => calls++ };
  controller.signal.addEventListener("abort", listener);
  controller.abort();
  assertEquals(calls, 1);

  const other = new AbortController();
  other.signal.addEventListener("abort", listener);
  other.signal.removeEventListener("abort", listener);
  other.abort();
  assertEquals(calls, 1);
});

Deno.test("loop: a message port that is open holds the process, closing both frees it [turns without setImmediate]", async () => {
  const channel = `
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      console.log("got it");
      if (Deno.args[0] === "close") port1.close(), port2.close();
    };
    port2.postMessage(null);
  `;
  await using held = start(channel);
  await using freed = start(channel, "close");
  assertEquals(await held.firstLine(), "got it");
  assertEquals(await freed.firstLine(), "got it");
  assertEquals(await freed.status, "ended");
  // The other one has had as much time, and gets some more.
  const more = new Promise<string>((resolve) =>
    setTimeout(() => resolve("is held"), 50)
  );
  assertEquals(await Promise.race([held.status, more]), "is held");
  await more;
});

Deno.test("loop: setImmediate costs microseconds, not a timer's millisecond [Host.macrotask]", async () => {
  const turns = 2000;
  const start = performance.now();
  for (let i = 0; i < turns; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  // 2000 timers would take four seconds at best.
  assertLess(performance.now() - start, 2000);
});
