/** axios, over an agent that keeps as many connections as are used. */
import { Agent } from "node:http";
import { kept, load, loops, serve } from "./_client.mjs";

const { default: axios } = await load("axios");

const clients = kept(({ connections }) =>
  axios.create({
    adapter: "http",
    httpAgent: new Agent({ keepAlive: true, maxSockets: connections }),
    responseType: "text",
    proxy: false,
  })
);

serve({
  get(command) {
    const client = clients(command);
    return loops(command, () => client.get(command.url));
  },
});
