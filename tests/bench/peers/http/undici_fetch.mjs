/** undici's `fetch`, over a pool of its own. */
import { kept, load } from "./_client.mjs";
import { serveFetch } from "./fetch.mjs";

const { Agent, fetch } = await load("undici");

serveFetch(kept(({ connections = 1 }) => {
  const dispatcher = new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: 60_000,
  });
  return (url, init) => fetch(url, { ...init, dispatcher });
}));
