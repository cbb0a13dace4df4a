/**
 * Takes terminal escape sequences (ECMA-48: CSI, OSC and the other strings, two-character escapes) out of a stream of bytes, also where
 * chunks cut them apart. All other bytes stay as they are, valid UTF-8 or not. A newline always stays: a sequence that was begun and
 * never ended costs at most the rest of its line.
 */

const BEL = 0x07;
const NEWLINE = 0x0a;
const ESCAPE = 0x1b;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
/** `] P X ^ _`: OSC, DCS, SOS, PM, APC. */
const STRINGS = new Set([0x5d, 0x50, 0x58, 0x5e, 0x5f]);

/** Where in a sequence the stream is. `stringEscape`: perhaps at the end of a string. */
type Inside = 'escape' | 'intermediate' | 'csi' | 'string' | 'stringEscape';

/** `over`: this byte was the last of the sequence. `broken`: it belongs to none, and the sequence ends before it. */
type Next = Inside | 'over' | 'broken';

export class AnsiStripper {
  #inside: Inside | null = null;

  /** What of `chunk` belongs to no sequence; `chunk` itself where that is all of it. */
  push(chunk: Buffer): Buffer {
    if (this.#inside === null && !chunk.includes(ESCAPE)) return chunk;
    const kept: Buffer[] = [];
    for (let at = 0; at < chunk.length;) {
      if (this.#inside === null) {
        const found = chunk.indexOf(ESCAPE, at);
        const end = found < 0 ? chunk.length : found;
        kept.push(chunk.subarray(at, end));
        if (found >= 0) this.#inside = 'escape';
        at = end + 1;
      } else {
        const next = follow(this.#inside, chunk[at] ?? 0);
        this.#inside = next === 'over' || next === 'broken' ? null : next;
        if (next !== 'broken') at += 1;
      }
    }
    return Buffer.concat(kept);
  }
}

function follow(inside: Inside, byte: number): Next {
  if (byte === NEWLINE) return 'broken';
  if (inside === 'stringEscape' && byte === BACKSLASH) return 'over';
  if (inside === 'string') return byte === BEL ? 'over' : byte === ESCAPE ? 'stringEscape' : 'string';
  if (byte === ESCAPE) return 'escape';
  if (byte < 0x20 || byte > 0x7e) return 'broken';
  if (inside === 'csi') return byte < 0x40 ? 'csi' : 'over';
  if (byte < 0x30) return 'intermediate';
  if (inside === 'intermediate') return 'over';
  if (byte === BRACKET) return 'csi';
  return STRINGS.has(byte) ? 'string' : 'over';
}
