/**
 * A process of its own, as the shim is one, that reads the given processes until it is ended: at first many times as often, then, warm, at
 * its pace, which it says with a first answer. Each message is answered with what it has cost so far. Arguments: `sampler` or `bare`,
 * milliseconds between readings, milliseconds to warm up, PIDs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { bareLoop, samplerLoop } from './loops.ts';

const WARM_INTERVAL_MS = 4;

export interface Spent {
  /** CPU, user and system, all threads. */
  microseconds: number;
  samples: number;
}

const [kind, ...words] = process.argv.slice(2);
const [intervalMs = 0, warmMs = 0, ...pids] = words.map(Number);
const loop = (kind === 'bare' ? bareLoop : samplerLoop)(pids, {
  intervalMs,
  lapse: intervalMs / WARM_INTERVAL_MS,
});

const answer = (): void => {
  const { user, system } = process.cpuUsage();
  process.send?.({ microseconds: user + system, samples: loop.samples() } satisfies Spent);
};

await pause(warmMs);
loop.settle();
process.on('message', answer);
process.once('disconnect', () => process.exit());
answer();
