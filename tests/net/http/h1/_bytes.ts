/** The bytes of a text, each the code point of its character. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (each) => each.charCodeAt(0));
}

/** The text of bytes, each a character. */
export function text(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((sum, each) => sum + each.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
