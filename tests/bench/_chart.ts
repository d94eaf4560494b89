/** Charts of growth as SVG: both axes go by powers of ten. */

export interface Series {
  name: string;
  /** One for each size. */
  values: number[];
}

interface Panel {
  title: string;
  unit: string;
  sizes: number[];
  series: Series[];
}

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 70;
const RIGHT = 190;
const TOP = 40;
const BOTTOM = 40;
const COLOURS = ["#0a6", "#d33", "#36c", "#c80", "#808", "#555"];

/** One panel below the other. */
export function chart(panels: Panel[]): string {
  const body = panels.map((panel, i) =>
    `<g transform="translate(0 ${i * HEIGHT})">\n${panelOf(panel)}\n</g>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${
    panels.length * HEIGHT
  }" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${body.join("\n")}
</svg>
`;
}

function panelOf({ title, unit, sizes, series }: Panel): string {
  const values = series.flatMap((each) => each.values).filter((v) => v > 0);
  const [low, high] = decades(values);
  const [first, last] = decades(sizes);
  const x = (size: number) =>
    LEFT + (WIDTH - LEFT - RIGHT) * part(size, first, last);
  const y = (value: number) =>
    HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part(value, low, high);
  const out = [
    `<text x="${LEFT}" y="20" font-weight="bold">${escaped(title)}, ${
      escaped(unit)
    }</text>`,
  ];
  for (let power = first; power <= last; power++) {
    const at = x(10 ** power).toFixed(1);
    out.push(
      `<line x1="${at}" x2="${at}" y1="${TOP}" y2="${
        HEIGHT - BOTTOM
      }" stroke="#eee"/>`,
      `<text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${
        (10 ** power).toLocaleString("en")
      }</text>`,
    );
  }
  for (let power = low; power <= high; power++) {
    const at = y(10 ** power).toFixed(1);
    out.push(
      `<line x1="${LEFT}" x2="${
        WIDTH - RIGHT
      }" y1="${at}" y2="${at}" stroke="#ddd"/>`,
      `<text x="${
        LEFT - 8
      }" y="${at}" text-anchor="end" dominant-baseline="middle">${
        (10 ** power).toLocaleString("en")
      }</text>`,
    );
  }
  series.forEach((each, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const points = each.values
      .map((v, at) => [v, sizes[at]!] as const)
      .filter(([v]) => v > 0)
      .map(([v, size]) => `${x(size).toFixed(1)},${y(v).toFixed(1)}`);
    const label = TOP + 14 + i * 18;
    out.push(
      `<polyline points="${
        points.join(" ")
      }" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${WIDTH - RIGHT + 12}" y="${label}" fill="${colour}">${
        escaped(each.name)
      }</text>`,
    );
  });
  return out.join("\n");
}

/** The powers of ten around all values; at least one apart. */
function decades(values: number[]): [number, number] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return [low, Math.max(high, low + 1)];
}

function part(value: number, low: number, high: number): number {
  return (Math.log10(value) - low) / (high - low);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
