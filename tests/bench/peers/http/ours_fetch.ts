/** Ours in place of the global one: what `./fetch` exports, as it is. */
import { fetch } from "../../../../net/http/fetch.ts";
import { serveFetch } from "./fetch.mjs";

serveFetch(() => fetch);
