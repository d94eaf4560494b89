import { assertEquals } from "@std/assert";
import { parseIp } from "../../net/_ip.ts";
import { publicOnly } from "../../net/mod.ts";

const kindOf = (hostname: string) => publicOnly({ hostname, port: 80 });

Deno.test("publicOnly: the public Internet is allowed, up to the edges of what is not", () => {
  for (
    const address of [
      "1.1.1.1",
      "8.8.8.8",
      "9.255.255.255",
      "11.0.0.0",
      "100.63.255.255",
      "100.128.0.0",
      "126.255.255.255",
      "128.0.0.0",
      "169.253.255.255",
      "169.255.0.0",
      "172.15.255.255",
      "172.32.0.0",
      "191.255.255.255",
      "192.0.1.0",
      "192.167.255.255",
      "192.169.0.0",
      "198.17.255.255",
      "198.20.0.0",
      "223.255.255.255",
      "2000::1",
      "2001:200::1",
      "2606:4700:4700::1111",
      "2a00:1450:4001:800::200e",
      "3ffe:ffff::1",
      "::ffff:8.8.8.8",
      "::ffff:808:808",
      "64:ff9b::8.8.8.8",
    ]
  ) {
    assertEquals(kindOf(address), undefined, address);
  }
});

Deno.test("publicOnly: everything else is refused, and called by its name", () => {
  const expected: Record<string, string[]> = {
    "this machine or network": ["0.0.0.0", "0.255.255.255"],
    "a private address": [
      "10.0.0.0",
      "10.255.255.255",
      "172.16.0.0",
      "172.31.255.255",
      "192.168.0.0",
      "192.168.255.255",
      "fc00::",
      "fdff:ffff::1",
      "::ffff:10.0.0.1",
      "::ffff:a00:1",
      "64:ff9b::10.0.0.1",
    ],
    "an address behind a carrier's NAT": ["100.64.0.0", "100.127.255.255"],
    "a loopback address": [
      "127.0.0.0",
      "127.255.255.255",
      "::1",
      "0:0:0:0:0:0:0:1",
      "::ffff:127.0.0.1",
      "::FFFF:7F00:1",
      "64:ff9b::7f00:1",
    ],
    "a link-local address": [
      "169.254.0.0",
      "169.254.169.254",
      "169.254.255.255",
      "fe80::1",
      "febf::1",
      "::ffff:169.254.169.254",
    ],
    "an address for protocols": ["192.0.0.0", "192.0.0.255", "2001::1"],
    "an address for documentation": [
      "192.0.2.1",
      "198.51.100.1",
      "203.0.113.1",
      "2001:db8::1",
      "3fff::1",
      "3fff:fff::1",
    ],
    "a relay of 6to4": ["192.88.99.1"],
    "a 6to4 address": ["2002::1", "2002:7f00:1::1"],
    "an address for benchmarks": ["198.18.0.0", "198.19.255.255"],
    "a multicast address": ["224.0.0.0", "239.255.255.255", "ff02::1"],
    "a reserved address": [
      "240.0.0.0",
      "255.255.255.255",
      "::",
      "::127.0.0.1",
      "100::1",
      "4000::1",
      "64:ff9b:1::1",
      "fec0::1",
    ],
    "no IP address": [
      "localhost",
      "",
      "127.1",
      "0x7f.0.0.1",
      "0177.0.0.1",
      "2130706433",
      "fe80::1%eth0",
      "::ffff:127.0.0.256",
      "1.2.3.4.5",
      "[::1]",
    ],
  };
  for (const [kind, addresses] of Object.entries(expected)) {
    for (const address of addresses) {
      assertEquals(kindOf(address), kind, address);
    }
  }
});

Deno.test("ip: an address is its bytes, however it is written", () => {
  const hex = (text: string) => parseIp(text)?.toHex();
  assertEquals(hex("1.2.3.255"), "010203ff");
  for (const same of ["1:0:0:2::3", "1:0:0:2:0:0:0:3", "1::2:0:0:0:3"]) {
    assertEquals(hex(same), "00010000000000020000000000000003");
  }
  assertEquals(hex("::"), "0".repeat(32));
  assertEquals(hex("1::"), "0001" + "0".repeat(28));
  assertEquals(hex("::ffff:1.2.3.4"), "00000000000000000000ffff01020304");
  assertEquals(hex("FFFF::1.2.3.4"), "ffff0000000000000000000001020304");
});
