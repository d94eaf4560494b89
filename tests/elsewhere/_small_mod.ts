// One combinator, from the entry that has most of the library.
export { join } from "../../mod.ts";
