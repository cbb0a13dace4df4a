/** Three programs that ignore SIGTERM: a supervisor that stops one after the other takes three times as long as one that does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, signalQuietly } from '../../e2e/controller/site.ts';
import { onEnd } from '../cleanup.ts';
import { startOurs } from '../ours.ts';
import type { Bench, Part } from '../part.ts';
import { ABSENT, startPeer } from '../peer.ts';
import { medianAtMost } from '../row.ts';
import { command } from '../scripts.ts';
import { secondsSince, until, untilBooted } from '../timing.ts';

const PROGRAMS = 3;
const STOP_SECONDS = 5;

const ours = async (bench: Bench, mark: string): Promise<number> => {
  const program = {
    command: command(bench.scripts, 'stubborn.php'),
    environment: { MARK: mark },
    start: { seconds: '100ms' },
    recycle: { stopTimeout: `${STOP_SECONDS}s` },
  };
  const { site, end } = await startOurs({ a: program, b: program, c: program });
  await untilBooted(mark, PROGRAMS);
  const { pid } = (await site.client.status([])).controller;
  const began = performance.now();
  signalQuietly(pid, 'SIGTERM');
  await until(() => !isAlive(pid), 'it is gone');
  const seconds = secondsSince(began);
  await end();
  return seconds;
};

/** Both by SIGTERM: `supervisorctl shutdown` answers at once, and it is over when the daemon is gone. */
const supervisord = async (bench: Bench, mark: string): Promise<number[]> => {
  const stubborn = { command: command(bench.scripts, 'stubborn.php'), environment: { MARK: mark } };
  const run = startPeer({ ...stubborn, count: 1, programs: PROGRAMS, stopSeconds: STOP_SECONDS });
  if (run === null) return [];
  await untilBooted(mark, PROGRAMS);
  await run.untilRunning();
  const began = performance.now();
  await run.end();
  return [secondsSince(began)];
};

export const shutdown: Part = {
  name: 'shutdown',
  about: `shutdown of ${PROGRAMS} programs that ignore SIGTERM, with ${STOP_SECONDS} s until SIGKILL`,
  run: async (bench) => {
    const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-mark-'));
    const tidy = onEnd(() => rmSync(root, { recursive: true, force: true }));
    const own = [await ours(bench, join(root, 'ours'))];
    const peer = { name: 'supervisord', values: await supervisord(bench, join(root, 'theirs')), absent: ABSENT };
    await tidy();
    const what = `shutdown: ${PROGRAMS} programs that ignore SIGTERM, ${STOP_SECONDS} s each`;
    return [{ what, unit: 's', digits: 2, ours: own, peer, goal: medianAtMost(own, 5.5), note: null }];
  },
};
