// A client, and no more.
export { HttpClient } from "../../net/http/mod.ts";
