/** `node:http`, with an agent that keeps as many connections as are used. */
import { Agent, request } from "node:http";
import { Readable } from "node:stream";
import { expect, kept, loops, pieces, serve } from "./_client.mjs";

const agents = kept(({ connections = 1 }) =>
  new Agent({ keepAlive: true, maxSockets: connections, scheduling: "lifo" })
);

/** Resolves to the body as text. */
function get(agent, url) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => text += piece);
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Resolves to how many bytes the body had. */
function send(agent, url, options = {}, body = null) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, ...options }, (response) => {
      let got = 0;
      response.on("data", (piece) => got += piece.length);
      response.on("end", () => resolve(got));
      response.on("error", reject);
    });
    sent.on("error", reject);
    if (body === null) sent.end();
    else body.pipe(sent);
  });
}

serve({
  get(command) {
    const agent = agents(command);
    const url = new URL(command.url);
    return loops(command, () => get(agent, url));
  },
  async down(command) {
    expect(await send(agents(command), command.url), command.count);
  },
  async up(command) {
    const headers = { "content-length": command.count };
    const body = Readable.from(pieces(command.count));
    await send(agents(command), command.url, { method: "POST", headers }, body);
  },
});
