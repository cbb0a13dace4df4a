/**
 * Numbers in bytes that are known to be there. Buffer's own readers check their arguments each time, which was more than half of what
 * a message cost in the short ways (delivery-lane.ts); these check nothing, and read past the end as 0.
 */
export const byteAt = (bytes: Buffer, at: number): number => bytes[at] ?? 0;
export const shortAt = (bytes: Buffer, at: number): number => (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1);
export const longAt = (bytes: Buffer, at: number): number =>
  ((shortAt(bytes, at) << 16) | shortAt(bytes, at + 2)) >>> 0;
/** As a number: exact up to 2^53. */
export const longLongAt = (bytes: Buffer, at: number): number => longAt(bytes, at) * 2 ** 32 + longAt(bytes, at + 4);
