// Fetches, a second time over the connection that was kept, and then has nothing
// left to do but an idle connection.
import { fetch } from "../../../net/http/fetch.ts";

let text = "";
for (let n = 0; n < 2; n++) {
  const response = await fetch(Deno.args[0]!);
  text = await response.text();
}
console.log(text);
