// Bundled, a program has of the library what it uses, though it imports from
// entries that have much more.
import { assert, assertEquals } from "@std/assert";
import { deno, sources } from "../project/_deno.ts";

/** Files of which the bundles of programs must have nothing. */
const UNUSED: Record<string, string[]> = {
  "_small_run.ts": [
    "executor/_scope_run.ts",
    "executor/_token_state.ts",
    "executor/cancellation_token.ts",
    "executor/join_set.ts",
    "executor/scope.ts",
    "executor/shield.ts",
    "executor/shutdown.ts",
    "executor/task_local.ts",
    "executor/task_tracker.ts",
    "executor/time/interval.ts",
    "future/co.ts",
    "future/select.ts",
  ],
  "_small_client.ts": [
    "executor/inspect/snapshot.ts",
    "executor/scope.ts",
    "executor/shutdown.ts",
    "net/http/server_sent_events.ts",
    "net/http/simple_http_client.ts",
    "net/serve.ts",
    "net/tcp_listener.ts",
  ],
};

for (const [program, unused] of Object.entries(UNUSED)) {
  Deno.test(`bundle: ${program} has nothing of what it does not use`, async () => {
    const { code, stdout, stderr } = await deno(
      ["bundle", "-q", "--no-lock", `tests/elsewhere/${program}`],
    );
    assertEquals(code, 0, stderr);
    // The bundler says before each part which file it is of.
    const files = sources().filter((path) => stdout.includes(`// ${path}\n`));
    assert(files.includes("executor/_core.ts"), files.join());
    assertEquals(files.filter((path) => unused.includes(path)), []);
    const gone = unused.filter((path) => !sources().includes(path));
    assertEquals(gone, [], "which this test should not name any more");
  });
}
