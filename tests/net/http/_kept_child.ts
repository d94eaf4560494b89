// Asks twice over one connection, with nothing but the connection to wait for:
// no deadline, and no timer of the pool's, holds the process.
import { run } from "../../../executor/mod.ts";
import { HttpClient } from "../../../net/http/mod.ts";

const client = new HttpClient({
  pool: { idle: Infinity },
  deadlines: {
    connect: Infinity,
    resolve: Infinity,
    head: Infinity,
    read: Infinity,
  },
});
async function main() {
  for (let n = 0; n < 2; n++) {
    const response = await run(client.get(Deno.args[0]!));
    const text = await run(response.text());
    console.log(text, response.connection.reused);
  }
}

main(); // awaited at the top level, it would hold the process itself
