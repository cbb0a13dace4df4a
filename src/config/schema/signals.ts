/** Signals that may end a worker, without SIG. */
import { refuse } from '../parsed.ts';
import { choice } from './kinds.ts';
import type { Kind } from './leaf.ts';

const STOP_SIGNALS = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'ALRM', 'WINCH', 'ABRT', 'KILL'] as const;

const words = choice(STOP_SIGNALS);

/** `TERM`; `SIGTERM` and `term` are refused with the right word. */
export const stopSignal: Kind<(typeof STOP_SIGNALS)[number]> = {
  ...words,
  type: 'signal without SIG',
  read(text) {
    const bare = words.read(text.toUpperCase().replace(/^SIG/, ''));
    if (bare.ok && bare.value !== text) return refuse(words.expected, bare.value);
    return bare.ok ? bare : words.read(text);
  },
};
