// Gets a URL with the proxy of the environment; says during what it failed.
import { run } from "../../../executor/mod.ts";
import { HttpClient, HttpError } from "../../../net/http/mod.ts";

const client = new HttpClient();
try {
  const response = await run(client.get(Deno.args[0]!));
  console.log(await run(response.text()));
} catch (error) {
  console.log(error instanceof HttpError ? error.phase : error);
}
client.close();
