import { AsciiReader } from './ascii.ts';

const reader = new AsciiReader(Buffer.alloc(0), 0);
const PSS = Buffer.from('\nPss:');
const PSS_ANON = Buffer.from('\nPss_Anon:');
const SWAP_PSS = Buffer.from('\nSwapPss:');

/** Proportional figures of /proc/PID/smaps_rollup (proc(5)); null: not given by this kernel. */
export interface SmapsRollup {
  pssBytes: number | null;
  pssAnonBytes: number | null;
  swapPssBytes: number | null;
}

/** Parse a smaps_rollup text. */
export function parseSmapsRollup(text: Buffer): SmapsRollup {
  return { pssBytes: value(text, PSS), pssAnonBytes: value(text, PSS_ANON), swapPssBytes: value(text, SWAP_PSS) };
}

function value(text: Buffer, name: Buffer): number | null {
  const at = text.indexOf(name);
  if (at < 0) return null;
  reader.reset(text, text.length, at + name.length);
  const kibibytes = reader.number();
  return kibibytes === null ? null : kibibytes * 1024;
}
