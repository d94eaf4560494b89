// A task, and no timer.
export { spawn } from "../../executor/mod.ts";
