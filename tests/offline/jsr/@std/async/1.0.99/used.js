// One by one: deno-std's own async/mod.js imports a file that it does not have.
export * from "npm:deno-std@1.4.0/async/abortable.js";
export * from "npm:deno-std@1.4.0/async/deadline.js";
export * from "npm:deno-std@1.4.0/async/delay.js";
export * from "npm:deno-std@1.4.0/async/mux_async_iterator.js";
export * from "npm:deno-std@1.4.0/async/pool.js";
