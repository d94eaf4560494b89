/**
 * The client against real servers: `deno task test:servers`, with `-- install`
 * behind it to install them first from the packages of a Debian or an Ubuntu.
 * Each runs on loopback, in a folder of its own, and ends with its tests. One
 * that is not installed is left out, and named.
 */
import { haproxy, squid } from "./_proxies.ts";
import { find } from "./_process.ts";
import { apache, lighttpd, nginx } from "./_static.ts";
import { type Served, testServer } from "./_suite.ts";

interface Server {
  /** The packages that it comes in. */
  packages: readonly string[];
  /** Where the program may be. */
  paths: readonly string[];
  start(program: string, tls: boolean): Promise<Served>;
}

const SERVERS: Record<string, Server> = {
  nginx: {
    packages: ["nginx"],
    paths: ["/usr/sbin/nginx"],
    start: nginx,
  },
  Apache: {
    packages: ["apache2"],
    paths: ["/usr/sbin/apache2"],
    start: apache,
  },
  lighttpd: {
    packages: ["lighttpd", "lighttpd-mod-openssl", "lighttpd-mod-deflate"],
    paths: ["/usr/sbin/lighttpd"],
    start: lighttpd,
  },
  HAProxy: {
    packages: ["haproxy"],
    paths: ["/usr/sbin/haproxy"],
    start: haproxy,
  },
  Squid: {
    packages: ["squid"],
    paths: ["/usr/sbin/squid"],
    start: squid,
  },
};

async function aptGet(...args: string[]): Promise<void> {
  const { success } = await new Deno.Command("apt-get", {
    args: ["-y", ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
  }).spawn().status;
  if (!success) throw new Error(`apt-get ${args.join(" ")} failed`);
}

if (Deno.args.includes("install")) {
  const packages = Object.values(SERVERS).flatMap(({ packages }) => packages);
  await aptGet("update");
  await aptGet("install", "--no-install-recommends", ...packages);
}

for (const [name, { paths, start }] of Object.entries(SERVERS)) {
  const program = find(...paths);
  if (program === null) {
    console.log(
      `${name} is left out: it is not installed (${paths.join(", ")})`,
    );
    continue;
  }
  testServer(name, () => start(program, false));
  testServer(`${name}, with TLS`, () => start(program, true));
}
