import type { Host } from "./host.ts";

// The one file of `executor/` that names globals of the host. Not every host
// has all of them, so they are looked up rather than assumed.
interface Immediate {
  ref?(): void;
  unref?(): void;
}
const platform = globalThis as unknown as {
  queueMicrotask(callback: () => void): void;
  setImmediate?(callback: () => void): Immediate;
  setTimeout(callback: () => void, delay: number): unknown;
  clearTimeout(timer: unknown): void;
  Deno?: {
    addSignalListener(name: string, callback: () => void): void;
    removeSignalListener(name: string, callback: () => void): void;
  };
  process?: {
    on(name: string, callback: () => void): void;
    off(name: string, callback: () => void): void;
  };
};

/**
 * Browsers have no `setImmediate`; a message to oneself is the nearest. The
 * channel is closed when nobody waits: an open one would hold the process.
 */
function messageTurns(): (callback: () => void) => void {
  const waiting: (() => void)[] = [];
  let channel: MessageChannel | null = null;
  const onMessage = () => {
    waiting.shift()!();
    if (waiting.length > 0) return;
    channel!.port1.close();
    channel!.port2.close();
    channel = null;
  };
  return (callback) => {
    if (channel === null) {
      channel = new MessageChannel();
      channel.port1.onmessage = onMessage;
    }
    waiting.push(callback);
    channel.port2.postMessage(null);
  };
}

/**
 * Deno polls its sockets each 61st time that it goes round its loop, unless there
 * is nothing else to do: so does tokio, whose task the loop is. Going round with
 * one `setImmediate` a millisecond, a socket would wait for 61 ms. So it goes round
 * 61 times in a row after a millisecond of work, which takes 65 microseconds; and
 * after half of one, if it was not in vain the last time, since who got a message
 * answers it, as a rule, and is answered.
 */
const ROUNDS = 61;
const SOCKETS_MS = 1;
const NEWS_MS = 0.5;
/** How many milliseconds of work there have been without, and may be. */
let owed = 0;
let credit = SOCKETS_MS;

class Rounds {
  readonly #callback: () => void;
  #left = ROUNDS;
  #immediate: Immediate;
  #holds = true;

  constructor(callback: () => void) {
    this.#callback = callback;
    this.#immediate = platform.setImmediate!(this.#next);
  }

  #next = (): void => {
    if (--this.#left === 0) return this.#callback();
    this.#immediate = platform.setImmediate!(this.#next);
    if (!this.#holds) this.unref();
  };

  ref(): void {
    this.#holds = true;
    this.#immediate.ref?.();
  }

  unref(): void {
    this.#holds = false;
    this.#immediate.unref?.();
  }
}

/** Deno's own if it is there: its `process` is Node's, laid over that. */
function signals(): Pick<Host, "onSignal"> {
  const { Deno: deno, process } = platform;
  if (deno?.addSignalListener !== undefined) {
    return {
      onSignal(name, callback) {
        deno.addSignalListener(name, callback);
        return () => deno.removeSignalListener(name, callback);
      },
    };
  }
  if (process?.on === undefined) return {}; // a browser
  return {
    onSignal(name, callback) {
      process.on(name, callback);
      return () => process.off(name, callback);
    },
  };
}

let viaMessage: ((callback: () => void) => void) | undefined;

/** The platform: Deno, and what resembles it. */
export const platformHost: Host = /* @__PURE__ */ makeHost();

function makeHost(): Host {
  return {
    now: () => performance.now(),
    microtask: (callback) => platform.queueMicrotask(callback),
    macrotask(callback, busy = 0, hasNews = false) {
      // Not setTimeout: it costs a thousand times as much, being clamped to 1 ms.
      if (platform.setImmediate !== undefined) {
        owed += busy;
        if (hasNews) credit = NEWS_MS;
        if (owed < credit || platform.Deno === undefined) {
          return platform.setImmediate(callback);
        }
        owed = 0;
        credit = SOCKETS_MS;
        return new Rounds(callback);
      }
      (viaMessage ??= messageTurns())(callback);
    },
    // Rounded up, so that a timer is never early: hosts cut the fraction off.
    setTimer: (delay, callback) =>
      platform.setTimeout(callback, Math.ceil(delay)),
    clearTimer: (timer) => platform.clearTimeout(timer),
    hold(handle, holds) {
      // Browsers number their timers; Deno and Node make objects of them.
      const { ref, unref } = Object(handle) as { ref?(): void; unref?(): void };
      (holds ? ref : unref)?.call(handle);
    },
    random: () => Math.random(),
    unhandled: (error) => void Promise.reject(error),
    ...signals(),
  };
}

/** By which key `console.log` of Deno and of Node asks an object for its text. */
export const inspectKey: symbol = Symbol.for("nodejs.util.inspect.custom");

/** OpenTelemetry's API, where something has set it up. */
export function telemetryApi(): unknown {
  const key = Symbol.for("opentelemetry.js.api.1");
  return (globalThis as Record<symbol, unknown>)[key];
}

/** Writes to the standard error output. */
export function printError(text: string): void {
  console.error(text);
}
