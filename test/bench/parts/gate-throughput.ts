/** Throughput and CPU of the gate by body, prefetch and library, next to a plain forwarder and to no hop at all. */
import type { Library } from '../gate/agent.ts';
import { cpus, idleCpu, nameOf, rates, takeTurns, warmUp } from '../gate/turns.ts';
import type { Runs, Setting } from '../gate/turns.ts';
import { openWays } from '../gate/ways.ts';
import type { Ways } from '../gate/ways.ts';
import type { Part } from '../part.ts';
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
    counts: { 1: 2_000, 10: 5_000, 250: 8_000 },
    goal: 0.95,
    hasAims: true,
  },
  gate10KiB: {
    text: '10 KiB',
    bytes: 10_240,
    counts: { 1: 2_000, 10: 3_000, 250: 4_000 },
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
/** Single runs of the same thing differ by a third (who is woken first, on few cores): a median of five is still a matter of luck. */
const ROUNDS = 12;
const LEAST_WORK_US = 5_000;
const WORK_COUNT = 200;
/** Least share of direct throughput with 5 ms of work a message, by prefetch. */
const WORK_AIMS: [prefetch: number, share: number][] = [
  [1, 0.96],
  [10, 0.98],
];

/** Most CPU a message, in µs, that the project aims at. */
const cpuAim = ({ library, prefetch }: Setting): number => (prefetch === 1 ? 150 : library === 'php' ? 100 : 60);
const aimed = ({ text, met }: Goal): Goal => ({ text: `aim: ${text}`, met });

const rowsOf = (runs: Runs, setting: Setting, { text, goal, hasAims }: Body): Row[] => {
  const { library, prefetch } = setting;
  const what = `${nameOf(library)}, ${text}, prefetch ${prefetch}`;
  const common = { digits: 0, goal: null, note: null };
  const forwarder = (values: number[]): Peer => ({ name: 'forwarder', values });
  const rate: Row = {
    ...common,
    what,
    unit: 'messages / s',
    ours: rates(runs.gate),
    peer: forwarder(rates(runs.forwarder)),
  };
  const direct: Row = { ...rate, what: '  the same', peer: { name: 'direct', values: rates(runs.direct) } };
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

/** The shim samples its workers while its gates carry: that is in the CPU of a message, and said apart. */
const idleRow = async ({ gate, forwarder }: Ways): Promise<Row> => ({
  what: 'CPU without a message (the shim samples a worker)',
  unit: 'ms / s',
  digits: 1,
  ours: await idleCpu(gate),
  peer: { name: 'forwarder', values: await idleCpu(forwarder) },
  goal: null,
  note: 'it is in the CPU a message, too',
});

export const gateThroughput = (name: keyof typeof BODIES): Part => ({
  name,
  about: `messages of ${BODIES[name].text} through the gate, a plain forwarder and directly, by prefetch and library`,
  run: async (bench) => {
    const body: Body = BODIES[name];
    const ways = await openWays();
    bench.progress('warming up');
    await warmUp(ways);
    const rows: Row[] = [await idleRow(ways)];
    for (const library of ways.gate.agent.libraries) {
      for (const prefetch of PREFETCHES) {
        bench.progress(`${library}, prefetch ${prefetch}`);
        const setting = { library, prefetch, bytes: body.bytes, count: body.counts[prefetch] ?? 0, workUs: 0 };
        rows.push(...rowsOf(await takeTurns(ways, setting, bench.quick ? 2 : ROUNDS), setting, body));
      }
    }
    return rows;
  },
});

const workRow = (runs: Runs, library: Library, prefetch: number, share: number): Row => {
  const row: Row = {
    what: `${nameOf(library)}, 100 B, 5 ms of work each, prefetch ${prefetch}`,
    unit: 'messages / s',
    digits: 1,
    ours: rates(runs.gate),
    peer: { name: 'direct', values: rates(runs.direct) },
    goal: null,
    note: null,
  };
  return { ...row, goal: aimed(ratioAtLeast(row, share)) };
};

export const gateWork: Part = {
  name: 'gateWork',
  about: 'messages that are worked on for 5 ms each, through the gate and directly',
  run: async (bench) => {
    const ways = await openWays();
    await warmUp(ways);
    const rows: Row[] = [];
    for (const library of ways.gate.agent.libraries) {
      for (const [prefetch, share] of WORK_AIMS) {
        bench.progress(`${library}, prefetch ${prefetch}`);
        const setting = { library, prefetch, bytes: 100, count: WORK_COUNT, workUs: LEAST_WORK_US };
        rows.push(workRow(await takeTurns(ways, setting, bench.quick ? 2 : 5), library, prefetch, share));
      }
    }
    return rows;
  },
};
