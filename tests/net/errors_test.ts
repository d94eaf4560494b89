import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { isPermissionError, netErrorFrom } from "../../net/_classify.ts";
import {
  ConnectionFailed,
  ConnectionLost,
  ConnectTimeout,
  DnsResolutionFailed,
  NetError,
  type NetPhase,
  TlsHandshakeFailed,
} from "../../net/mod.ts";

Deno.test("errors: each is a NetError with its name, phase, address and cause", () => {
  const classes = {
    NetError,
    DnsResolutionFailed,
    ConnectionFailed,
    ConnectTimeout,
    TlsHandshakeFailed,
    ConnectionLost,
  };
  for (const [name, NetErrorClass] of Object.entries(classes)) {
    const cause = new Error("behind it");
    const options = { phase: "read", address: "a:1", cause } as const;
    const error = new NetErrorClass("Cannot read", options);
    assert(error instanceof NetError);
    assert(error instanceof Error);
    assertEquals(error.name, name);
    assertEquals(String(error), `${name}: Cannot read`);
    assertEquals(error.phase, "read");
    assertEquals(error.address, "a:1");
    assertStrictEquals(error.cause, cause);
  }
});

Deno.test("errors: without a cause there is no property of that name", () => {
  const error = new NetError("no", { phase: "listen", address: "a:1" });
  assert(!("cause" in error));
  const empty = { phase: "listen", address: "a:1", cause: undefined } as const;
  assert("cause" in new NetError("no", empty));
});

Deno.test("errors: the phase decides the class and the verb", () => {
  const expected: [NetPhase, typeof NetError, string][] = [
    ["address", NetError, "Cannot use a:1: boom"],
    ["resolve", DnsResolutionFailed, "Cannot resolve a:1: boom"],
    ["connect", ConnectionFailed, "Cannot connect to a:1: boom"],
    ["policy", NetError, "Cannot connect to a:1: boom"],
    ["handshake", TlsHandshakeFailed, "Cannot agree on TLS with a:1: boom"],
    ["listen", NetError, "Cannot listen on a:1: boom"],
    ["accept", NetError, "Cannot accept on a:1: boom"],
    ["read", ConnectionLost, "Cannot read from a:1: boom"],
    ["write", ConnectionLost, "Cannot write to a:1: boom"],
    ["shutdown", ConnectionLost, "Cannot shut down the stream to a:1: boom"],
  ];
  for (const [phase, NetErrorClass, message] of expected) {
    const cause = new Error("boom");
    const error = netErrorFrom(phase, "a:1", cause);
    assertStrictEquals(error.constructor, NetErrorClass);
    assertEquals(error.message, message);
    assertEquals(error.phase, phase);
    assertEquals(error.address, "a:1");
    assertStrictEquals(error.cause, cause);
  }
});

Deno.test("errors: the platform's errors are put into words", () => {
  const { errors } = Deno;
  const withCode = (code: string) => Object.assign(new Error("?"), { code });
  const lookup = (why: string) =>
    new Error(`failed to lookup address information: ${why}`);
  const expected: [cause: unknown, why: string][] = [
    [new errors.ConnectionRefused("?"), "the connection was refused"],
    [new errors.ConnectionReset("?"), "the peer reset the connection"],
    [new errors.ConnectionAborted("?"), "the connection was aborted"],
    [new errors.BrokenPipe("?"), "the peer has closed the connection"],
    [new errors.NotConnected("?"), "the socket is not connected"],
    [new errors.TimedOut("?"), "the operating system gave up waiting"],
    [new errors.AddrInUse("?"), "the address is in use"],
    [
      new errors.AddrNotAvailable("?"),
      "the address is not one of this machine's",
    ],
    [new errors.NetworkUnreachable("?"), "the network is unreachable"],
    [
      new errors.PermissionDenied("Permission denied (os error 13)"),
      "the operating system does not permit it",
    ],
    [
      Object.assign(new Error("?"), { name: "HostUnreachable" }),
      "the host is unreachable",
    ],
    [withCode("ENOTFOUND"), "there is no such host"],
    [withCode("EAI_AGAIN"), "the name server could not answer for now"],
    [lookup("Name or service not known"), "there is no such host"],
    [
      lookup("nodename nor servname provided, or not known"),
      "there is no such host",
    ],
    [
      lookup("Temporary failure in name resolution"),
      "the name server could not answer for now",
    ],
    [lookup("something else"), "something else"],
    [new Error("the platform's own words"), "the platform's own words"],
    [new RangeError(""), "RangeError"],
    [new Error("constructor"), "constructor"],
    ["a string", "a string"],
    [undefined, "undefined"],
    [null, "null"],
    [Symbol("thrown"), "Symbol(thrown)"],
  ];
  for (const [cause, why] of expected) {
    const error = netErrorFrom("accept", "a:1", cause);
    assertEquals(error.message, `Cannot accept on a:1: ${why}`);
    assertStrictEquals(error.cause, cause);
  }
});

Deno.test("errors: a connect that failed at the host name is a failed resolution", () => {
  const cause = new Error(
    "failed to lookup address information: Name or service not known",
  );
  const error = netErrorFrom("connect", "nowhere.test:80", cause);
  assertStrictEquals(error.constructor, DnsResolutionFailed);
  assertEquals(error.phase, "resolve");
  assertEquals(error.address, "nowhere.test:80");
  assertEquals(
    error.message,
    "Cannot resolve nowhere.test:80: there is no such host",
  );
  assertStrictEquals(error.cause, cause);
});

Deno.test("errors: a NetError is not wrapped once more", () => {
  const error = new NetError("as it is", { phase: "accept", address: "a:1" });
  assertStrictEquals(netErrorFrom("read", "b:2", error), error);
});

Deno.test("errors: a denial names the flag to pass", () => {
  const denied = new Deno.errors.NotCapable("Requires net access");
  for (const phase of ["connect", "listen"] as const) {
    assertEquals(
      netErrorFrom(phase, "[::1]:80", denied).message.split("; ")[1],
      "run again with --allow-net=[::1]:80",
    );
  }
  const eperm = Object.assign(new Error("getaddrinfo EPERM"), {
    code: "EPERM",
  });
  assertEquals(
    netErrorFrom("resolve", "localhost", eperm).message,
    "Cannot resolve localhost: it is not permitted; run again with --allow-net=localhost (a grant for one port does not cover looking a name up)",
  );
});

Deno.test("errors: a denial of the operating system's is none of the runtime's", () => {
  const firewall = Object.assign(new Deno.errors.PermissionDenied("?"), {
    code: "EPERM",
  });
  assertEquals(isPermissionError(firewall), false);
  assertEquals(isPermissionError(new Deno.errors.NotCapable("?")), true);
  assertEquals(isPermissionError({ code: "EPERM" }), true);
  for (const other of [undefined, null, "EPERM", new Error("EPERM")]) {
    assertEquals(isPermissionError(other), false);
  }
});
