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
export function pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R>;
export class MuxAsyncIterator<T> implements AsyncIterable<T> {
  add(iterable: AsyncIterable<T>): void;
  [Symbol.asyncIterator](): AsyncIterator<T>;
}
