/**
 * How many sockets this machine's processes hold that are connected to a port,
 * by the kernel's own books, which know of sockets that ours have lost. `null`
 * where there are no such books.
 */
export async function socketsConnectedTo(port: number): Promise<number | null> {
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
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return new TextDecoder().decode(stdout).split("\n").filter((line) => {
    // local address, remote address, …, inode: 0 once no process holds it
    const fields = line.trim().split(/\s+/);
    return fields[2]?.endsWith(`:${hex}`) && fields[9] !== "0";
  }).length;
}
