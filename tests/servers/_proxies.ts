import { at, BIG_BYTES, startProcess } from "./_process.ts";
import { denoServe } from "./_platform.ts";
import type { Served } from "./_suite.ts";

/** A server behind or beside a proxy: both end together. */
async function withOrigin(
  tls: boolean,
  start: (origin: Served, port: string) => Promise<Served>,
): Promise<Served> {
  const origin = await denoServe({ tls, bigBytes: BIG_BYTES });
  try {
    const proxy = await start(origin, new URL(origin.url).port);
    const { apart: _, ...rest } = proxy; // the origin is in this process
    return {
      ...rest,
      async [Symbol.asyncDispose]() {
        await proxy[Symbol.asyncDispose]();
        await origin[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await origin[Symbol.asyncDispose]();
    throw error;
  }
}

/** HAProxy in front of `Deno.serve`. */
export function haproxy(program: string, tls: boolean): Promise<Served> {
  return withOrigin(
    false,
    ({ codings, upload, empty }, origin) =>
      startProcess({
        command: ({ dir }) => [program, "-db", "-f", `${dir}/haproxy.cfg`],
        files: ({ port, both }) => ({
          "haproxy.cfg": `
global
  maxconn 256
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout http-keep-alive 1s
frontend near
  bind 127.0.0.1:${port} ${tls ? `ssl crt ${both}` : ""}
  default_backend far
backend far
  server one 127.0.0.1:${origin}
`,
        }),
        served: (place) => ({
          ...at(place, tls),
          codings,
          upload,
          ...(empty === undefined ? {} : { empty }),
          continues: true,
          closesIdle: true,
        }),
      }),
  );
}

/** Squid as a forward proxy, before `Deno.serve`: plain, or through a tunnel. */
export function squid(program: string, tls: boolean): Promise<Served> {
  return withOrigin(
    tls,
    ({ url, client, codings, upload, empty }, origin) =>
      startProcess({
        command: ({ dir }) => [program, "-N", "-f", `${dir}/squid.conf`],
        files: ({ root, port }) => ({
          "squid.conf": `
http_port 127.0.0.1:${port}
pid_filename ${root}/uploads/squid.pid
access_log none
cache_log ${root}/uploads/cache.log
cache_store_log none
coredump_dir ${root}/uploads
cache deny all
shutdown_lifetime 0 seconds
client_idle_pconn_timeout 1 second
visible_hostname localhost
acl ours port ${origin}
http_access allow ours
http_access deny all
`,
        }),
        served: ({ port }) => ({
          url,
          client: { ...client, proxy: `http://127.0.0.1:${port}` },
          codings,
          upload,
          ...(empty === undefined ? {} : { empty }),
          continues: true,
          closesIdle: !tls, // a tunnel's idle time is another matter
        }),
      }),
  );
}
