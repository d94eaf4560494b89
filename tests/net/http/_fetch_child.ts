// Fetches, and then has nothing left to do but an idle connection.
import { fetch } from "../../../net/http/fetch.ts";

const response = await fetch(Deno.args[0]!);
console.log(await response.text());
