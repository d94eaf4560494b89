/**
 * Where a task was spawned. Taking note of it costs a stack trace, some
 * microseconds, so an executor does it only when asked to; the text is made only
 * when somebody reads it.
 */
export class Origin {
  readonly #trace = new Error();

  /** The nearest caller outside of the library, as `file:line:column`. */
  get site(): string | undefined {
    const ours = ["./", "../future/", "../net/"]
      .map((folder) => new URL(folder, import.meta.url).href);
    const isOurs = (place: string) =>
      ours.some((folder) => place.startsWith(folder));
    const frames = (this.#trace.stack ?? "").split("\n").slice(1)
      .map(placeIn).filter((place) => place !== undefined);
    // In a bundle all is one file: better one of our frames than nothing.
    return frames.find((place) => !isOurs(place)) ?? frames.at(-1);
  }
}

/** `    at name (place)`, `    at place`; in Firefox and Safari `name@place`. */
function placeIn(frame: string): string | undefined {
  return /(?:[(@]|at (?:async )?)([^\s(@]+:\d+:\d+)\)?$/.exec(frame)?.[1];
}
