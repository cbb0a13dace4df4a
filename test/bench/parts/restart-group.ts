/** A person restarts three workers of which one has a job of 8 s in hand: for how long are the two idle ones missing? */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '../../e2e/controller/site.ts';
import { onEnd } from '../cleanup.ts';
import { cli, startOurs } from '../ours.ts';
import type { Bench, Part } from '../part.ts';
import { ABSENT, startPeer } from '../peer.ts';
import { medianAtMost } from '../row.ts';
import { command } from '../scripts.ts';
import { secondsSince, untilBooted } from '../timing.ts';

const WORKERS = 3;
const LOOK_MS = 5;

const pidsIn = (path: string): number[] => readFileSync(path, 'utf8').trim().split('\n').map(Number);

/** Seconds, while `work` goes on, in which fewer than two booted workers live besides the one with the job. */
const missing = async (mark: string, work: Promise<unknown>): Promise<number> => {
  const [busy] = pidsIn(`${mark}.busy`);
  const progress = { over: false };
  let [seconds, last] = [0, performance.now()];
  void work.finally(() => (progress.over = true));
  while (!progress.over) {
    const idle = pidsIn(mark).filter((pid) => pid !== busy && isAlive(pid)).length;
    if (idle < WORKERS - 1) seconds += secondsSince(last);
    last = performance.now();
    await pause(LOOK_MS);
  }
  await work;
  return seconds;
};

const ours = async (bench: Bench, mark: string, verb: 'restart' | 'recycle'): Promise<number> => {
  const shop = {
    command: command(bench.scripts, 'job.php'),
    workers: WORKERS,
    environment: { MARK: mark },
    start: { seconds: '200ms' },
    recycle: { stopTimeout: '30s' },
  };
  const { site, end } = await startOurs({ w: shop });
  await untilBooted(mark, WORKERS);
  bench.progress(`${verb} w`);
  const seconds = await missing(mark, cli(site, verb, 'w'));
  await end();
  return seconds;
};

const supervisord = async (bench: Bench, mark: string): Promise<number[]> => {
  const run = startPeer({ command: command(bench.scripts, 'job.php'), count: WORKERS, environment: { MARK: mark } });
  if (run === null) return [];
  await untilBooted(mark, WORKERS);
  await run.untilRunning();
  bench.progress('supervisorctl restart w:*');
  const seconds = await missing(mark, run.ctl('restart', 'w:*'));
  await run.end();
  return [seconds];
};

export const restartGroup: Part = {
  name: 'restart-group',
  about: `${WORKERS} workers are restarted, one of them with a job of 8 s in hand`,
  run: async (bench) => {
    const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-mark-'));
    const tidy = onEnd(() => rmSync(root, { recursive: true, force: true }));
    const restarted = [await ours(bench, join(root, 'restart'), 'restart')];
    const recycled = [await ours(bench, join(root, 'recycle'), 'recycle')];
    const peer = { name: 'supervisord', values: await supervisord(bench, join(root, 'theirs')), absent: ABSENT };
    await tidy();
    const common = { unit: 's', digits: 2, peer, note: null };
    return [
      {
        ...common,
        what: 'restart: idle siblings of a job of 8 s missing',
        ours: restarted,
        goal: medianAtMost(restarted, 0.5),
      },
      { ...common, what: 'the same by recycle', ours: recycled, goal: medianAtMost(recycled, 0) },
    ];
  },
};
