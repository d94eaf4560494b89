/**
 * Run in a process of its own, under whatever grant: does what its arguments
 * say, and prints how each ended, as JSON. An argument is an action and an
 * address, `connect=localhost:80`; the first one holds the certificates, which
 * it may have no grant to read.
 */
import { run } from "../../executor/mod.ts";
import { SimpleHttpClient } from "../../net/http/mod.ts";
import {
  lookupHost,
  NetError,
  TcpListener,
  TcpStream,
  TlsListener,
  TlsStream,
} from "../../net/mod.ts";

import type { Identity } from "./_certs.ts";

/** How an action ended. */
export interface Outcome {
  what: string;
  value?: unknown;
  error?: { name: string; phase: string; message: string; cause: string };
}

const [certificates, ...whats] = Deno.args;
const { server, client }: Record<"server" | "client", Identity> = import.meta
    .main
  ? JSON.parse(certificates!)
  : {};

const actions: Record<string, (address: string) => unknown> = {
  async connect(address) {
    using _stream = await run(TcpStream.connect(address));
    return "connected";
  },
  async tls(address) {
    using _stream = await run(TlsStream.connect(address));
    return "connected";
  },
  async clientCertificate(address) {
    using _stream = await run(TlsStream.connect(address, { tls: client }));
    return "connected";
  },
  bindTls(address) {
    const port = Number(address.split(":").at(-1));
    const hostname = address.slice(0, -`:${port}`.length);
    using _listener = TlsListener.bind({ hostname, port, ...server });
    return "bound";
  },
  async http(address) {
    const request = new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n");
    const response = await run(new SimpleHttpClient(address, request));
    return new TextDecoder().decode(response);
  },
  async lookup(address) {
    return (await run(lookupHost(address))).length > 0;
  },
  bind(address) {
    const port = Number(address.split(":").at(-1));
    const hostname = address.slice(0, -`:${port}`.length);
    using _listener = TcpListener.bind({ hostname, port });
    return "bound";
  },
};

async function outcomeOf(what: string): Promise<Outcome> {
  const [action, address] = what.split("=") as [string, string];
  try {
    return { what, value: await actions[action]!(address) };
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    const { name, phase, message, cause } = error;
    return {
      what,
      error: { name, phase, message, cause: (cause as Error)?.name },
    };
  }
}

if (import.meta.main) {
  const outcomes: Outcome[] = [];
  for (const what of whats) outcomes.push(await outcomeOf(what));
  console.log(JSON.stringify(outcomes));
}
