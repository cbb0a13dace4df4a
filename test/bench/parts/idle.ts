/** What the supervision of many idle PHP workers costs: CPU, memory, and a look at it with `status`. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Site } from '../../e2e/controller/site.ts';
import { cliArgv, startOurs } from '../ours.ts';
import type { Bench, Part } from '../part.ts';
import { ABSENT, startPeer } from '../peer.ts';
import { cpuSeconds } from '../proc.ts';
import { readPss } from '../pss.ts';
import { medianAtMost, spreadOf } from '../row.ts';
import type { Goal, Row } from '../row.ts';
import { command } from '../scripts.ts';
import { cpuOf } from '../timing.ts';

const MB = 1e6;
const INTERVAL_MS = 250;
const SETTLE_MS = 10_000;
const CADENCE_MS = 5_000;
/** CPU seconds are told for this window, whatever was measured. */
const TOLD_SECONDS = 120;
const GOALS: Record<number, { cpu: number; pssMb: number; statusCpu: number }> = {
  100: { cpu: 1.5, pssMb: 75, statusCpu: 0.15 },
  500: { cpu: Infinity, pssMb: 95, statusCpu: Infinity },
};

/** CPU seconds of each process, per TOLD_SECONDS. */
const cpuOver = async (pids: readonly number[], seconds: number): Promise<number[]> => {
  const before = pids.map(cpuSeconds);
  const began = performance.now();
  await pause(seconds * 1000);
  const elapsed = (performance.now() - began) / 1000;
  return pids.map((pid, index) => ((cpuSeconds(pid) - (before[index] ?? 0)) * TOLD_SECONDS) / elapsed);
};

/** Milliseconds between the readings of one worker, as `sampledAt` tells; apart from the CPU window, for asking costs. */
const cadence = async (site: Site): Promise<number[]> => {
  const seen: number[] = [];
  for (const until = performance.now() + CADENCE_MS; performance.now() < until; await pause(40)) {
    const at = Date.parse((await site.worker('w:0')).sampledAt ?? '');
    if (!Number.isNaN(at) && at !== seen.at(-1)) seen.push(at);
  }
  return seen.slice(1).map((at, index) => at - (seen[index] ?? at));
};

const goalOf = (values: readonly number[], limit: number): Goal | null =>
  Number.isFinite(limit) ? medianAtMost(values, limit) : null;
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const parts = (values: readonly number[], digits: number): string =>
  `controller ${values[0]?.toFixed(digits)}, shim ${values[1]?.toFixed(digits)}`;

const cost = async (site: Site, count: number, bench: Bench): Promise<Row[]> => {
  const { controller } = await site.client.status(['w:0']);
  if (controller.shimPid === null) throw new Error('there is no shim');
  const both = [controller.pid, controller.shimPid];
  const seconds = bench.quick || count > 100 ? 20 : TOLD_SECONDS;
  bench.progress(`CPU over ${seconds} s`);
  const cpu = await cpuOver(both, seconds);
  const pss = readPss(both);
  const gaps = await cadence(site);
  const { cpu: cpuGoal, pssMb } = GOALS[count] ?? { cpu: Infinity, pssMb: Infinity };
  const gap = spreadOf(gaps);
  const kept = `read every ${gap?.median.toFixed(0)} ms [${gap?.min.toFixed(0)} to ${gap?.max.toFixed(0)}] by sampledAt`;
  const common = { peer: null, ours: [] };
  const ours = [total(cpu)];
  const alone = [pss.aloneBytes / MB];
  const each = parts(
    pss.eachBytes.map((bytes) => bytes / MB),
    1,
  );
  return [
    {
      ...common,
      what: `${count} PHP workers every ${INTERVAL_MS} ms, both processes`,
      unit: 'CPU s / 120 s',
      digits: 2,
      ours,
      goal: goalOf(ours, cpuGoal),
      note: `${parts(cpu, 2)}; ${kept}; window ${seconds} s`,
    },
    {
      ...common,
      what: `PSS of both at ${count} workers, as if alone`,
      unit: 'MB',
      digits: 1,
      ours: alone,
      goal: goalOf(alone, pssMb),
      note: `as the kernel tells beside the Node of this bench: ${(pss.bytes / MB).toFixed(1)} (${each})`,
    },
  ];
};

const statusCost = async (site: Site, count: number, bench: Bench): Promise<Row> => {
  bench.progress('status and supervisorctl status');
  const run = startPeer({ command: command(bench.scripts, 'idle.php'), count });
  await run?.untilRunning();
  const ours = Array.from({ length: 10 }, () => cpuOf(cliArgv(site, 'status')));
  const theirs = run === null ? [] : Array.from({ length: 10 }, () => cpuOf(run.ctlArgv('status')));
  await run?.end();
  return {
    what: `\`status\` of ${count} workers`,
    unit: 'CPU s',
    digits: 3,
    ours,
    peer: { name: 'supervisorctl', values: theirs, absent: ABSENT },
    goal: goalOf(ours, GOALS[count]?.statusCpu ?? Infinity),
    note: null,
  };
};

export const idle = (name: string, count: number): Part => ({
  name,
  about: `${count} idle PHP workers read every ${INTERVAL_MS} ms: CPU, PSS, cadence`,
  run: async (bench) => {
    const php = command(bench.scripts, 'idle.php');
    const { site, end } = await startOurs({ w: { command: php, workers: count, start: { seconds: '100ms' } } });
    await pause(SETTLE_MS);
    const rows = await cost(site, count, bench);
    // supervisord runs out of descriptors with 500, and there is no goal for it.
    if (Number.isFinite(GOALS[count]?.statusCpu ?? Infinity)) rows.push(await statusCost(site, count, bench));
    await end();
    return rows;
  },
});
