/** Our client, as one would use it: futures, in a task for each connection. */
import { run } from "../../../../executor/mod.ts";
import { co, type Future } from "../../../../future/mod.ts";
import { Done, iter } from "../../../../future/stream/mod.ts";
import { BufReader } from "../../../../net/io/mod.ts";
import { HttpClient, type HttpResponse } from "../../../../net/http/mod.ts";
import { expect, kept, pieces, serve } from "./_client.mjs";

interface Command {
  url: string;
  connections: number;
  count: number;
}

const clients: (command: Command) => HttpClient = kept((
  { connections }: Command,
) => new HttpClient({ pool: { maxPerOrigin: connections, maxTotal: 2000 } }));
const one = new HttpClient();

function down(
  take: (response: HttpResponse) => Future<number>,
): (command: Command) => Promise<void> {
  return ({ url, count }) =>
    run(co(function* () {
      using response = yield* one.get(url);
      expect(yield* take(response), count);
    }));
}

function get(
  take: (response: HttpResponse) => Future<unknown>,
): (command: Command) => Promise<void> {
  return async (command) => {
    const client = clients(command);
    let left = command.count;
    const task = () =>
      run(co(function* () {
        while (left-- > 0) {
          yield* take(yield* client.get(command.url));
        }
      }));
    await Promise.all(Array.from({ length: command.connections }, task));
  };
}

serve({
  get: get((response) => response.text()),
  getBytes: get((response) => response.bytes()),
  /** The way without a copy. */
  down: down((response) =>
    co(function* () {
      const reader = new BufReader(response.reader());
      let got = 0;
      for (;;) {
        const view = yield* reader.fill();
        if (view === null) return got;
        got += view.byteLength;
        reader.consume(view.byteLength);
      }
    })
  ),
  /** Each piece in an array of its own. */
  downStream: down((response) =>
    co(function* () {
      using stream = response.stream();
      let got = 0;
      for (;;) {
        const piece = yield* stream.next();
        if (piece === Done) return got;
        got += piece.byteLength;
      }
    })
  ),
  downBytes: down((response) =>
    co(function* () {
      return (yield* response.bytes()).byteLength;
    })
  ),
  async up({ url, count }: Command) {
    await run(co(function* () {
      using response = yield* one.request({
        method: "POST",
        url,
        body: iter(pieces(count)),
        headers: { "content-length": String(count) },
      });
      yield* response.bytes();
    }));
  },
});
