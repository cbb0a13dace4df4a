/** One line on a terminal that is written over in place, and leaves nothing behind. */
import type { Output } from './context.ts';
import { truncate } from './width.ts';

export interface Progress {
  /** Null: nothing to say right now. */
  show(text: string | null): void;
  clear(): void;
}

export function createProgress(output: Output): Progress {
  let visible = false;
  const clear = (): void => {
    if (visible) output.write('\r\u001b[K');
    visible = false;
  };
  return {
    show(text) {
      clear();
      if (text === null) return;
      const { columns, unicode } = output.terminal;
      // One column less: a full line would wrap, and could not be taken back.
      output.write(truncate(text, columns - 1, unicode ? '…' : '~'));
      visible = true;
    },
    clear,
  };
}
