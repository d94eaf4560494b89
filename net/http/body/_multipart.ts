/**
 * Encodes a form (RFC 7578). The result is a `Blob`, so that files are not read
 * before they are sent, and that its length is known all the same.
 */
export function encodeMultipart(form: FormData): Blob {
  const boundary = `pollen-${crypto.randomUUID()}`;
  const parts: (string | Blob)[] = [];
  for (const [name, value] of form) {
    const opening = `--${boundary}\r\n` +
      `content-disposition: form-data; name="${escaped(withCrlf(name))}"`;
    if (typeof value === "string") {
      parts.push(`${opening}\r\n\r\n${withCrlf(value)}\r\n`);
    } else {
      const type = value.type === "" ? "application/octet-stream" : value.type;
      parts.push(
        `${opening}; filename="${escaped(value.name)}"\r\n` +
          `content-type: ${type}\r\n\r\n`,
        value,
        "\r\n",
      );
    }
  }
  parts.push(`--${boundary}--\r\n`);
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}

/** The HTML standard, "multipart/form-data encoding algorithm". */
function escaped(name: string): string {
  return name.replace(/\n/g, "%0A").replace(/\r/g, "%0D").replace(/"/g, "%22");
}

/** Line breaks of a text field are CRLF, whatever they were. */
function withCrlf(text: string): string {
  return text.replace(/\r(?!\n)|(?<!\r)\n/g, "\r\n");
}
