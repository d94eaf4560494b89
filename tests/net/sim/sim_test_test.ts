import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { sleep, timeout } from "../../../executor/time/mod.ts";
import { fromPromise } from "../../../future/mod.ts";
import { NetError, TcpListener, TcpStream } from "../../../net/mod.ts";
import {
  httpFixture,
  type NetSim,
  pct,
  SimFailure,
  simTest,
  type SimTestOptions,
  simulate,
} from "../../../net/sim/mod.ts";
import { readAll } from "./_scene.ts";

/** Sends "0123456789" to each who connects. */
function digits(sim: NetSim): void {
  sim.host("a.test", function* (host) {
    using listener = TcpListener.bind({
      hostname: host.address,
      port: 7,
      network: host,
    });
    for (;;) {
      using stream = yield* listener.accept();
      try {
        yield* stream.writeAll(new TextEncoder().encode("0123456789"));
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
      }
    }
  });
}

const noisy: SimTestOptions = {
  runs: 60,
  schedule: pct({ depth: 3 }),
  net: { latency: [1, 50], chunk: [1, 4] },
};

/** Gets the digits, and again if the connection breaks. */
function* download(sim: NetSim, attempts = 20) {
  digits(sim);
  sim.net.link("a.test", "client").resetAfterBytes(4, { probability: 0.3 });
  yield* sleep(1);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      using stream = yield* TcpStream.connect("a.test:7", { network: sim.net });
      const got = yield* readAll(stream);
      sim.always("it is what was sent", got === "0123456789", got);
      sim.sometimes("it took two attempts", attempt === 2);
      return;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      sim.note(`attempt ${attempt} failed`);
    }
  }
  throw new Error("no luck");
}

simTest(
  "simTest: a download goes through a network that resets",
  noisy,
  download,
);

async function failureOf(
  options: SimTestOptions,
  body: (sim: NetSim) => Generator,
): Promise<SimFailure> {
  return await assertRejects(
    () => simulate(options, body as Parameters<typeof simulate>[1]),
    SimFailure,
  );
}

const BODY = "x".repeat(5000);

// Each attempt may meet a reset: of 500 runs a few meet three, but none ten.
simTest("simTest: a pool survives resets, with a client that tries again", {
  runs: 500,
  schedule: pct({ depth: 3 }),
  net: { latency: [1, 50], chunk: [1, 1400] },
}, function* (sim) {
  sim.host("a.test", httpFixture(BODY));
  sim.net.link("client", "a.test").resetAfterBytes(17, { probability: 0.2 });
  const client = sim.client({ retry: { attempts: 10 } });
  const res = yield* client.get("http://a.test/");
  sim.sometimes("retried", res.connection.attempts > 1);
  sim.always("no byte twice", (yield* res.text()) === BODY);
});

Deno.test("simTest: the client is the one that a program has: it does not try again by itself", async () => {
  const failure = await failureOf({ runs: 50 }, function* (sim) {
    sim.host("a.test", httpFixture(BODY));
    sim.net.link("client", "a.test").resetAfterBytes(17, { probability: 0.2 });
    using _response = yield* sim.client().get("http://a.test/");
  });
  assertStringIncludes(failure.message, "the peer reset the connection");
});

Deno.test("simulate: a failure shows the network's options and what happened on it, and repeats", async () => {
  const body = (sim: NetSim) => download(sim, 1);
  const failure = await failureOf(noisy, body);
  assertStringIncludes(failure.message, "no luck");
  assertStringIncludes(
    failure.message,
    '"net":{"latency":[1,50],"chunk":[1,4]}',
  );
  assert(
    failure.trace.some((line) =>
      line.includes("net   reset #1 a.test -> client after 4 bytes")
    ),
  );
  assert(failure.trace.some((line) => line.includes("attempt 1 failed")));
  const again = await failureOf({ ...noisy, replay: failure.replay }, body);
  assertEquals(again.trace, failure.trace);
});

