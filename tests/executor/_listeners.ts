/** A signal that counts those who listen to it. */
export function countingSignal(): {
  signal: AbortSignal;
  abort(reason: unknown): void;
  readonly listeners: number;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: never) => {
    listening.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: never) => {
    listening.delete(listener);
    remove(type, listener);
  };
  return {
    signal,
    abort: (reason) => controller.abort(reason),
    get listeners() {
      return listening.size;
    },
  };
}
