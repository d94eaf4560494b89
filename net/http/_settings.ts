import { checkNames, type Names } from "../../future/_option_names.ts";
import {
  checkConnectOptions,
  checkFunction,
  checkObject,
} from "../_options.ts";
import { checkIdentity, checkTls } from "../_tls_params.ts";
import type { ConnectOptions } from "../connect_options.ts";
import type { TlsOptions } from "../tls_stream.ts";
import { checkUnixPath } from "../unix_addr.ts";
import type { H1Limits } from "./h1/limits.ts";
import { routesFor } from "./_proxy.ts";
import { RetryPolicy } from "./_retry.ts";
import type { HttpRequest, RequestOptions } from "./request.ts";
import type {
  Deadlines,
  HttpClientOptions,
  HttpTlsOptions,
  Limits,
  PoolOptions,
  RedirectMode,
  Settings,
} from "./options.ts";

const DEADLINES: Required<Deadlines> = {
  queue: 30_000,
  resolve: 10_000,
  connect: 10_000,
  tls: 10_000,
  write: 30_000,
  head: 30_000,
  read: 30_000,
  total: Infinity,
};

const LIMITS: Required<Limits> = {
  headBytes: 64 * 1024,
  fields: 100,
  lineBytes: 8 * 1024,
  informational: 8,
  chunkExtensionBytes: 16 * 1024,
  trailerBytes: 16 * 1024,
  bodyBytes: Infinity,
  decodedBytes: Infinity,
  decodedRatio: 1000,
  codings: 5,
  redirects: 20,
  drainBytes: 64 * 1024,
};

const POOL: Required<PoolOptions> = {
  maxPerOrigin: 6,
  maxTotal: 256,
  maxQueue: 1000,
  idle: 90_000,
  maxAge: Infinity,
};

const REDIRECTS: readonly RedirectMode[] = ["follow", "manual", "error"];

/**
 * Numbers by name, over those that hold otherwise.
 *
 * @throws {TypeError} If there is a name that is none, or a value no number.
 * @throws {RangeError} If a value is NaN, or less than `least`.
 */
function checkNumbers<T extends object>(
  group: string,
  defaults: Required<T>,
  given: T | undefined,
  least: (name: string) => number,
): Required<T> {
  if (given === undefined) return defaults;
  checkNames(given, defaults, `${group}.`);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (typeof value !== "number") {
      throw new TypeError(
        `Cannot use the option ${group}.${name}: it must be a number`,
      );
    }
    if (!(value >= least(name))) {
      throw new RangeError(
        `Cannot use the option ${group}.${name}: it must be at least ${
          least(name)
        }, got ${value}`,
      );
    }
  }
  return { ...defaults, ...definedOf(given) };
}

function definedOf<T extends object>(given: T): Partial<T> {
  const all = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(all) as Partial<T>;
}

/** Checks what to do with a redirect. */
function checkRedirect(
  given: RedirectMode | undefined,
  otherwise: RedirectMode,
): RedirectMode {
  if (given === undefined) return otherwise;
  if (!REDIRECTS.includes(given)) {
    throw new TypeError(
      `Cannot use the option redirect: it must be one of ${
        REDIRECTS.join(", ")
      }`,
    );
  }
  return given;
}

/** Checks deadlines, over those of the client. */
function checkDeadlines(
  given: Deadlines | undefined,
  otherwise: Required<Deadlines> = DEADLINES,
): Required<Deadlines> {
  return checkNumbers("deadlines", otherwise, given, () => 0);
}

/** Checks limits, over those of the client. */
function checkLimits(
  given: Limits | undefined,
  otherwise: Required<Limits> = LIMITS,
): Required<Limits> {
  return checkNumbers("limits", otherwise, given, () => 0);
}

const OPTIONS: Names<HttpClientOptions> = {
  headers: true,
  pool: true,
  deadlines: true,
  limits: true,
  redirect: true,
  decode: true,
  retry: true,
  tls: true,
  resolver: true,
  policy: true,
  proxy: true,
  unixSocket: true,
  network: true,
  onConnection: true,
  onExchange: true,
};

