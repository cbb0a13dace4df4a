/** A worker is killed: how long until its successor runs the worker's program (exec done)? */
import { setTimeout as pause } from 'node:timers/promises';
import { signalQuietly } from '../../e2e/controller/site.ts';
import { shimPid, startOurs } from '../ours.ts';
import type { Part } from '../part.ts';
import { ABSENT, startPeer } from '../peer.ts';
import { childrenOf, nameOf } from '../proc.ts';
import { medianAtMost } from '../row.ts';
import { command } from '../scripts.ts';
import { until } from '../timing.ts';

const WORKERS = 12;
/** So that no death falls into the same moment of a supervisor's own clock. */
const GAP_MS = 330;

/** Kill each worker once; milliseconds from each kill until a new child of the supervisor is PHP. */
const killEach = async (supervisor: number): Promise<number[]> => {
  const times: number[] = [];
  const isPhp = (pid: number): boolean => nameOf(pid) === 'php';
  for (const pid of childrenOf(supervisor).filter(isPhp)) {
    await pause(GAP_MS);
    const before = new Set(childrenOf(supervisor));
    const began = performance.now();
    signalQuietly(pid, 'SIGKILL');
    const isNew = (child: number): boolean => !before.has(child) && isPhp(child);
    await until(() => childrenOf(supervisor).some(isNew), 'a new process runs', { everyMs: 1 });
    times.push(performance.now() - began);
  }
  return times;
};

export const respawn: Part = {
  name: 'respawn',
  about: `SIGKILL to each of ${WORKERS} workers, until the new process runs PHP`,
  run: async (bench) => {
    const php = command(bench.scripts, 'idle.php');
    const site = await startOurs({ w: { command: php, workers: WORKERS, start: { seconds: '100ms' } } });
    await pause(500);
    const ours = await killEach(await shimPid(site.site));
    await site.end();
    const supervisord = startPeer({ command: php, count: WORKERS });
    await supervisord?.untilRunning();
    const values = supervisord === null ? [] : await killEach(supervisord.pid);
    await supervisord?.end();
    const peer = { name: 'supervisord', values, absent: ABSENT };
    const what = 'respawn after SIGKILL';
    return [{ what, unit: 'ms', digits: 0, ours, peer, goal: medianAtMost(ours, 50), note: null }];
  },
};
