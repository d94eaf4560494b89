/**
 * Run in a process of its own, whose memory is nobody else's: reads a body in
 * the way that it is told, and prints how much came, how that ended, and the
 * most memory that the process has had, in bytes.
 */
import { run } from "../../../executor/mod.ts";
import { Done } from "../../../future/stream/mod.ts";
import { HttpClient, type HttpResponse } from "../../../net/http/mod.ts";

const [url, way] = Deno.args;

async function read(response: HttpResponse): Promise<number> {
  let given = 0;
  switch (way) {
    case "bytes":
      return (await run(response.bytes())).byteLength;
    case "text":
    case "redirect":
      return (await run(response.text())).length;
    case "stream":
    case "slow stream": {
      const stream = response.stream();
      for (let n = 0;; n++) {
        const piece = await run(stream.next());
        if (piece === Done) return given;
        given += piece.byteLength;
        const isSlow = way === "slow stream" && n < 20;
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    default: // it is dropped, and the connection drained
      response[Symbol.dispose]();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return 0;
  }
}

async function main() {
  const client = new HttpClient();
  const outcome = await read(await run(client.get(url!)))
    .catch((error: Error) => error.name);
  const status = Deno.readTextFileSync("/proc/self/status");
  const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) * 1024;
  client.close();
  console.log(JSON.stringify({ outcome, peak }));
}

await main();
