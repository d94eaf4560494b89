/**
 * How far a body has come, in bytes on the wire: after coding, and without heads
 * and the framing of chunks.
 */
export interface Progress {
  /** Bytes that the system has taken, or that have been read. */
  readonly transferred: number;
  /**
   * How many there will be; `null` until the end if that is not known before.
   * At the end, and only there, it is what was transferred.
   */
  readonly total: number | null;
}
