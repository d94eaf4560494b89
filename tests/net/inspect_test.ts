import { assertEquals } from "@std/assert";
import { waitsOf } from "../../executor/inspect/_waits.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import type { Future } from "../../future/mod.ts";
import {
  HttpClient,
  lookupHost,
  SimpleHttpClient,
  TcpListener,
  TcpStream,
} from "../../mod.ts";
import { openStream, scriptedTest } from "./_scripted_network.ts";

scriptedTest(
  "inspect: each future of a socket says which address it waits for",
  (network) => {
    const { stream } = openStream(network);
    using _stream = stream;
    const futures: Future<unknown>[] = [
      stream.read(new Uint8Array(1)),
      stream.writeAll(new Uint8Array(1)),
      lookupHost("example.test:80", { network }),
      TcpStream.connect("127.0.0.1:9", { network }),
      new SimpleHttpClient("127.0.0.1:9", new Uint8Array(1), { network }),
    ];
    futures.forEach((future) => pollOnce(future));
    const address = waitsOf(stream.shutdown()).waits;
    assertEquals(futures.map(waitsOf), [
      { type: "Read", waits: address! },
      { type: "WriteAll", waits: address! },
      { type: "lookupHost", waits: "example.test" },
      { type: "connect", waits: "to 127.0.0.1:9" },
      { type: "SimpleHttpClient", waits: "Connecting" },
    ]);
    assertEquals(address, "10.0.0.1:80");
    futures.forEach((future) => future[Symbol.dispose]());
  },
);

scriptedTest("inspect: an accept says where it listens", (network) => {
  using listener = TcpListener.bind({ port: 80, network });
  using accept = listener.accept();
  pollOnce(accept);
  assertEquals(waitsOf(accept), { type: "Accept", waits: "127.0.0.1:80" });
});

scriptedTest(
  "inspect: a request says how far it is, and nothing of its URL",
  (network) => {
    const client = new HttpClient({ network });
    const request = client.get("http://10.0.0.1/secret");
    pollOnce(request);
    assertEquals(waitsOf(request), {
      type: "HttpClient.request",
      waits: "dialling",
      children: [{
        type: "Dial",
        waits: "connect",
        children: [{ type: "connect", waits: "to 10.0.0.1:80" }],
      }],
    });
    request[Symbol.dispose]();
  },
);
