/**
 * undici at its best: `request` over a pool with one connection for each loop,
 * and no pipelining, which the others do not do either.
 */
import { Readable } from "node:stream";
import { expect, kept, load, loops, pieces, serve } from "./_client.mjs";

const { Pool } = await load("undici");

const pools = kept(({ url, connections = 1 }) =>
  new Pool(new URL(url).origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: 60_000,
  })
);

const pathOf = ({ url }) => new URL(url).pathname;

serve({
  get(command) {
    const pool = pools(command);
    const options = { path: pathOf(command), method: "GET" };
    return loops(command, async () => {
      const { body } = await pool.request(options);
      await body.text();
    });
  },
  async down(command) {
    const options = { path: pathOf(command), method: "GET" };
    const { body } = await pools(command).request(options);
    let got = 0;
    for await (const piece of body) got += piece.length;
    expect(got, command.count);
  },
  async up(command) {
    const { body } = await pools(command).request({
      path: pathOf(command),
      method: "POST",
      headers: { "content-length": String(command.count) },
      body: Readable.from(pieces(command.count)),
    });
    await body.arrayBuffer();
  },
});