const REQUEST_OPTIONS: Names<HttpRequest> = {
  url: true,
  method: true,
  headers: true,
  body: true,
  json: true,
  redirect: true,
  decode: true,
  deadlines: true,
  limits: true,
  signal: true,
  onUpload: true,
  onDownload: true,
};

const TLS: Names<HttpTlsOptions> = {
  caCerts: true,
  serverName: true,
  cert: true,
  key: true,
};

function checkBoolean(
  name: string,
  given: boolean | undefined,
  otherwise: boolean,
): boolean {
  if (given !== undefined && typeof given !== "boolean") {
    throw new TypeError(`Cannot use the option ${name}: it must be a boolean`);
  }
  return given ?? otherwise;
}

/** Checks the options of a client, and fills in what was left out. */
export function checkSettings(options: HttpClientOptions): Settings {
  checkObject("options of a client", options);
  checkNames(options, OPTIONS);
  const limits = checkLimits(options.limits);
  return {
    deadlines: checkDeadlines(options.deadlines),
    limits,
    h1Limits: h1LimitsOf(limits),
    pool: checkNumbers(
      "pool",
      POOL,
      options.pool,
      (name) => name.startsWith("max") && name !== "maxQueue" ? 1 : 0,
    ),
    redirect: checkRedirect(options.redirect, "follow"),
    decode: checkBoolean("decode", options.decode, true),
    retry: options.retry === undefined ? null : new RetryPolicy(options.retry),
    tls: checkTlsOptions(options.tls),
    routes: options.unixSocket === undefined
      ? routesFor(options.proxy)
      : routesFor("off"),
    unixSocket: options.unixSocket === undefined
      ? undefined
      : checkUnixPath(options.unixSocket),
    connect: connectOptionsOf(options),
    onExchange: checkFunction("onExchange", options.onExchange),
    onUpload: null, // each request has its own
    onDownload: null,
  };
}

/** ALPN keeps a server from speaking HTTP/2 to us. */
function checkTlsOptions(given: HttpTlsOptions = {}): TlsOptions {
  checkTls(given, TLS, "localhost");
  const tls: TlsOptions = { ...given, alpnProtocols: ["http/1.1"] };
  if (tls.cert !== undefined || tls.key !== undefined) checkIdentity(tls);
  return tls;
}

function connectOptionsOf(options: HttpClientOptions): ConnectOptions {
  const { network, resolver, policy } = options;
  const connect: ConnectOptions = {
    ...(network === undefined ? {} : { network }),
    ...(resolver === undefined ? {} : { resolver }),
    ...(policy === undefined ? {} : { policy }),
  };
  checkConnectOptions(connect);
  return connect;
}

/** The settings of a request: those of the client, but for what it says. */
export function settingsOf(client: Settings, own: RequestOptions): Settings {
  checkObject("options of a request", own);
  checkNames(own, REQUEST_OPTIONS);
  const { deadlines, limits, redirect, decode, onUpload, onDownload } = own;
  if (
    deadlines === undefined && limits === undefined &&
    redirect === undefined && decode === undefined &&
    onUpload === undefined && onDownload === undefined
  ) return client;
  const checked = checkLimits(limits, client.limits);
  return {
    ...client,
    deadlines: checkDeadlines(deadlines, client.deadlines),
    limits: checked,
    h1Limits: h1LimitsOf(checked),
    redirect: checkRedirect(redirect, client.redirect),
    decode: checkBoolean("decode", decode, client.decode),
    onUpload: checkFunction("onUpload", onUpload),
    onDownload: checkFunction("onDownload", onDownload),
  };
}

/** The protocol's own limits are whole numbers. */
function h1LimitsOf(limits: Required<Limits>): H1Limits {
  const whole = (n: number) => Math.min(Math.floor(n), Number.MAX_SAFE_INTEGER);
  return {
    headBytes: whole(limits.headBytes),
    fields: whole(limits.fields),
    lineBytes: whole(limits.lineBytes),
    informational: whole(limits.informational),
    informationalBytes: whole(limits.headBytes),
    chunkExtensionBytes: whole(limits.chunkExtensionBytes),
    trailerBytes: whole(limits.trailerBytes),
  };
}
