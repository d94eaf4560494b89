// The signatures of @std/async that these tests and benches use.

export function delay(
  ms: number,
  options?: { signal?: AbortSignal; persistent?: boolean },
): Promise<void>;
export function deadline<T>(
  promise: Promise<T>,
  ms: number,
  options?: { signal?: AbortSignal },
): Promise<T>;
export function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T>;
