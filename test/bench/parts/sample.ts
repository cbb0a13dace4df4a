/** What a sample costs with everything on: /proc, the Zend heap, PSS, the message to the controller, and what that does with it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { endAll, onEnd } from '../cleanup.ts';
import type { Bench, Part } from '../part.ts';
import { medianAtMost } from '../row.ts';
import type { Row } from '../row.ts';
import { between, startSampling } from '../sampling/start.ts';
import type { Ask, Kind } from '../sampling/start.ts';
import type { Spent } from '../sampling/sampling.ts';
import { command } from '../scripts.ts';

const SETTLE_MS = 5_000;
const WARM_MS = 30_000;
const WORKERS = 60;
/** So many that each tick also has full readings among them, whose code is loaded into the caches anew each time. */
const FEW = 12;
const INTERVAL_MS = 250;
const ROUND_MS = 6_000;
const ROUNDS = 7;
const MANY = 1_000;

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

const spentIn = async (asks: readonly Ask[], ms: number): Promise<Spent[]> => {
  const ask = (): Promise<Spent[]> => Promise.all(asks.map((one) => one()));
  const before = await ask();
  await pause(ms);
  return (await ask()).map((after, index) => between(before[index] ?? after, after));
};

/** What many cost more than a few in the same seconds: each further worker, without the tick itself. */
const further = ([few, many]: readonly Spent[]): number =>
  few === undefined || many === undefined
    ? Number.NaN
    : (many.microseconds - few.microseconds) / (many.samples - few.samples);

/** A row of some rounds: two samplers and two bare loops side by side, of a few workers and of all. */
const rounds = async (asks: readonly Ask[], how: string, { quick, progress }: Bench): Promise<Row> => {
  const [ours, readings]: [number[], number[]] = [[], []];
  for (let round = 1; round <= (quick ? 2 : ROUNDS); round += 1) {
    const spent = await spentIn(asks, ROUND_MS);
    ours.push(further(spent.slice(0, 2)));
    readings.push(further(spent.slice(2)));
    progress(`${how} ${round}: ${ours.at(-1)?.toFixed(1)} µs, the bare readings ${readings.at(-1)?.toFixed(1)} µs`);
  }
  return {
    what: `CPU of each further busy PHP worker and sample, everything on, ${how}`,
    unit: 'µs',
    digits: 1,
    ours,
    peer: { name: 'the bare readings of /proc', values: readings },
    goal: medianAtMost(ours, 20),
    note: `${FEW} and ${WORKERS} workers side by side, rounds of ${ROUND_MS / 1000} s; the bare readings are without the Zend heap`,
  };
};

const busyRows = async (bench: Bench): Promise<Row[]> => {
  bench.progress(`${WORKERS} busy PHP workers`);
  const pids = await started(command(bench.scripts, 'busy.php'), WORKERS);
  const start = (kind: Kind, count: number): Ask => startSampling(kind, pids.slice(0, count), INTERVAL_MS);
  const asks = [start('sampler', FEW), start('sampler', WORKERS), start('bare', FEW), start('bare', WORKERS)];
  await pause(WARM_MS);
  const hot = await rounds(asks, 'hot: read every 8 ms, full every 32', bench);
  await Promise.all(asks.map((ask) => ask('settle')));
  await pause(SETTLE_MS);
  const cold = await rounds(asks, `read every ${INTERVAL_MS} ms, full once a second`, bench);
  await endAll();
  return [hot, cold];
};

const manyRow = async ({ quick, progress }: Bench): Promise<Row> => {
  progress(`${MANY} processes every second`);
  const seconds = quick ? 10 : 20;
  const pids = await started(['sleep', '600'], MANY);
  const ask = startSampling('sampler', pids, 1_000);
  await pause(WARM_MS);
  await ask('settle');
  await pause(SETTLE_MS);
  const [spent] = await spentIn([ask], seconds * 1000);
  await endAll();
  const { microseconds, samples } = spent ?? { microseconds: Number.NaN, samples: 0 };
  const share = [microseconds / seconds / 10_000];
  return {
    what: '1,000 idle processes read every second, shim and controller work together',
    unit: '% of a core',
    digits: 1,
    ours: share,
    peer: null,
    goal: medianAtMost(share, 3),
    note: `${samples} samples, ${seconds} s; ${(microseconds / samples).toFixed(1)} µs each`,
  };
};

export const sample: Part = {
  name: 'sample',
  about: 'CPU of a sample with everything on; 1,000 processes every second',
  run: async (bench) => [...(await busyRows(bench)), await manyRow(bench)],
};
