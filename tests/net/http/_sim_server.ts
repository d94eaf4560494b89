import { co, type Future } from "../../../future/mod.ts";
import {
  NetError,
  TcpListener,
  type TcpStream,
  TlsListener,
  type TlsStream,
} from "../../../net/mod.ts";
import {
  type Sim,
  simCertificate,
  type SimNetwork,
} from "../../../net/sim/mod.ts";

/** What is sent, and for how many milliseconds there is a rest before more. */
export type Step = string | number;

/** What a server sends in answer to the first line of a request. */
export type Answers = (line: string, head: string) => readonly Step[];

/** A name that a simulated server has, and what it answers. */
export interface SimServer {
  name: string;
  answers: Answers;
  secure?: boolean;
}

/** Bytes of a request that has come whole; 0 if it has not. */
function sizeOf(text: string): number {
  const end = text.indexOf("\r\n\r\n") + 4;
  if (end < 4) return 0;
  const head = text.slice(0, end);
  // Whoever waits for a 100 is answered before his body.
  if (/^expect:/im.test(head)) return end;
  if (/^transfer-encoding:/im.test(head)) {
    const last = text.indexOf("0\r\n\r\n", end);
    return last < 0 ? 0 : last + 5;
  }
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  return text.length < end + length ? 0 : end + length;
}

/** Serves as long as the simulation runs; each connection has its own task. */
export function serveSim(sim: Sim, net: SimNetwork, server: SimServer): void {
  const host = net.host(server.name);
  const at = { hostname: host.address, network: host };
  const listener = server.secure
    ? TlsListener.bind({ ...at, port: 443, ...simCertificate([server.name]) })
    : TcpListener.bind({ ...at, port: 80 });
  const options = { background: true, name: server.name };
  sim.spawn(
    co(function* () {
      using own = listener;
      for (;;) {
        try {
          const stream = yield* own.accept() as Future<TcpStream | TlsStream>;
          sim.spawn(serveOne(sim, stream, server.answers), options);
        } catch (error) {
          if (!(error instanceof NetError)) throw error; // it was given up
        }
      }
    }),
    options,
  );
}

function serveOne(
  sim: Sim,
  stream: TcpStream | TlsStream,
  answers: Answers,
): Future<void> {
  return co(function* () {
    using own = stream;
    const into = new Uint8Array(4096);
    const decoder = new TextDecoder("latin1");
    let text = "";
    try {
      for (;;) {
        let size: number;
        while ((size = sizeOf(text)) === 0) {
          const n = yield* own.read(into);
          if (n === null) return;
          text += decoder.decode(into.subarray(0, n));
        }
        const line = text.slice(0, text.indexOf("\r\n"));
        const head = text.slice(0, text.indexOf("\r\n\r\n") + 4);
        text = text.slice(size);
        for (const step of answers(line, head)) {
          if (typeof step === "number") yield* sim.sleep(step);
          else if (step === "FIN") return;
          else yield* own.writeAll(new TextEncoder().encode(step));
        }
      }
    } catch (error) {
      if (!(error instanceof NetError)) throw error; // the client hung up
    }
  });
}
