import { at, startProcess, uploadTo } from "./_process.ts";
import type { Served } from "./_suite.ts";

/** nginx: files, and uploads by WebDAV. */
export function nginx(program: string, tls: boolean): Promise<Served> {
  return startProcess({
    command: (
      { dir },
    ) => [
      program,
      "-p",
      dir,
      "-c",
      `${dir}/nginx.conf`,
      "-e",
      `${dir}/error.log`,
    ],
    files: ({ dir, root, port, cert, key }) => ({
      "nginx.conf": `
        daemon off;
        master_process off;
        worker_processes 1;
        pid ${dir}/nginx.pid;
        error_log ${dir}/error.log;
        events { worker_connections 256; }
        http {
          access_log off;
          client_body_temp_path ${dir}/body;
          proxy_temp_path ${dir}/proxy;
          fastcgi_temp_path ${dir}/fastcgi;
          uwsgi_temp_path ${dir}/uwsgi;
          scgi_temp_path ${dir}/scgi;
          client_max_body_size 0;
          keepalive_timeout 1s;
          types { text/plain txt; }
          default_type application/octet-stream;
          gzip on;
          gzip_types text/plain;
          gzip_min_length 100;
          server {
            listen 127.0.0.1:${port} ${tls ? "ssl" : ""};
            ${tls ? `ssl_certificate ${cert}; ssl_certificate_key ${key};` : ""}
            root ${root};
            location /empty { return 204; }
            location /uploads/ { dav_methods PUT; }
          }
        }`,
    }),
    served: (place) => ({
      ...at(place, tls),
      codings: ["gzip"],
      upload: uploadTo(place),
      empty: "/empty",
      files: true,
      continues: true,
      closesIdle: true,
    }),
  });
}

/** Apache: files, and uploads by WebDAV. */
export function apache(program: string, tls: boolean): Promise<Served> {
  const modules = [
    "mpm_event",
    "authz_core",
    "mime",
    "deflate",
    "brotli",
    "filter",
    "dav",
    "dav_fs",
    "alias",
    "rewrite",
    ...(tls ? ["socache_shmcb", "ssl"] : []),
  ];
  return startProcess({
    command: (
      { dir },
    ) => [program, "-D", "FOREGROUND", "-d", dir, "-f", `${dir}/apache.conf`],
    files: ({ dir, root, port, cert, key }) => ({
      "apache.conf": `
        ${
        modules.map((name) =>
          `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`
        ).join("\n")
      }
        ServerName 127.0.0.1
        Listen 127.0.0.1:${port}
        PidFile ${dir}/apache.pid
        ErrorLog ${dir}/error.log
        User www-data
        Group www-data
        DavLockDB ${root}/uploads/.lock
        DocumentRoot ${root}
        KeepAliveTimeout 1
        MaxKeepAliveRequests 0
        LimitRequestBody 0
        TypesConfig /dev/null
        AddType text/plain .txt
        AddOutputFilterByType BROTLI_COMPRESS;DEFLATE text/plain
        RewriteEngine on
        RewriteRule ^/empty$ - [R=204,L]
        ${
        tls
          ? `SSLEngine on\nSSLCertificateFile ${cert}\nSSLCertificateKeyFile ${key}`
          : ""
      }
        <Directory ${root}>
          Require all granted
        </Directory>
        <Directory ${root}/uploads>
          Dav on
        </Directory>
      `,
    }),
    served: (place) => ({
      ...at(place, tls),
      codings: ["gzip", "br"],
      upload: uploadTo(place),
      empty: "/empty",
      files: true,
      continues: true,
      closesIdle: true,
    }),
  });
}

/** lighttpd: files, and uploads by CGI. */
export function lighttpd(program: string, tls: boolean): Promise<Served> {
  return startProcess({
    command: ({ dir }) => [program, "-D", "-f", `${dir}/lighttpd.conf`],
    files: ({ dir, root, port, both }) => ({
      "count":
        `#!/bin/sh\nprintf 'content-type: text/plain\\r\\n\\r\\n'\nwc -c | tr -d ' \\n'\n`,
      "lighttpd.conf": `
        server.modules = ("mod_alias", "mod_cgi", "mod_deflate"${
        tls ? `, "mod_openssl"` : ""
      })
        server.document-root = "${root}"
        server.bind = "127.0.0.1"
        server.port = ${port}
        server.errorlog = "${dir}/error.log"
        server.upload-dirs = ("${dir}")
        server.max-keep-alive-idle = 1
        server.max-keep-alive-requests = 1000
        mimetype.assign = (".txt" => "text/plain")
        deflate.mimetypes = ("text/plain")
        deflate.allowed-encodings = ("gzip", "br")
        alias.url = ("/count" => "${dir}/count")
        $HTTP["url"] =^ "/count" { cgi.assign = ("" => "/bin/sh") }
        ${tls ? `ssl.engine = "enable"\nssl.pemfile = "${both}"` : ""}
      `,
    }),
    served: (place) => ({
      ...at(place, tls),
      codings: ["gzip"],
      upload: { method: "POST", path: "/count", arrived: Number },
      files: true,
      continues: true,
      closesIdle: true,
    }),
  });
}
