/** Starts a sampling process (sampling.ts) and asks it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { FRUGAL } from '../../../src/controller/shim-process.ts';
import { going, onEnd } from '../cleanup.ts';
import { beside } from '../files.ts';
import type { Spent } from './sampling.ts';

export type Kind = 'sampler' | 'bare';

export interface Pace {
  intervalMs: number;
  warmMs: number;
}

/** Of one that is warm: what it has spent so far. */
export type Ask = () => Promise<Spent>;

/** Resolves when it is warm. */
export const startSampling = async (kind: Kind, pids: readonly number[], pace: Pace): Promise<Ask> => {
  going();
  const words = [pace.intervalMs, pace.warmMs, ...pids].map(String);
  const child = fork(beside('sampling.mjs'), [kind, ...words], { execArgv: FRUGAL });
  const gone = once(child, 'exit');
  onEnd(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const next = async (): Promise<Spent> => {
    const answered = once(child, 'message').then(([spent]) => spent as Spent);
    return Promise.race([answered, gone.then(() => Promise.reject(new Error(`the process that samples ended`)))]);
  };
  await next();
  return () => {
    child.send('spent');
    return next();
  };
};

/** What was spent from `before` to `after`. */
export const between = (before: Spent, after: Spent): Spent => ({
  microseconds: after.microseconds - before.microseconds,
  samples: after.samples - before.samples,
});
