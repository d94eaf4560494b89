// One channel of the many.
export { oneshot } from "../../future/sync/mod.ts";
