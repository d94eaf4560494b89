// The suites that the sockets of the platform pass, over the simulated network.
import { co } from "../../../future/mod.ts";
import {
  TcpListener,
  TcpStream,
  TlsListener,
  TlsStream,
  UnixListener,
  UnixStream,
} from "../../../net/mod.ts";
import { simCertificate } from "../../../net/sim/mod.ts";
import { ioConformance } from "../../conformance/io.ts";
import { listenerConformance } from "../../conformance/listener.ts";
import { Ground, pairOf, ways } from "./_suites.ts";

for (const [way, options] of Object.entries(ways)) {
  const ground = new Ground(options);
  const { net, run, turn, after } = ground;
  const server = net.host("server");

  const tcp = () => {
    const listener = TcpListener.bind({
      hostname: server.address,
      port: 0,
      network: server,
    });
    return {
      connect: () => TcpStream.connect(listener.addr, { network: net }),
      accept: () => listener.accept(),
      [Symbol.dispose]: () => listener.close(),
    };
  };

  // The client has a certificate, too: the platform connects by itself then.
  const tls = () => {
    const listener = TlsListener.bind({
      hostname: server.address,
      port: 0,
      network: server,
      onHandshakeError() {},
      ...simCertificate([server.address], { clients: ["client"] }),
    });
    return {
      connect: () =>
        TlsStream.connect(listener.addr, {
          network: net,
          tls: simCertificate(["client"]),
        }),
      accept: () => listener.accept(),
      [Symbol.dispose]: () => listener.close(),
    };
  };

  const unix = () => {
    const path = "/run/s.sock";
    const listener = UnixListener.bind({ path, network: net });
    return {
      connect: () => UnixStream.connect(path, { network: net }),
      accept: () => listener.accept(),
      [Symbol.dispose]: () => listener.close(),
    };
  };

  const kinds = {
    tcp: { listen: tcp, from: "server" },
    tls: { listen: tls, from: "server" },
    unix: { listen: unix, from: "client" },
  };
  for (const [kind, { listen, from }] of Object.entries(kinds)) {
    const name = `${kind} over ${way}`;
    const pair = () =>
      co(function* () {
        using listener = listen();
        return yield* pairOf<TcpStream | TlsStream | UnixStream>(
          listener.connect,
          listener.accept,
        );
      });

    ioConformance(name, pair, {
      run,
      turn,
      megabytes: 0.5,
      drops: 2000,
      largest: 5000,
      makeResettable: () =>
        co(function* () {
          const [end, peer] = yield* pair();
          return {
            end,
            send: (bytes: Uint8Array) => peer.writeAll(bytes),
            shutdown: () => peer.shutdown(),
            // Behind what is on its way, as the platform's is.
            reset: () => net.link(from, "client").reset(),
            [Symbol.dispose]: () => peer.close(),
          };
        }),
      after,
    });

    listenerConformance(name, listen, { run, after });
  }
}
