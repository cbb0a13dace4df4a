/** What a sample costs with everything on: /proc, the Zend heap, PSS, the message to the controller, its store, the trend. In this process. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { endAll, onEnd } from '../cleanup.ts';
import type { Bench, Part } from '../part.ts';
import { medianAtMost } from '../row.ts';
import type { Row } from '../row.ts';
import { bare, sampled } from '../sampling.ts';
import type { Cost } from '../sampling.ts';
import { command } from '../scripts.ts';

const SETTLE_MS = 5_000;
/** The first of all, until Node has compiled it; later ones only find the heaps of the workers. */
const WARM_MS = 20_000;
const WARM_AGAIN_MS = 2_000;
const WORKERS = 60;
const FEW = 12;
const PACE = { intervalMs: 250, seconds: 10 };

const started = async (argv: readonly string[], count: number): Promise<number[]> => {
  const [program = '', ...words] = argv;
  const children: ChildProcess[] = [];
  const end = onEnd(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  for (let index = 0; index < count; index += 1) {
    const child = spawn(program, words, { stdio: 'ignore' });
    child.on('error', () => void end());
    children.push(child);
  }
  await pause(SETTLE_MS);
  return children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
};

const perSample = ({ microseconds, samples }: Cost): number => microseconds / samples;

/**
 * In turns, a few workers and all of them: the difference is what the others cost, without the tick itself. So many that each tick also
 * has full readings in both, whose code is loaded into the caches anew each time.
 */
const further = async (take: typeof sampled, pids: readonly number[], warmMs: number): Promise<number> => {
  const few = await take(pids.slice(0, FEW), { ...PACE, warmMs });
  const all = await take(pids, { ...PACE, warmMs });
  return (all.microseconds - few.microseconds) / (all.samples - few.samples);
};

const busyRow = async ({ quick, scripts, progress }: Bench): Promise<Row> => {
  progress(`${WORKERS} busy PHP workers every ${PACE.intervalMs} ms`);
  const pids = await started(command(scripts, 'busy.php'), WORKERS);
  for (const take of [sampled, bare]) await take(pids, { intervalMs: 4, seconds: 1, warmMs: WARM_MS });
  const [ours, readings]: [number[], number[]] = [[], []];
  for (let round = 1; round <= (quick ? 2 : 7); round += 1) {
    ours.push(await further(sampled, pids, WARM_AGAIN_MS));
    readings.push(await further(bare, pids, WARM_AGAIN_MS));
    progress(`round ${round}: ${ours.at(-1)?.toFixed(1)} µs, the bare readings ${readings.at(-1)?.toFixed(1)} µs`);
  }
  await endAll();
  return {
    what: 'CPU of each further busy PHP worker and sample, everything on (full readings once a second)',
    unit: 'µs',
    digits: 1,
    ours,
    peer: { name: 'the bare readings of /proc', values: readings },
    goal: medianAtMost(ours, 20),
    note: `${FEW} and ${WORKERS} workers, in turns of ${PACE.seconds} s; the bare readings are without the Zend heap`,
  };
};

const manyRow = async ({ quick, progress }: Bench): Promise<Row> => {
  progress('1,000 processes every second');
  const seconds = quick ? 10 : 30;
  const pids = await started(['sleep', '600'], 1_000);
  const many = await sampled(pids, { intervalMs: 1_000, seconds, warmMs: WARM_MS });
  await endAll();
  const share = [many.microseconds / many.elapsedMs / 10];
  return {
    what: '1,000 idle processes read every second, shim and controller work together',
    unit: '% of a core',
    digits: 1,
    ours: share,
    peer: null,
    goal: medianAtMost(share, 3),
    note: `${many.samples} samples, ${seconds} s; ${perSample(many).toFixed(1)} µs each`,
  };
};

export const sample: Part = {
  name: 'sample',
  about: 'CPU of a sample with everything on; 1,000 processes every second',
  run: async (bench) => [await busyRow(bench), await manyRow(bench)],
};
