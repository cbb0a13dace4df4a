/** 100 workers that take 5 s to stop. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, startOurs } from '../ours.ts';
import { onEnd } from '../cleanup.ts';
import type { Bench, Part } from '../part.ts';
import { ABSENT, startPeer } from '../peer.ts';
import { medianAtMost } from '../row.ts';
import { command } from '../scripts.ts';
import { secondsSince, untilBooted } from '../timing.ts';

const WORKERS = 100;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return secondsSince(began);
};

const ours = async (bench: Bench, mark: string): Promise<{ stop: number; shutdown: number }> => {
  const { site, end } = await startOurs({
    w: {
      command: command(bench.scripts, 'slow.php'),
      workers: WORKERS,
      environment: { MARK: mark },
      start: { seconds: '100ms' },
      recycle: { stopTimeout: '30s' },
    },
  });
  await untilBooted(mark, WORKERS);
  bench.progress('stop all');
  const stop = await timed(() => cli(site, 'stop', 'all'));
  await cli(site, 'start', 'all');
  await untilBooted(mark, 2 * WORKERS);
  bench.progress('shutdown');
  const shutdown = await timed(() => cli(site, 'shutdown'));
  await end();
  return { stop, shutdown };
};

const supervisord = async (bench: Bench, mark: string): Promise<number[]> => {
  const options = { command: command(bench.scripts, 'slow.php'), count: WORKERS, environment: { MARK: mark } };
  const run = startPeer(options);
  if (run === null) return [];
  await untilBooted(mark, WORKERS);
  await run.untilRunning();
  bench.progress('supervisorctl stop all');
  const seconds = await timed(() => run.ctl('stop', 'all'));
  await run.end();
  return [seconds];
};

/** What no supervisor can beat: a hundred children of this process, signalled and waited for. */
const bare = async (bench: Bench, mark: string): Promise<number> => {
  const [php = '', ...words] = command(bench.scripts, 'slow.php');
  const children = Array.from({ length: WORKERS }, () =>
    spawn(php, words, { stdio: 'ignore', env: { ...process.env, MARK: mark } }),
  );
  const tidy = onEnd(() => children.forEach((child) => child.kill('SIGKILL')));
  await untilBooted(mark, WORKERS);
  bench.progress('signal and wait');
  const gone = Promise.all(children.map((child) => once(child, 'exit')));
  const seconds = await timed(async () => {
    for (const child of children) child.kill('SIGTERM');
    await gone;
  });
  await tidy();
  return seconds;
};

export const stop: Part = {
  name: 'stop',
  about: `stopping ${WORKERS} PHP workers that take 5 s to stop`,
  run: async (bench) => {
    const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-mark-'));
    const tidy = onEnd(() => rmSync(root, { recursive: true, force: true }));
    const times = await ours(bench, join(root, 'ours'));
    const theirs = await supervisord(bench, join(root, 'theirs'));
    const floor = await bare(bench, join(root, 'bare'));
    await tidy();
    const common = { unit: 's', digits: 2, note: null };
    const peer = { name: 'supervisord', values: theirs, absent: ABSENT };
    const what = `stop all: ${WORKERS} workers that take 5 s each`;
    return [
      { ...common, what, ours: [times.stop], peer, goal: medianAtMost([times.stop], 6) },
      {
        ...common,
        what: 'the same',
        ours: [times.stop],
        peer: { name: 'signal and wait', values: [floor] },
        goal: null,
      },
      { ...common, what: 'shutdown of the same', ours: [times.shutdown], peer: null, goal: null },
    ];
  },
};
