import { currentCore } from "../executor/_current.ts";

/** Tells a hook: what it throws stops nothing, and is reported as unhandled. */
export function report<T>(hook: (what: T) => void, what: T): void {
  try {
    hook(what);
  } catch (error) {
    currentCore().host.unhandled(error);
  }
}
