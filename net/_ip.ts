/** Addresses that begin alike, and what they are. */
export interface Prefix {
  readonly bytes: Uint8Array;
  readonly bits: number;
  readonly name: string;
}

/** The 4 or 16 bytes of an IP address; `null` if it is none. */
export function parseIp(text: string): Uint8Array | null {
  const host = text.includes(":") ? `[${text}]` : text;
  if (!/^[\d.]+$|^\[[\da-f.:]+\]$/i.test(host)) return null;
  const url = URL.parse(`http://${host}/`);
  // The URL parser knows the grammar of both, and writes an IPv6 address in
  // groups of hexadecimal digits; it takes 127.1 for 127.0.0.1, we do not.
  if (url === null) return null;
  if (!host.startsWith("[")) {
    return url.hostname === host
      ? Uint8Array.from(host.split("."), Number)
      : null;
  }
  const [head, tail] = url.hostname.slice(1, -1).split("::");
  const before = groupsOf(head!);
  const after = groupsOf(tail ?? "");
  const bytes = new Uint8Array(16);
  const groups = new DataView(bytes.buffer);
  before.forEach((group, i) => groups.setUint16(2 * i, group));
  after.forEach((group, i) =>
    groups.setUint16(16 - 2 * after.length + 2 * i, group)
  );
  return bytes;
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((each) => parseInt(each, 16));
}

/** Reads a table of prefixes in CIDR form and their names. */
export function prefixesOf(table: Record<string, string>): Prefix[] {
  return Object.entries(table).map(([cidr, name]) => {
    const [ip, bits] = cidr.split("/");
    return { bytes: parseIp(ip!)!, bits: Number(bits), name };
  });
}

export function startsWith(
  address: Uint8Array,
  { bytes, bits }: Prefix,
): boolean {
  if (address.byteLength !== bytes.byteLength) return false;
  for (let i = 0; i * 8 < bits; i++) {
    const rest = Math.min(8, bits - i * 8);
    const mask = 0xff << (8 - rest);
    if (((address[i]! ^ bytes[i]!) & mask & 0xff) !== 0) return false;
  }
  return true;
}
