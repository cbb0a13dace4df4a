/** Colours by meaning; a painter that knows whether colours are wanted. */
import type { WorkerStateName } from '../api/types.ts';

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, bold: 1, dim: 2 } as const;
export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

/** Ends every colour with a full reset, so that a cut line never bleeds. */
export function painter(colour: boolean): Paint {
  return (name, text) => (colour && text !== '' ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text);
}

export const STATE_COLOURS: Readonly<Record<WorkerStateName, Colour>> = {
  STOPPED: 'dim',
  STARTING: 'cyan',
  RUNNING: 'green',
  DRAINING: 'blue',
  BACKOFF: 'yellow',
  STOPPING: 'yellow',
  EXITED: 'red',
  FATAL: 'red',
};