Deno.test("simulate: the same seed gives the same runs, another one others", async () => {
  const one = await simulate(noisy, download);
  assertEquals(await simulate(noisy, download), one);
  const other = await simulate({ ...noisy, seed: 1000 }, download);
  assertNotEquals(other.hash, one.hash);
});

Deno.test("simulate: all runs are made twice, and must be the same", async () => {
  let runs = 0;
  const body = function* () {
    yield* sleep(++runs > 5 ? 2 : 1);
  };
  assertEquals((await failureOf({ runs: 5 }, body)).kind, "not deterministic");
  assertEquals(runs, 10);
  runs = 0;
  assertEquals((await simulate({ runs: 5, twice: false }, body)).runs, 5);
  assertEquals(runs, 5);
});

Deno.test("simulate: after the faults have ended, it must be done in time", async () => {
  const options: SimTestOptions = {
    runs: 5,
    recovery: { at: 10_000, within: 1000 },
  };
  /** Polls a host until it answers, that long at a time. */
  const body = (patience: number) =>
    function* (sim: NetSim) {
      digits(sim);
      sim.net.link("client", "a.test").blackhole();
      for (;;) {
        try {
          using stream = yield* timeout(
            TcpStream.connect("a.test:7", { network: sim.net }),
            patience,
          );
          yield* readAll(stream);
          sim.always("not before", sim.now() >= 10_000, sim.now());
          return;
        } catch {
          yield* sleep(100);
        }
      }
    };
  await simulate(options, body(300));
  const failure = await failureOf(options, body(60_000));
  assertEquals(failure.kind, "stuck");
  assertStringIncludes(failure.message, "1000 ms after all faults have ended");
  assertStringIncludes(failure.message, "connect (to a.test:7)");
});

Deno.test("simulate: a native promise is an error, unless its task is allowed one by name", async () => {
  const body = function* (sim: NetSim) {
    const task = sim.spawn(
      fromPromise(() => crypto.subtle.digest("SHA-256", new Uint8Array(3))),
      { name: "hasher" },
    );
    const { byteLength } = yield* task;
    sim.always("32 bytes", byteLength === 32);
    yield* sleep(5);
  };
  const failure = await failureOf({ runs: 2 }, body);
  assertStringIncludes(
    failure.message,
    'native promise in a simulation: fromPromise in task 2 "hasher"',
  );
  const options = { runs: 2, allowPromises: ["hasher"] };
  assertEquals((await simulate(options, body)).runs, 2);
  const late = await failureOf(options, function* (sim) {
    yield* sim.spawn(
      fromPromise(() => Promise.resolve()),
      { name: "hasher" },
    );
    throw new Error("after a promise");
  });
  assertStringIncludes(late.message, "after a promise");
});

Deno.test("simulate: a socket that is left open is a leak", async () => {
  const failure = await failureOf({ runs: 1 }, function* (sim) {
    digits(sim);
    yield* sleep(1);
    yield* TcpStream.connect("a.test:7", { network: sim.net });
  });
  assertEquals(failure.kind, "leak");
  assertStringIncludes(failure.message, "open streams: 1 are left");
});

Deno.test("simulate: a server that fails when the test is over is no failure, before it is", async () => {
  const serve = function* (sim: NetSim, how: "early" | "late") {
    using listener = TcpListener.bind({ port: 7, network: sim.net });
    sim.host("client", function* () {
      yield* listener.accept();
    });
    yield* sleep(1);
    if (how === "late") return;
    listener.close();
    yield* sleep(1);
  };
  await simulate({ runs: 5 }, (sim) => serve(sim, "late"));
  const failure = await failureOf({ runs: 5 }, (sim) => serve(sim, "early"));
  assertStringIncludes(failure.message, "the listener was closed");
});

const folder = new URL("../../../", import.meta.url);

