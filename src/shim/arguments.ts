import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';
import { FIRST_SLOT, LAST_SLOT } from '../linux/shim-slots.ts';
import { MAX_INTERVAL_MS, MIN_INTERVAL_MS } from './messages.ts';

export interface ShimArguments {
  stateDir: string;
  /** linux/shim-slots.ts */
  slot: number;
  samplingMs: number;
}

const DEFAULT_SAMPLING_MS = 250;

/** Parse `--state-dir DIR [--slot N] [--sampling MS]`; throws a sentence. */
export function parseShimArguments(argv: readonly string[]): ShimArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'state-dir': { type: 'string' }, slot: { type: 'string' }, sampling: { type: 'string' } },
  });
  const stateDir = values['state-dir'];
  if (stateDir === undefined || !isAbsolute(stateDir)) {
    throw new Error(`--state-dir: expected an absolute path, found ${stateDir ?? 'nothing'}.`);
  }
  const samplingMs = Number(values.sampling ?? DEFAULT_SAMPLING_MS);
  if (!(samplingMs >= MIN_INTERVAL_MS && samplingMs <= MAX_INTERVAL_MS)) {
    throw new Error(`--sampling: expected milliseconds from ${MIN_INTERVAL_MS}, found ${values.sampling}.`);
  }
  const slot = Number(values.slot ?? FIRST_SLOT);
  if (!(Number.isInteger(slot) && slot >= FIRST_SLOT && slot <= LAST_SLOT)) {
    throw new Error(`--slot: expected a number from ${FIRST_SLOT} to ${LAST_SLOT}, found ${values.slot}.`);
  }
  return { stateDir, slot, samplingMs };
}
