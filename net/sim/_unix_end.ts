import type { UnixAddr } from "../unix_addr.ts";
import { End } from "./_end.ts";

/** One end of a simulated Unix connection. */
export class UnixEnd extends End<UnixAddr> {
  /** Linux: what was sent and never read makes a reset of a close. */
  protected override part(): void {
    if (this.hasUnread) this.out.sendReset();
    else super.part();
  }
}
