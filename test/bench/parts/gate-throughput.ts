/**
 * Throughput and CPU of the gate with workers that do nothing, by body, prefetch and library, next to a plain forwarder and to no hop
 * at all. The three take turns, another one first in each round.
 */
import type { Library } from '../gate/agent.ts';
import { fillQueue } from '../gate/fill.ts';
import { openWays } from '../gate/ways.ts';
import type { Way, Ways } from '../gate/ways.ts';
import type { Part } from '../part.ts';
import { fineCpuSeconds } from '../proc.ts';
import { medianAtMost, ratioAtLeast, ratioAtMost } from '../row.ts';
import type { Goal, Peer, Row } from '../row.ts';

interface Body {
  text: string;
  bytes: number;
  /** Messages of one run, by prefetch: about half a second. */
  counts: Record<number, number>;
  /** Least share of the forwarder's throughput; whether the aims hold for it. */
  goal: number;
  hasAims: boolean;
}

const BODIES = {
  gate100B: {
    text: '100 B',
    bytes: 100,
    counts: { 1: 1_500, 10: 4_000, 250: 6_000 },
    goal: 0.95,
    hasAims: true,
  },
  gate10KiB: {
    text: '10 KiB',
    bytes: 10_240,
    counts: { 1: 1_500, 10: 3_000, 250: 4_000 },
    goal: 0.95,
    hasAims: true,
  },
  gate1MiB: {
    text: '1 MiB',
    bytes: 1_048_576,
    counts: { 1: 100, 10: 100, 250: 100 },
    goal: 0.9,
    hasAims: false,
  },
} satisfies Record<string, Body>;
const PREFETCHES = [1, 10, 250];
/** Before it is measured, a process has carried this many messages of each library. */
const WARM_UP = 3_000;

interface Run {
  /** Messages a second. */
  rate: number;
  /** Microseconds of CPU a message in the process that carries it; null where there is none. */
  cpu: number | null;
}

interface Setting {
  library: Library;
  prefetch: number;
  count: number;
  bytes: number;
}

const once = async ({ messages }: Ways, { agent, pid }: Way, setting: Setting): Promise<Run> => {
  const { library, prefetch, count, bytes } = setting;
  const queue = `bench-${bytes}`;
  await fillQueue(messages, queue, count, bytes);
  await agent.open(library);
  const before = pid === null ? null : fineCpuSeconds(pid);
  const seconds = await agent.consume({ queue, prefetch, count, workUs: 0 });
  const cpu = pid === null || before === null ? null : ((fineCpuSeconds(pid) - before) / count) * 1e6;
  await agent.close();
  return { rate: count / seconds, cpu };
};

const warmUp = async (ways: Ways, libraries: readonly Library[]): Promise<void> => {
  for (const library of libraries)
    for (const way of [ways.forwarder, ways.gate])
      for (const prefetch of [1, 250]) await once(ways, way, { library, prefetch, count: WARM_UP, bytes: 100 });
};

const measure = async (ways: Ways, setting: Setting, rounds: number): Promise<Record<Way['name'], Run[]>> => {
  const runs: Record<Way['name'], Run[]> = { direct: [], forwarder: [], gate: [] };
  const order = [ways.forwarder, ways.gate, ways.direct];
  for (let round = 0; round < rounds; round += 1) {
    for (const way of order) runs[way.name].push(await once(ways, way, setting));
    order.push(...order.splice(0, 1));
  }
  return runs;
};

const rates = (runs: readonly Run[]): number[] => runs.map(({ rate }) => rate);
const cpus = (runs: readonly Run[]): number[] => runs.map(({ cpu }) => cpu).filter((cpu) => cpu !== null);

/** Most CPU a message, in µs, that the project aims at. */
const cpuAim = ({ library, prefetch }: Setting): number => (prefetch === 1 ? 150 : library === 'php' ? 100 : 60);

const rowsOf = (runs: Record<Way['name'], Run[]>, setting: Setting, { text, goal, hasAims }: Body): Row[] => {
  const { library, prefetch } = setting;
  const what = `${library === 'php' ? 'php-amqplib' : 'ext-amqp'}, ${text}, prefetch ${prefetch}`;
  const common = { digits: 0, goal: null, note: null };
  const forwarder = (values: number[]): Peer => ({ name: 'forwarder', values });
  const rate: Row = {
    ...common,
    what,
    unit: 'messages / s',
    ours: rates(runs.gate),
    peer: forwarder(rates(runs.forwarder)),
  };
  const direct: Row = { ...rate, peer: { name: 'direct', values: rates(runs.direct) } };
  const cpu: Row = {
    ...common,
    what: '  CPU a message',
    unit: 'µs',
    ours: cpus(runs.gate),
    peer: forwarder(cpus(runs.forwarder)),
  };
  const aim = medianAtMost(cpu.ours, cpuAim(setting));
  return [
    { ...rate, goal: ratioAtLeast(rate, goal) },
    { ...direct, goal: hasAims ? aimed(ratioAtLeast(direct, prefetch === 1 ? 0.6 : 0.75)) : null },
    { ...cpu, goal: ratioAtMost(cpu, 1.15), note: hasAims ? `aim: ${aim.text}: ${aim.met ? 'yes' : 'NO'}` : null },
  ];
};

const aimed = ({ text, met }: Goal): Goal => ({ text: `aim: ${text}`, met });

export const gateThroughput = (name: keyof typeof BODIES): Part => ({
  name,
  about: `messages of ${BODIES[name].text} through the gate, a plain forwarder and directly, by prefetch and library`,
  run: async (bench) => {
    const body: Body = BODIES[name];
    const ways = await openWays();
    const { libraries } = ways.gate.agent;
    bench.progress('warming up');
    await warmUp(ways, libraries);
    const rows: Row[] = [];
    for (const library of libraries) {
      for (const prefetch of PREFETCHES) {
        bench.progress(`${library}, prefetch ${prefetch}`);
        const setting = { library, prefetch, bytes: body.bytes, count: body.counts[prefetch] ?? 0 };
        rows.push(...rowsOf(await measure(ways, setting, bench.quick ? 2 : 7), setting, body));
      }
    }
    return rows;
  },
});
