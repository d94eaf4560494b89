// As little as a program can use of the entries which it imports from.
import { run } from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";

await run(sleep(1));
