/**
 * How many sockets this machine's processes hold that are connected to a port,
 * by the kernel's own books, which know of sockets that ours have lost. `null`
 * where there are no such books.
 */
export async function socketsConnectedTo(port: number): Promise<number | null> {
  return await count(({ remote }) => remote === port);
}

/** The same of both ends of the connections, that of the listener's side, too. */
export async function socketsAt(port: number): Promise<number | null> {
  return await count(({ local, remote, listens }) =>
    !listens && (local === port || remote === port)
  );
}

/** A line of the books. */
interface Entry {
  local: number;
  remote: number;
  listens: boolean;
}

const LISTEN = "0A";

async function count(
  counts: (entry: Entry) => boolean,
): Promise<number | null> {
  if (Deno.build.os !== "linux") {
    console.log(
      `no /proc/net/tcp on ${Deno.build.os}: open sockets not counted`,
    );
    return null;
  }
  // Another process reads them: Deno wants all permissions for it.
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      'for (const f of ["tcp", "tcp6"]) console.log(Deno.readTextFileSync("/proc/net/" + f))',
    ],
    stderr: "inherit",
  }).output();
  const port = (address = "") => parseInt(address.split(":")[1] ?? "", 16);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => {
    // number, local address, remote address, state, …, inode: 0 once no process
    // holds it
    const fields = line.trim().split(/\s+/);
    return fields[9] !== "0" && counts({
      local: port(fields[1]),
      remote: port(fields[2]),
      listens: fields[3] === LISTEN,
    });
  }).length;
}
