import { checkNames, type Names } from "../_option_names.ts";
import { nameOf } from "../future.ts";

/** What to do with failures that come when nobody can be told otherwise. */
export interface DropOptions {
  /**
   * Called with what goes wrong after a drop, in cleaning up that takes its time:
   * a drop does not wait. Without it such failures are ignored.
   */
  onDropError?: (error: unknown) => void;
}

const DROP_OPTIONS: Names<DropOptions> = { onDropError: true };

/** Whom to tell of what goes wrong after a drop, checked. */
export function dropErrorHook(options: DropOptions): (error: unknown) => void {
  checkNames(options, DROP_OPTIONS);
  const { onDropError = () => {} } = options;
  if (typeof onDropError === "function") return onDropError;
  throw new TypeError(
    `Cannot use onDropError: it must be a function, got ${nameOf(onDropError)}`,
  );
}
