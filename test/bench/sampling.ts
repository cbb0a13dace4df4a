/** A sampler over living processes, all that a controller does with its samples included; and, to hold against it, the bare readings. */
import { setTimeout as pause } from 'node:timers/promises';
import { GrowthWatch } from '../../src/controller/growth-watch.ts';
import { SampleStore } from '../../src/controller/sample-store.ts';
import { readStat } from '../../src/linux/process-identity.ts';
import { ProcFile } from '../../src/linux/proc-file.ts';
import type { SamplesMessage } from '../../src/shim/samples-message.ts';
import { Sampler } from '../../src/shim/sampler.ts';
import { Driven } from '../unit/core/driven.ts';

const GIB = 2 ** 30;
const CEILINGS = { softBytes: GIB, hardBytes: 2 * GIB, killBytes: 3 * GIB, metric: 'rss' } as const;
const GROWTH = { windowMs: 1_200_000, horizonMs: 600_000, action: 'recycle' } as const;
const WARM_INTERVAL_MS = 4;
/** As in sampler.ts: every so many readings all is read. */
const FULL_EVERY = 4;

export interface Pace {
  intervalMs: number;
  seconds: number;
  warmMs: number;
}

export interface Cost {
  microseconds: number;
  samples: number;
  elapsedMs: number;
}

/** CPU of this process from now on for `seconds`; `samples` begins at nothing with it. */
const measured = async (seconds: number, count: { samples: number }): Promise<Cost> => {
  const [before, began] = [process.cpuUsage(), performance.now()];
  count.samples = 0;
  await pause(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return { microseconds: user + system, samples: count.samples, elapsedMs: performance.now() - began };
};

/** A supervisor runs for weeks: for `warmMs` it is run until Node has compiled it and the Zend heaps are found. */
export const sampled = async (pids: readonly number[], { intervalMs, seconds, warmMs }: Pace): Promise<Cost> => {
  const { state } = Driven.up({ ceilings: CEILINGS, growth: GROWTH });
  const [store, growth] = [new SampleStore(), new GrowthWatch()];
  const count = { samples: 0 };
  const take = (message: SamplesMessage): void => {
    // Over the socket it goes as a line of JSON.
    const heard = JSON.parse(JSON.stringify(message)) as SamplesMessage;
    for (const tracked of store.update(heard)) {
      growth.judge(state, tracked, heard.at);
      count.samples += 1;
    }
  };
  const sampler = new Sampler(WARM_INTERVAL_MS, { crossed: () => undefined, samples: take, wantsSamples: () => true });
  for (const [handle, pid] of pids.entries()) {
    const startTime = readStat(pid)?.startTime;
    if (startTime === undefined) throw new Error(`pid ${pid} is gone`);
    store.track(handle, `shop:0#${handle + 1}`);
    sampler.add(handle, { pid, startTime }, { ceilings: CEILINGS, gate: null });
  }
  await pause(warmMs);
  sampler.setInterval(intervalMs);
  await pause(2 * intervalMs);
  const cost = await measured(seconds, count);
  sampler.close();
  return cost;
};

/** As often, the kernel's files alone, and nothing made of them: `statm`, every fourth time `status`, `stat` and `children` in its place. */
export const bare = async (pids: readonly number[], { intervalMs, seconds, warmMs }: Pace): Promise<Cost> => {
  const open = (pid: number, name: string): ProcFile => new ProcFile(`/proc/${pid}/${name}`);
  const workers = pids.map((pid) => ({
    quick: open(pid, 'statm'),
    full: [open(pid, 'status'), open(pid, 'stat'), open(pid, `task/${pid}/children`)],
  }));
  const buffer = Buffer.allocUnsafe(64 * 1024);
  const count = { samples: 0 };
  let tick = 0;
  const timer = setInterval(() => {
    tick += 1;
    for (const [index, { quick, full }] of workers.entries()) {
      if ((tick + index) % FULL_EVERY === 0) for (const file of full) file.read(buffer);
      else quick.read(buffer);
      count.samples += 1;
    }
  }, intervalMs);
  await pause(warmMs);
  const cost = await measured(seconds, count);
  clearInterval(timer);
  for (const { quick, full } of workers) for (const file of [quick, ...full]) file.close();
  return cost;
};
