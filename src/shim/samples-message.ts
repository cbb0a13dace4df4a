/**
 * One tick, and in it only what is new since the tick before (sample-delta.ts): most figures of most workers are what they were.
 * `fast` is flat pairs `handle, rssBytes` (statm, every tick); `slow` holds one row per worker whose status, stat and children were read
 * in this tick, encoded by samples.ts. Flat numbers: parsing 100 objects four times a second costs more than reading /proc (launching.md).
 */
export interface SamplesMessage {
  type: 'samples';
  at: number;
  wall: number;
  fast: number[];
  slow: (number | null)[][];
  /** One row per gated worker whose counters changed, encoded by samples.ts. */
  gates?: (number | null)[][];
  /** `[handle, why]`: PHP's own heap is not known any more, or null: it is. Told when it changes. */
  zendWhy?: [handle: number, why: string | null][];
  /** Handles whose row was read again and is as it was told before. Absent, like `unread`: a shim that tells everything each tick. */
  slowSame?: number[];
  /** Handles that could not be read: gone, or about to be. All others were read now, told or not. */
  unread?: number[];
}
