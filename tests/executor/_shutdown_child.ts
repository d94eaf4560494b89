// A process that is told to stop: see shutdown_test.ts. Its argument says what
// its one task does then.
import { run, shutdown, yieldNow } from "../../executor/mod.ts";
import { co, pending } from "../../future/mod.ts";

const stops = Deno.args[0] === "stops";
const end = shutdown({ grace: 60_000 });
end.tracker.spawn(co(function* () {
  yield* end.token.cancelled();
  console.log("told");
  if (!stops) yield* pending();
})).detach();

// Something that holds the process, as a server's socket would; not for ever.
setTimeout(() => Deno.exit(1), 30_000);
const report = run(end);
await run(yieldNow()); // it listens by now
console.log("ready");
console.log(JSON.stringify(await report)); // a signal is the end of it by now
