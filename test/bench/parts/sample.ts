/** What a sample costs with everything on: /proc, the Zend heap, PSS, the message to the controller, its store, the trend. In this process. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { GrowthWatch } from '../../../src/controller/growth-watch.ts';
import { SampleStore } from '../../../src/controller/sample-store.ts';
import { readStat } from '../../../src/linux/process-identity.ts';
import type { SamplesMessage } from '../../../src/shim/samples-message.ts';
import { Sampler } from '../../../src/shim/sampler.ts';
import { Driven } from '../../unit/core/driven.ts';
import { endAll, onEnd } from '../cleanup.ts';
import type { Bench, Part } from '../part.ts';
import { medianAtMost } from '../row.ts';
import type { Row } from '../row.ts';
import { command } from '../scripts.ts';

const GIB = 2 ** 30;
const CEILINGS = { softBytes: GIB, hardBytes: 2 * GIB, killBytes: 3 * GIB, metric: 'rss' } as const;
const GROWTH = { windowMs: 1_200_000, horizonMs: 600_000, action: 'recycle' } as const;
const SETTLE_MS = 5_000;
const WARM_MS = 8_000;
const WARM_INTERVAL_MS = 4;
const BUSY = 60;

interface Cost {
  microseconds: number;
  samples: number;
  elapsedMs: number;
}

const measure = async (pids: readonly number[], intervalMs: number, seconds: number): Promise<Cost> => {
  const { state } = Driven.up({ ceilings: CEILINGS, growth: GROWTH });
  const [store, growth] = [new SampleStore(), new GrowthWatch()];
  let samples = 0;
  const take = (message: SamplesMessage): void => {
    // Over the socket it goes as a line of JSON.
    const heard = JSON.parse(JSON.stringify(message)) as SamplesMessage;
    for (const tracked of store.update(heard)) {
      growth.judge(state, tracked, heard.at);
      samples += 1;
    }
  };
  const sampler = new Sampler(WARM_INTERVAL_MS, { crossed: () => undefined, samples: take, wantsSamples: () => true });
  for (const [handle, pid] of pids.entries()) {
    const startTime = readStat(pid)?.startTime;
    if (startTime === undefined) throw new Error(`pid ${pid} is gone`);
    store.track(handle, `shop:0#${handle + 1}`);
    sampler.add(handle, { pid, startTime }, { ceilings: CEILINGS, gate: null });
  }
  // A supervisor runs for weeks: what is measured is code that Node has compiled.
  await pause(WARM_MS);
  sampler.setInterval(intervalMs);
  await pause(2 * intervalMs);
  const [before, began] = [process.cpuUsage(), performance.now()];
  samples = 0;
  await pause(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  const elapsedMs = performance.now() - began;
  sampler.close();
  return { microseconds: user + system, samples, elapsedMs };
};

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

const rowsOf = async ({ quick, scripts, progress }: Bench): Promise<Row[]> => {
  const seconds = quick ? 10 : 30;
  progress(`${BUSY} busy PHP workers every 250 ms`);
  const pids = await started(command(scripts, 'busy.php'), BUSY);
  const alone = await measure(pids.slice(0, 1), 250, seconds);
  const busy = await measure(pids, 250, seconds);
  await endAll();
  progress('1,000 processes every second');
  const many = await measure(await started(['sleep', '600'], 1_000), 1_000, seconds);
  const each = [(busy.microseconds - alone.microseconds) / (busy.samples - alone.samples)];
  const share = [many.microseconds / many.elapsedMs / 10];
  const common = { peer: null, digits: 1 };
  return [
    {
      ...common,
      what: 'CPU of each further busy PHP worker and sample, everything on (full readings once a second)',
      unit: 'µs',
      ours: each,
      goal: medianAtMost(each, 20),
      note: `${BUSY} workers: ${(busy.microseconds / busy.samples).toFixed(1)} µs a sample; a tick of one worker takes ${(alone.microseconds / alone.samples).toFixed(0)} µs; ${seconds} s`,
    },
    {
      ...common,
      what: '1,000 idle processes read every second, shim and controller work together',
      unit: '% of a core',
      ours: share,
      goal: medianAtMost(share, 3),
      note: `${many.samples} samples, ${seconds} s; ${(many.microseconds / many.samples).toFixed(1)} µs each`,
    },
  ];
};

export const sample: Part = {
  name: 'sample',
  about: 'CPU of a sample with everything on; 1,000 processes every second',
  run: rowsOf,
};
