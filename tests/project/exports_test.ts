import { assert, assertEquals } from "@std/assert";
import { CONFIG, deno, ROOT } from "./_deno.ts";

/** The names that programs outside rely on: taking one away breaks them. */
const FIXED: Record<string, string[]> = {
  "./future": [
    "CancelledError",
    "Future",
    "FutureMovedError",
    "FuturesOrdered",
    "FuturesUnordered",
    "Pending",
    "PolledAfterCompletionError",
    "abortable",
    "any",
    "co",
    "flatMap",
    "fromPromise",
    "fromSignal",
    "join",
    "joinSettled",
    "lazy",
    "map",
    "mapError",
    "noopWaker",
    "pending",
    "pin",
    "pollFn",
    "race",
    "ready",
    "recover",
    "retry",
    "select",
    "shared",
  ],
  "./stream": [
    "Done",
    "Stream",
    "bufferUnordered",
    "buffered",
    "chunks",
    "collect",
    "filterStream",
    "forEachConcurrent",
    "fromAsyncIterable",
    "fromReadableStream",
    "iter",
    "mapStream",
    "merge",
    "take",
    "toAsyncIterable",
    "toReadableStream",
    "unfold",
    "zip",
  ],
  "./sync": [
    "Barrier",
    "Mutex",
    "Notify",
    "OnceCell",
    "RwLock",
    "Semaphore",
    "broadcast",
    "mpsc",
    "oneshot",
    "watch",
  ],
  "./executor": [
    "CancellationToken",
    "Executor",
    "JoinError",
    "JoinHandle",
    "JoinSet",
    "TaskTracker",
    "run",
    "scope",
    "snapshot",
    "spawn",
    "taskLocal",
    "unconstrained",
    "yieldNow",
  ],
  "./observe": ["dumpOnSignal", "observe"],
  "./time": [
    "AsyncTimer",
    "TimeoutError",
    "interval",
    "now",
    "sleep",
    "sleepUntil",
    "timeout",
    "timeoutAt",
  ],
  "./net": [
    "ConnectTimeout",
    "ConnectionFailed",
    "ConnectionLost",
    "DnsResolutionFailed",
    "NetError",
    "TcpListener",
    "TcpStream",
    "TlsHandshakeFailed",
    "TlsListener",
    "TlsStream",
    "UnixListener",
    "UnixStream",
    "cachingResolver",
    "lookupHost",
    "publicOnly",
    "serve",
  ],
  "./fetch": ["fetch"],
  "./http": [
    "DeadlineExceeded",
    "HttpClient",
    "HttpError",
    "HttpResponse",
    "IncompleteBody",
    "LimitExceeded",
    "ProtocolError",
    "RequestError",
    "SimpleHttpClient",
    "TooManyRedirects",
    "TransportError",
  ],
  "./http/har": ["HarRecorder"],
  "./http/h1": ["ChunkDecoder", "ResponseParser", "encodeRequest"],
  "./testing": [
    "SimNetwork",
    "VirtualClock",
    "cancelEverywhere",
    "explore",
    "pollOnce",
    "scriptedIo",
    "simTest",
    "wakeCounter",
  ],
  "./io": [
    "BufReader",
    "Framed",
    "copy",
    "copyBidirectional",
    "duplex",
    "lines",
    "readExact",
    "readToEnd",
    "readUntil",
    "split",
    "writeAll",
  ],
};

/** Those of them that are types, which leave nothing to look for at run time. */
const FIXED_TYPES: Record<string, string[]> = {
  "./future": ["Context", "Poll", "Waker"],
  "./stream": ["Sink"],
  "./time": ["Clock"],
  "./net": ["Network"],
  "./io": ["AsyncRead", "AsyncWrite"],
};

Deno.test("exports: the types that are fixed are there, too", async () => {
  const paths = Object.keys(FIXED_TYPES).map((each) => CONFIG.exports[each]!);
  const { stdout } = await deno(["doc", "--json", ...paths]);
  const modules: Record<string, { symbols: { name: string }[] }> =
    JSON.parse(stdout).nodes;
  for (const [entry, names] of Object.entries(FIXED_TYPES)) {
    const path = new URL(`../../${CONFIG.exports[entry]}`, import.meta.url);
    const there = modules[path.href]!.symbols.map(({ name }) => name);
    assertEquals(names.filter((name) => !there.includes(name)), [], entry);
  }
});

for (const [entry, names] of Object.entries(FIXED)) {
  Deno.test(`exports: ${entry} has the names that are fixed`, async () => {
    const module = await import(`../../${CONFIG.exports[entry]!.slice(2)}`);
    assertEquals(names.filter((name) => !(name in module)), []);
  });
}

Deno.test("exports: mod.ts has what most programs need, and does not shadow the global fetch", async () => {
  const module = await import("../../mod.ts");
  const missing = ["./future", "./executor", "./time", "./net", "./http"]
    .flatMap((entry) => FIXED[entry]!.filter((name) => !(name in module)));
  assertEquals(missing, []);
  assert(!("fetch" in module));
});

Deno.test("exports: each entry is documented as a module", () => {
  for (const path of Object.values(CONFIG.exports)) {
    const text = Deno.readTextFileSync(ROOT + path);
    assert(text.startsWith("/**") && text.includes("@module"), path);
  }
});

Deno.test("exports: an entry loads no file that has types alone", async () => {
  for (const path of Object.values(CONFIG.exports)) {
    const entry = new URL(`../../${path}`, import.meta.url);
    const loaded = Deno.readTextFileSync(entry)
      .matchAll(/^export (?:\*|\{[^}]*\}) from "(.+)";$/gm);
    for (const [, file] of loaded) {
      const module = await import(new URL(file!, entry).href);
      assert(Object.keys(module).length > 0, `${path} loads ${file}`);
    }
  }
});

Deno.test("exports: the documentation check covers each entry", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  for (const path of Object.values(CONFIG.exports)) {
    assert(tasks.doc.split(" ").includes(path.slice(2)), path);
  }
});

Deno.test("exports: an editor gets the types of each entry", async () => {
  const entries = Object.values(CONFIG.exports);
  const { code, stderr } = await deno(["check", "--quiet", ...entries]);
  assertEquals(code, 0, stderr);
});

Deno.test("exports: what names the version names that of the package", async () => {
  const { version } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const { HarRecorder } = await import("../../net/http/har.ts");
  assertEquals(new HarRecorder().toJSON().log.creator.version, version);
  const changelog = Deno.readTextFileSync(`${ROOT}CHANGELOG.md`);
  assertEquals(/^## (.+)$/m.exec(changelog)?.[1], version);
});