async function child(
  source: string,
  args: string[],
  options: Deno.CommandOptions = {},
): Promise<{ code: number; text: string }> {
  const file = await Deno.makeTempFile({ suffix: "_test.ts" });
  try {
    await Deno.writeTextFile(
      file,
      source.replaceAll("SIM", new URL("net/sim/mod.ts", folder).href),
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "--no-check",
        "--no-config",
        "--quiet",
        "--allow-read",
        file,
        ...args,
      ],
      env: { NO_COLOR: "1" },
      ...options,
    }).output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } finally {
    await Deno.remove(file);
  }
}

const RACE = `
import { simTest } from "SIM";
simTest("a lost update", { runs: 50, seed: 3 }, function* (sim) {
  let value = 0;
  const add = function* () {
    const before = value;
    yield* sim.sleep(sim.random() < 0.5 ? 1 : 2);
    value = before + 1;
  };
  const both = [sim.spawn(add), sim.spawn(add)];
  for (const one of both) yield* one;
  sim.always("both count", value === 2);
});
simTest("all is well", { runs: 3 }, function* (sim) {
  yield* sim.sleep(1);
});
`;

Deno.test("simTest: a failure prints the command that repeats it, in a fresh process with the same trace", async () => {
  const first = await child(RACE, []);
  assertEquals(first.code, 1, first.text);
  const command =
    /to repeat it: deno test (\S+) --filter "a lost update" -- (--sim=\S+)/
      .exec(first.text);
  assert(command, first.text);
  assertStringIncludes(command[1]!, "_test.ts");
  const trace = (text: string) =>
    text.slice(text.indexOf("what happened:"), text.indexOf("throw new"))
      .replaceAll(/at file:\S+/g, "");
  for (let i = 0; i < 2; i++) {
    const again = await child(RACE, [
      "--filter",
      "a lost update",
      "--",
      command[2]!,
    ]);
    assertEquals(again.code, 1, again.text);
    assertEquals(trace(again.text), trace(first.text));
    assertStringIncludes(again.text, "as given");
    assertFalse(again.text.includes("all is well"));
  }
});

const ODD = 'it\'s "$HOME" & `more`!';

/** What a shell reads within double quotes. */
const SIGNS = ["$HOME", 'say "x"', "`more`", "back\\\\slash", "wow!"];

const SHELL = `
import { simTest } from "SIM";
simTest(${JSON.stringify(ODD)}, { runs: 5 }, function* (sim) {
  yield* sim.sleep(1);
  sim.sometimes("pigs fly", false);
});
for (const name of ["plain", ...${JSON.stringify(SIGNS)}]) {
  simTest(name, { runs: 5 }, function* (sim) {
    sim.always("false holds", false);
  });
}
`;

Deno.test("simTest: what it prints can be given to a shell as it is, and names the commit", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const commit = "0123456789abcdef".repeat(2) + "01234567";
    await Deno.mkdir(`${cwd}/.git/refs/heads`, { recursive: true });
    const put = (file: string, text: string) =>
      Deno.writeTextFile(`${cwd}/.git/${file}`, text);
    await put("HEAD", `${commit}\n`);
    const { text } = await child(SHELL, [], { cwd });
    assertStringIncludes(
      text,
      "--filter 'it'\\''s \"$HOME\" & `more`!' (at commit " + commit,
    );
    assertStringIncludes(
      text,
      `--filter "plain" -- --sim=1:0 (at commit ${commit})`,
    );
    for (const name of SIGNS) {
      assertStringIncludes(text, `--filter '${name}' -- --sim=1:0`);
    }
    await put("HEAD", "ref: refs/heads/main\n");
    await put("packed-refs", `# sorted\n${commit} refs/heads/main\n`);
    const packed = await child(SHELL, [], { cwd });
    assertStringIncludes(packed.text, `(at commit ${commit})`);
    await put("refs/heads/main", "abc123\n"); // the newer one
    const loose = await child(SHELL, [], { cwd });
    assertStringIncludes(loose.text, "(at commit abc123)");
    await Deno.remove(`${cwd}/.git`, { recursive: true });
    const none = await child(SHELL, [], { cwd });
    assertStringIncludes(none.text, `--filter "plain" -- --sim=1:0\n`);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
