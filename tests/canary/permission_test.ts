/**
 * What the permissions of Deno cover, as far as `net/` relies on it. Each runs
 * in a process of its own, under the grant that it is about.
 */
import { assertEquals } from "@std/assert";

/** The answers of some expressions in a process that has been granted just this. */
async function under<T>(
  grant: string[],
  ...expressions: string[]
): Promise<T[]> {
  const code = `
    const settled = async (make) => {
      try {
        return await make();
      } catch (error) {
        return { name: error.name, code: error.code, message: error.message };
      }
    };
    const { lookup } = await import("node:dns");
    const look = (host) => new Promise((resolve, reject) => {
      lookup(host, { all: true, verbatim: true }, (error, found) => {
        if (error) reject(error);
        else resolve(found.map(({ address }) => address));
      });
    });
    const query = (host) => Deno.permissions.querySync({ name: "net", host }).state;
    console.log(JSON.stringify([
      ${expressions.map((each) => `await settled(() => ${each})`).join(",")}
    ]));
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-prompt",
      ...grant,
      `data:text/javascript,${encodeURIComponent(code)}`,
    ],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

interface Failure {
  name: string;
  code?: string;
  message: string;
}

/** No such host, and no name server needs to be asked. */
const NOWHERE = "x".repeat(64);

Deno.test("canary: a denial is NotCapable", async () => {
  const denied = await under<Failure>(
    [],
    'Deno.connect({ hostname: "127.0.0.1", port: 1 })',
    'Deno.listen({ hostname: "127.0.0.1", port: 0 })',
  );
  assertEquals(denied.map(({ name }) => name), ["NotCapable", "NotCapable"]);
});

Deno.test("canary: a grant for localhost:1 does not cover 127.0.0.1:1, nor the reverse", async () => {
  const connects = [
    'Deno.connect({ hostname: "localhost", port: 1 })',
    'Deno.connect({ hostname: "127.0.0.1", port: 1 })',
  ];
  const [byName, byAddress] = await Promise.all([
    under<Failure>(["--allow-net=localhost:1"], ...connects),
    under<Failure>(["--allow-net=127.0.0.1:1"], ...connects),
  ]);
  assertEquals(
    [byName, byAddress].map((both) => both.map(({ name }) => name)),
    [["ConnectionRefused", "NotCapable"], ["NotCapable", "ConnectionRefused"]],
  );
});

Deno.test("canary: an address can be asked after without a prompt", async () => {
  const asked = [
    'query("127.0.0.1:1")',
    'query("[::1]:1")',
    'query("localhost:1")',
  ];
  const grants: [grant: string[], states: string[]][] = [
    [["--allow-net=127.0.0.1:1"], ["granted", "prompt", "prompt"]],
    [["--allow-net=[::1]"], ["prompt", "granted", "prompt"]],
    [["--allow-net=localhost"], ["prompt", "prompt", "granted"]],
    [["--allow-net", "--deny-net=127.0.0.1"], ["denied", "granted", "granted"]],
  ];
  await Promise.all(grants.map(async ([grant, states]) => {
    assertEquals(await under(grant, ...asked), states);
  }));
});

Deno.test("canary: node:dns looks up under a grant for the host, and reads the hosts file", async () => {
  const [all, host] = await Promise.all([
    under<string[]>(["--allow-net"], 'look("localhost")'),
    under<string[]>(["--allow-net=localhost"], 'look("localhost")'),
  ]);
  const loopback = new Set(["127.0.0.1", "::1"]);
  for (const address of [...all, ...host].flat()) {
    assertEquals(loopback.has(address), true);
  }
  assertEquals([all.flat().length > 0, host.flat().length > 0], [true, true]);
});

Deno.test("canary: node:dns fails with EPERM under a grant for a port, and under none", async () => {
  const [port, none] = await Promise.all([
    under<Failure>(["--allow-net=localhost:80"], 'look("localhost")'),
    under<Failure>([], 'look("localhost")'),
  ]);
  assertEquals(
    [port, none].flat().map(({ name, code }) => [name, code]),
    [["Error", "EPERM"], ["Error", "EPERM"]],
  );
});

Deno.test("canary: of an unknown host node:dns says ENOTFOUND, and connect says it without a code", async () => {
  const [lookup, connect] = await under<Failure>(
    ["--allow-net"],
    `look("${NOWHERE}")`,
    `Deno.connect({ hostname: "${NOWHERE}", port: 1 })`,
  );
  assertEquals(lookup?.code, "ENOTFOUND");
  assertEquals([connect?.name, connect?.code], ["Error", undefined]);
  assertEquals(
    connect?.message.startsWith("failed to lookup address information: "),
    true,
  );
});

Deno.test("canary: a plain signal that is aborted too late loses the connection", async () => {
  if (Deno.build.os !== "linux") {
    console.log(`no /proc/net/tcp on ${Deno.build.os}: not counted`);
    return;
  }
  // With a process of its own the lost socket is gone when it ends.
  const [open] = await under<unknown>(
    ["--allow-all"],
    `(async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const controller = new AbortController();
    const { signal } = controller;
    const check = signal.throwIfAborted;
    let checks = 0;
    signal.throwIfAborted = () => {
      if (++checks === 2) controller.abort(new Error("too late"));
      check.call(signal);
    };
    const connect = settled(() => Deno.connect({ ...listener.addr, signal }));
    const peer = await listener.accept();
    const { message } = await connect;
    const hex = listener.addr.port.toString(16).toUpperCase().padStart(4, "0");
    const lines = Deno.readTextFileSync("/proc/net/tcp").split("\\n");
    return [message, lines.filter((line) => {
      const fields = line.trim().split(/\\s+/);
      return fields[2]?.endsWith(":" + hex) && fields[9] !== "0";
    }).length];
  })()`,
  );
  assertEquals(open, ["too late", 1]);
});
