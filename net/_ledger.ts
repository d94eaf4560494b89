/** What is open now. Counted where it opens and closes: see `openResources`. */
export const ledger: {
  streams: number;
  listeners: number;
  operations: number;
} = { streams: 0, listeners: 0, operations: 0 };
