/** Starts a sampling process (sampling.ts) and asks it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { FRUGAL } from '../../../src/controller/shim-process.ts';
import { going, onEnd } from '../cleanup.ts';
import { beside } from '../files.ts';
import type { Message, Spent } from './sampling.ts';

export type Kind = 'sampler' | 'bare';

/** Says what it has spent so far; `settle`: it was warmed long enough, and goes on at its pace. */
export type Ask = (message?: Message) => Promise<Spent>;

export const startSampling = (kind: Kind, pids: readonly number[], intervalMs: number): Ask => {
  going();
  const child = fork(beside('sampling.mjs'), [kind, ...[intervalMs, ...pids].map(String)], { execArgv: FRUGAL });
  const gone = once(child, 'exit');
  onEnd(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  return (message = 'spent') => {
    const answered = once(child, 'message').then(([spent]) => spent as Spent);
    child.send(message);
    return Promise.race([answered, gone.then(() => Promise.reject(new Error('the process that samples ended')))]);
  };
};

/** What was spent from `before` to `after`. */
export const between = (before: Spent, after: Spent): Spent => ({
  microseconds: after.microseconds - before.microseconds,
  samples: after.samples - before.samples,
});
