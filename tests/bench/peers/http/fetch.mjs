/** The global `fetch`, or the one that is named: a drop-in has to be one. */
import {
  drain,
  drainInto,
  expect,
  kept,
  loops,
  serve,
  webPieces,
} from "./_client.mjs";

export function serveFetch(fetchFor) {
  return serve({
    get(command) {
      const fetch = fetchFor(command);
      return loops(command, async () => {
        const response = await fetch(command.url);
        await response.text();
      });
    },
    async down(command) {
      const response = await fetchFor(command)(command.url);
      await drain(response, command.count);
    },
    async downInto(command) {
      const response = await fetchFor(command)(command.url);
      await drainInto(response, command.count);
    },
    async downBytes(command) {
      const response = await fetchFor(command)(command.url);
      expect((await response.bytes()).length, command.count);
    },
    async up(command) {
      const response = await fetchFor(command)(command.url, {
        method: "POST",
        body: webPieces(command.count),
        duplex: "half",
      });
      await response.bytes();
    },
  });
}

if (import.meta.main) serveFetch(kept(() => fetch));
