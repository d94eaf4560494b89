// Bundled, a program has of the library what it uses, though it imports from
// entries that have much more.
import { assert, assertEquals } from "@std/assert";
import { deno, sources } from "../project/_deno.ts";

interface Program {
  /** A file of which the bundle must have something. */
  used: string;
  /** Files of which it must have nothing. */
  unused: string[];
}

const PROGRAMS: Record<string, Program> = {
  "_small_run.ts": {
    used: "executor/time/async_timer.ts",
    unused: [
      "executor/_scope_run.ts",
      "executor/_token_state.ts",
      "executor/cancellation_token.ts",
      "executor/executor.ts",
      "executor/inspect/snapshot.ts",
      "executor/join_handle.ts",
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
  },
  "_small_spawn.ts": {
    used: "executor/_core.ts",
    unused: [
      "executor/executor.ts",
      "executor/inspect/snapshot.ts",
      "executor/time/_delay.ts",
      "executor/time/async_timer.ts",
    ],
  },
  "_small_channel.ts": {
    used: "future/sync/oneshot.ts",
    unused: [
      "future/sync/_mpsc_channel.ts",
      "future/sync/_permits.ts",
      "future/sync/broadcast_sender.ts",
      "future/sync/mpsc_sender.ts",
      "future/sync/mutex.ts",
      "future/sync/semaphore.ts",
      "future/sync/watch_sender.ts",
    ],
  },
  "_small_mod.ts": {
    used: "future/join.ts",
    unused: [
      "executor/_core.ts",
      "executor/_origin.ts",
      "executor/executor.ts",
      "executor/time/async_timer.ts",
      "future/shared.ts",
      "net/_classify.ts",
      "net/_ip.ts",
      "net/address_policy.ts",
      "net/http/client.ts",
      "net/http/errors.ts",
      "net/http/h1/_chunk_table.ts",
      "net/http/h1/_names.ts",
      "net/http/h1/_section_table.ts",
      "net/http/h1/fields.ts",
      "net/http/h1/limits.ts",
      "net/http/h1/response_framing.ts",
      "net/http/h1/response_parser.ts",
      "net/serve.ts",
      "net/socket_stream.ts",
      "net/tcp_stream.ts",
      "net/unix_stream.ts",
    ],
  },
  "_small_client.ts": {
    used: "executor/_core.ts",
    unused: [
      "executor/executor.ts",
      "executor/inspect/snapshot.ts",
      "executor/scope.ts",
      "executor/shutdown.ts",
      "net/http/body/_stepped_machine.ts",
      "net/http/event_source.ts",
      "net/http/server_sent_events.ts",
      "net/http/simple_http_client.ts",
      "net/serve.ts",
      "net/tcp_listener.ts",
    ],
  },
};

for (const [program, { used, unused }] of Object.entries(PROGRAMS)) {
  Deno.test(`bundle: ${program} has nothing of what it does not use`, async () => {
    const { code, stdout, stderr } = await deno(
      ["bundle", "-q", "--no-lock", `tests/elsewhere/${program}`],
    );
    assertEquals(code, 0, stderr);
    // The bundler says before each part which file it is of.
    const files = sources().filter((path) => stdout.includes(`// ${path}\n`));
    assert(files.includes(used), files.join());
    assertEquals(files.filter((path) => unused.includes(path)), []);
    const gone = unused.filter((path) => !sources().includes(path));
    assertEquals(gone, [], "which this test should not name any more");
  });
}
