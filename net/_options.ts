import { checkNames, type Names } from "../future/_option_names.ts";
import { nameOf } from "../future/future.ts";
import type { AddressPolicy } from "./address_policy.ts";
import { denoNetwork } from "./_deno.ts";
import type {
  ConnectDeadlines,
  ConnectOptions,
  ConnectPhase,
} from "./connect_options.ts";
import type { Network } from "./network.ts";
import type { Resolver } from "./resolver.ts";
import { parseListenAddr, type SocketAddr } from "./socket_addr.ts";
import type { BindOptions } from "./tcp_listener.ts";

/** What every connect goes by. */
export interface Pace {
  readonly timeout: number;
  readonly deadlines: Record<"resolve" | "connect" | "handshake", number>;
  readonly attemptDelay: number;
  readonly onPhase: (phase: ConnectPhase) => void;
}

/** Options of a connect, checked, with what is missing filled in. */
export interface Settings extends Pace {
  readonly resolver: Resolver | null;
  readonly policy: AddressPolicy | null;
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  readonly network: Network;
}

export function checkObject(what: string, value: unknown): void {
  if (typeof value === "object" && value !== null) return;
  throw new TypeError(
    `Cannot use the ${what}: they must be an object, got ${nameOf(value)}`,
  );
}

/** What every connect takes. */
export const CONNECT: Names<ConnectOptions> = {
  timeout: true,
  deadlines: true,
  onPhase: true,
  resolver: true,
  policy: true,
  attemptDelay: true,
  noDelay: true,
  keepAlive: true,
  network: true,
};

const DEADLINES: Names<ConnectDeadlines> = {
  resolve: true,
  connect: true,
  handshake: true,
};

/** What every listener on an address takes. */
export const BIND: Names<BindOptions> = {
  hostname: true,
  port: true,
  backlog: true,
  network: true,
};

export function checkTime(what: string, value: unknown): number {
  if (value === undefined) return Infinity;
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot use ${what}: it must be a number of milliseconds, got ${
        nameOf(value)
      }`,
    );
  }
  if (!(value >= 0)) {
    throw new RangeError(
      `Cannot use ${what}: it must be 0 milliseconds or more, got ${value}`,
    );
  }
  return value;
}

export function checkFlag(what: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(
    `Cannot use ${what}: it must be true or false, got ${nameOf(value)}`,
  );
}

export function checkFunction<F>(
  what: string,
  value: F | undefined,
): F | null {
  if (value === undefined) return null;
  if (typeof value === "function") return value;
  throw new TypeError(
    `Cannot use ${what}: it must be a function, got ${nameOf(value)}`,
  );
}

export function checkResolver(
  resolver: Resolver | undefined,
): Resolver | null {
  if (resolver === undefined || typeof resolver === "function") {
    return resolver ?? null;
  }
  if (typeof resolver?.resolve === "function") return resolver;
  throw new TypeError(
    `Cannot use resolver: it must be a function, or have a method resolve, got ${
      nameOf(resolver)
    }`,
  );
}

export function checkNetwork(network: Network | undefined): Network {
  if (network === undefined) return denoNetwork;
  if (typeof network?.connect === "function") return network;
  throw new TypeError(
    `Cannot use network: it must be a Network, got ${nameOf(network)}`,
  );
}

/** Where to listen, checked. */
export function checkBind(
  options: BindOptions,
  known: object = BIND,
): {
  addr: SocketAddr;
  network: Network;
  backlog: { backlog?: number };
} {
  checkObject("options of a listener", options);
  checkNames(options, known);
  const { backlog } = options;
  if (backlog !== undefined) checkCount("backlog", backlog);
  return {
    addr: parseListenAddr(options),
    network: checkNetwork(options.network),
    backlog: backlog === undefined ? {} : { backlog },
  };
}

export function checkCount(what: string, count: unknown): number {
  if (Number.isInteger(count) && (count as number) >= 1) return count as number;
  const Kind = typeof count === "number" ? RangeError : TypeError;
  throw new Kind(
    `Cannot use ${what}: it must be a whole number of at least 1, got ${
      typeof count === "number" ? count : nameOf(count)
    }`,
  );
}

/** @throws {TypeError} or {RangeError} that says which option is wrong. */
export function checkConnectOptions(
  options: ConnectOptions,
  known: object = CONNECT,
): Settings {
  checkObject("connect options", options);
  checkNames(options, known);
  const { deadlines = {}, noDelay = true, keepAlive = false } = options;
  checkNames(deadlines, DEADLINES, "deadlines.");
  return {
    timeout: checkTime("timeout", options.timeout),
    deadlines: {
      resolve: checkTime("deadlines.resolve", deadlines.resolve),
      connect: checkTime("deadlines.connect", deadlines.connect),
      handshake: checkTime("deadlines.handshake", deadlines.handshake),
    },
    attemptDelay: checkTime("attemptDelay", options.attemptDelay ?? 250),
    onPhase: checkFunction("onPhase", options.onPhase) ?? (() => {}),
    resolver: checkResolver(options.resolver),
    policy: checkFunction("policy", options.policy),
    noDelay: checkFlag("noDelay", noDelay),
    keepAlive: checkFlag("keepAlive", keepAlive),
    network: checkNetwork(options.network),
  };
}
