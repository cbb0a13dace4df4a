/**
 * A process of its own, as the shim is one, that reads the given processes until it is ended: at first many times as often, then, when it
 * is told to, at its pace. Each message is answered with what it has cost so far. Arguments: `sampler` or `bare`, milliseconds between
 * readings, PIDs.
 */
import { bareLoop, samplerLoop } from './loops.ts';

/** Full readings are further apart than a busy worker sleeps (scripts.ts): it has run before each. Not before every other one, which then costs less. */
const HOT_INTERVAL_MS = 8;

export type Message = 'spent' | 'settle';

export interface Spent {
  /** CPU, user and system, all threads. */
  microseconds: number;
  samples: number;
}

const [kind, ...words] = process.argv.slice(2);
const [intervalMs = 0, ...pids] = words.map(Number);
const loop = (kind === 'bare' ? bareLoop : samplerLoop)(pids, {
  intervalMs,
  lapse: intervalMs / HOT_INTERVAL_MS,
});

const answer = (): void => {
  const { user, system } = process.cpuUsage();
  process.send?.({ microseconds: user + system, samples: loop.samples() } satisfies Spent);
};

process.on('message', (message: Message) => {
  if (message === 'settle') loop.settle();
  answer();
});
process.once('disconnect', () => process.exit());
