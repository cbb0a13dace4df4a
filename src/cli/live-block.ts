/**
 * A block of lines at the bottom of a terminal that is redrawn in place while text scrolls above it. No alternate screen and no
 * hidden cursor, so whatever ends the process leaves a usable terminal. Pure but for its own memory: returns what to write.
 *
 * The cursor rests at the first column below the block. A redraw goes up over the old block, writes what scrolls, then the new
 * block; each line clears its own rest, so nothing flickers.
 */
import { displayWidth } from './width.ts';

export interface LiveBlock {
  /** `above`: lines that scroll; `block`: the new block, each line narrower than `columns`. */
  draw(above: readonly string[], block: readonly string[], columns: number): string;
}

const CLEAR_REST = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export function createLiveBlock(): LiveBlock {
  let widths: number[] = [];
  return {
    draw(above, block, columns) {
      // A terminal that became narrower has rewrapped the old lines: they take more rows now than when they were written.
      const height = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / Math.max(1, columns))), 0);
      widths = block.map(displayWidth);
      const up = height === 0 ? '' : `\u001b[${height}A`;
      const lines = [...above, ...block].map((line) => `${line}${CLEAR_REST}\n`).join('');
      return `\r${up}${lines}${CLEAR_BELOW}`;
    },
  };
}
