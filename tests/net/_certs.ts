/**
 * Certificates for the tests, good until the year 2126: a CA of our own, a
 * server of it, for `localhost`, `127.0.0.1`, `::1` and `*.pollen.test`, the same
 * one expired, and a client. Nobody else trusts the CA, and its key was thrown
 * away: nothing here is a secret. They were made so, with OpenSSL:
 *
 *     openssl ecparam -name prime256v1 -genkey -noout -out ca.key
 *     openssl req -x509 -new -key ca.key -sha256 -days 36500 \
 *       -subj "/CN=Pollen test CA" -addext keyUsage=critical,keyCertSign -out ca.pem
 *     openssl ecparam -name prime256v1 -genkey -noout \
 *       | openssl pkcs8 -topk8 -nocrypt -out server.key
 *     openssl req -new -key server.key -subj "/CN=localhost" -out server.csr
 *     openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
 *       -sha256 -days 36500 -out server.pem -extfile <(printf "%s\n" \
 *       "subjectAltName=DNS:localhost,DNS:*.pollen.test,IP:127.0.0.1,IP:::1" \
 *       "extendedKeyUsage=serverAuth" "basicConstraints=CA:FALSE")
 *
 * The client has `extendedKeyUsage=clientAuth`; the expired one was signed by
 * `openssl ca -startdate 20200101000000Z -enddate 20200102000000Z`.
 */
const pem = (name: string): string =>
  Deno.readTextFileSync(new URL(`certs/${name}`, import.meta.url));

export const CA: string = pem("ca.pem");

/** A certificate and its key. */
export interface Identity {
  cert: string;
  key: string;
}

export const SERVER: Identity = {
  cert: pem("server.pem"),
  key: pem("server.key"),
};
export const EXPIRED: Identity = {
  cert: pem("expired.pem"),
  key: pem("expired.key"),
};
export const CLIENT: Identity = {
  cert: pem("client.pem"),
  key: pem("client.key"),
};
