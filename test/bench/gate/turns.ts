/** Queues worked off along each way in turn, another way first in each round. */
import { setTimeout as pause } from 'node:timers/promises';
import { fineCpuSeconds } from '../proc.ts';
import type { Library } from './agent.ts';
import { fillQueue } from './fill.ts';
import type { Way, Ways } from './ways.ts';

export interface Setting {
  library: Library;
  prefetch: number;
  count: number;
  /** Of each body. */
  bytes: number;
  workUs: number;
}

export interface Run {
  /** Messages a second. */
  rate: number;
  /** Microseconds of CPU a message in the process that carries it; null where there is none. */
  cpu: number | null;
}

export type Runs = Record<Way['name'], Run[]>;

/** Before it is measured, a process has carried this many messages of each library and prefetch: V8 optimises what has run for long. */
const WARM_UP = 5_000;
const IDLE_SECONDS = 3;

export const nameOf = (library: Library): string => (library === 'php' ? 'php-amqplib' : 'ext-amqp');
export const rates = (runs: readonly Run[]): number[] => runs.map(({ rate }) => rate);
export const cpus = (runs: readonly Run[]): number[] => runs.map(({ cpu }) => cpu).filter((cpu) => cpu !== null);

const workOff = async ({ messages }: Ways, { agent, pid }: Way, setting: Setting): Promise<Run> => {
  const { library, prefetch, count, bytes, workUs } = setting;
  const queue = `bench-${bytes}`;
  await fillQueue(messages, queue, count, bytes);
  await agent.open(library);
  const before = pid === null ? null : fineCpuSeconds(pid);
  const seconds = await agent.consume({ queue, prefetch, count, workUs });
  const cpu = pid === null || before === null ? null : ((fineCpuSeconds(pid) - before) / count) * 1e6;
  await agent.close();
  return { rate: count / seconds, cpu };
};

/** Milliseconds of CPU a second while nothing is carried: what the process does besides, which is in each `cpu` as well. */
export const idleCpu = async ({ pid }: Way): Promise<number[]> => {
  if (pid === null) return [];
  const before = fineCpuSeconds(pid);
  await pause(IDLE_SECONDS * 1000);
  return [((fineCpuSeconds(pid) - before) / IDLE_SECONDS) * 1000];
};

export const warmUp = async (ways: Ways): Promise<void> => {
  for (const library of ways.gate.agent.libraries) {
    for (const way of [ways.forwarder, ways.gate]) {
      for (const prefetch of [1, 10, 250])
        await workOff(ways, way, { library, prefetch, count: WARM_UP, bytes: 100, workUs: 0 });
    }
  }
};

export const takeTurns = async (ways: Ways, setting: Setting, rounds: number): Promise<Runs> => {
  const runs: Runs = { direct: [], forwarder: [], gate: [] };
  const order = [ways.forwarder, ways.gate, ways.direct];
  for (let round = 0; round < rounds; round += 1) {
    for (const way of order) runs[way.name].push(await workOff(ways, way, setting));
    order.push(...order.splice(0, 1));
  }
  return runs;
};
