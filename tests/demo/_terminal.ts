/** What the demo prints with: plain text where colours are not wanted. */
const plain = Deno.noColor || !Deno.stdout.isTerminal();

const style = (code: number) => (text: string): string =>
  plain ? text : `\x1b[${code}m${text}\x1b[0m`;

export const bold: (text: string) => string = style(1);
export const dim: (text: string) => string = style(2);
export const red: (text: string) => string = style(31);
export const green: (text: string) => string = style(32);
export const cyan: (text: string) => string = style(36);

/** A heading, and a line that says what is going to be seen. */
export function heading(title: string, what: string): void {
  console.log(`\n${bold(cyan(title))}\n${dim(what)}\n`);
}

/** One indented line. */
export function line(text: string): void {
  console.log(`  ${text}`);
}

/** Milliseconds, to the right of a column of eight. */
export function ms(time: number): string {
  return `${time.toFixed(1).padStart(8)} ms`;
}

/** A bar whose length is `value` of `most`; anything above zero is seen. */
export function bar(value: number, most: number, width = 36): string {
  const cells = Math.round((value / most) * width);
  return green("█".repeat(value > 0 ? Math.max(1, cells) : 0));
}

/** The text without what a terminal would obey, as it came from a stranger. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "·");
}
