import { assert, assertEquals, assertThrows } from "@std/assert";
import { pollOnce } from "../../executor/sim/mod.ts";
import {
  ConnectionFailed,
  NetError,
  UnixListener,
  UnixStream,
} from "../../net/mod.ts";
import type { UnixOutcome } from "./_unix_child.ts";
import { scriptedTest, ScriptedUnixStream } from "./_scripted_network.ts";

/** Runs the child under the flags given, with a path of its own. */
async function under(
  flags: (path: string) => string[],
): Promise<{ path: string; outcomes: Map<string, UnixOutcome> }> {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/s.sock`;
  try {
    const child = new URL("_unix_child.ts", import.meta.url).href;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "--no-prompt",
        ...flags(path),
        child,
        path,
      ],
      stderr: "inherit",
    }).output();
    const all: UnixOutcome[] = JSON.parse(new TextDecoder().decode(stdout));
    return { path, outcomes: new Map(all.map((each) => [each.what, each])) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const isUnix = Deno.build.os !== "windows";

Deno.test({
  name: "unix: with the three grants that its errors name, it works",
  ignore: !isUnix,
  async fn() {
    const { path, outcomes } = await under((path) => [
      `--allow-read=${path}`,
      `--allow-write=${path}`,
      `--allow-net=unix:${path}`,
    ]);
    const outcome = (what: string) => outcomes.get(what)!;
    assertEquals(outcome("echo").value, {
      got: { n: 3, local: { path: null }, remote: { path } },
      addr: { path },
    });
    assertEquals(outcome("a name in use").error, {
      name: "NetError",
      phase: "listen",
      address: path,
      message: `Cannot listen on ${path}: the address is in use`,
    });
    assertEquals(outcome("closing removes the file").value, false);
    assertEquals(outcome("nobody there").error, {
      name: "ConnectionFailed",
      phase: "connect",
      address: path,
      message: `Cannot connect to ${path}: there is no such socket`,
    });
    assertEquals(outcome("dropped connects").value, {
      streams: 0,
      listeners: 0,
      operations: 0,
    });
  },
});

Deno.test({
  name: "unix: when one of them is missing, the error names all three",
  ignore: !isUnix,
  async fn() {
    const grants: ((path: string) => string[])[] = [
      () => [],
      (path) => [`--allow-read=${path}`],
      (path) => [`--allow-read=${path}`, `--allow-write=${path}`],
      (path) => [`--allow-read=${path}`, `--allow-net=unix:${path}`],
    ];
    const runs = await Promise.all(grants.map(under));
    for (const { path, outcomes } of runs) {
      const flags =
        `it is not permitted; run again with --allow-read=${path} --allow-write=${path} --allow-net=unix:${path}`;
      assertEquals(
        outcomes.get("echo")!.error?.message,
        `Cannot listen on ${path}: ${flags}`,
      );
      assertEquals(
        outcomes.get("nobody there")!.error?.message,
        `Cannot connect to ${path}: ${flags}`,
      );
    }
  },
});

scriptedTest("unix: a stream reads and writes as any other", (network) => {
  const connect = UnixStream.connect("/run/x.sock", { network });
  assertEquals(network.log, []);
  pollOnce(connect);
  assertEquals(network.log, ["connectUnix /run/x.sock"]);
  network.take("connectUnix").done.resolve(new ScriptedUnixStream(network));
  const stream = pollOnce(connect);
  assert(stream instanceof UnixStream);
  assertEquals(stream.remoteAddr, { path: "/run/x.sock" });
  const read = stream.read(new Uint8Array(4));
  pollOnce(read);
  const error = assertThrows(
    () => pollOnce(stream.read(new Uint8Array(4))),
    NetError,
  );
  assertEquals(
    error.message,
    "Cannot read from /run/x.sock: another read is waiting; one at a time",
  );
  network.arrives("abc");
  assertEquals(pollOnce(read), 3);
  stream.close();
});

scriptedTest("unix: a network without such sockets says so", (network) => {
  Object.assign(network, { connectUnix: undefined });
  const connect = UnixStream.connect("/run/x.sock", { network });
  assertThrows(
    () => pollOnce(connect),
    ConnectionFailed,
    "Cannot connect to /run/x.sock: this network has no Unix sockets",
  );
  const error = assertThrows(
    () => UnixListener.bind({ path: "/run/x.sock", network }),
    NetError,
  );
  assertEquals(
    error.message,
    "Cannot listen on /run/x.sock: this network has no Unix sockets",
  );
});
