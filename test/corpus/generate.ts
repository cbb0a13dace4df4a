/** Labelled memory series of PHP workers, made from a seed. */
import { anyLoad } from './load.ts';
import { seeded } from './random.ts';
import type { Random } from './random.ts';
import { growing, leaks, stationary } from './shapes.ts';
import type { MakeShape, Shape } from './shapes.ts';
import { makeWorker } from './worker.ts';

export interface Row {
  seconds: number;
  rssBytes: number;
  anonBytes: number;
  swapBytes: number;
  zendBytes: number;
  acknowledged: number;
}

export interface Series {
  name: string;
  kind: string;
  label: 'stationary' | 'growing' | 'leak';
  softBytes: number;
  rows: Row[];
}

const MIB = 1024 * 1024;
const CEILINGS = [96, 128, 192, 256, 384, 512, 1024].map((mib) => mib * MIB);

export const judged = (row: Row): number => row.anonBytes + row.swapBytes;

/** `intervalSeconds` as a person would sample: 5 s mostly. */
export const makeSeries = (seed: number): Series => {
  const random = seeded(seed);
  const leaking = random.chance(0.5);
  const length = Math.round(random.logBetween(60, 3_600));
  const [kind, shapes] = leaking ? leakOf(random) : healthyOf(random);
  const rows = run(random, { shapes: shapes.map(({ make, zend }) => ({ live: make(random, length), zend })), length });
  const label = leaking
    ? 'leak'
    : shapes.some(({ make }) => Object.values(growing).includes(make))
      ? 'growing'
      : 'stationary';
  return { name: `${kind}-${seed}`, kind, label, softBytes: ceilingFor(random, rows, leaking), rows };
};

interface Part {
  make: MakeShape;
  zend: boolean;
}

const healthyOf = (random: Random): [string, Part[]] => {
  const names = Object.keys({ ...stationary, ...growing });
  const all: Record<string, MakeShape> = { ...stationary, ...growing };
  const chosen = random.chance(0.6) ? [random.pick(names)] : [random.pick(names), random.pick(names)];
  return [chosen.join('+'), chosen.map((name) => ({ make: all[name] as MakeShape, zend: random.chance(0.7) }))];
};

const leakOf = (random: Random): [string, Part[]] => {
  const leak = random.pick(Object.keys(leaks) as (keyof typeof leaks)[]);
  const [below, parts] = random.chance(0.5) ? healthyOf(random) : ['nothing', []];
  return [`${leak}+${below}`, [{ make: leaks[leak], zend: random.chance(0.5) }, ...parts]];
};

const run = (
  random: Random,
  { shapes, length }: { shapes: { live: Shape; zend: boolean }[]; length: number },
): Row[] => {
  const load = anyLoad(random);
  const worker = makeWorker(random);
  const interval = random.pick([5, 5, 5, 5, 1, 2, 10, 30]);
  let acknowledged = 0;
  return Array.from({ length }, (_, sample) => {
    const messages = load(sample);
    acknowledged += messages;
    let zend = 0;
    let native = 0;
    for (const shape of shapes) {
      const live = shape.live(sample, messages);
      if (shape.zend) zend += live;
      else native += live;
    }
    return { seconds: sample * interval, ...worker(zend, native), acknowledged };
  });
};

/** A ceiling that a healthy worker has room under; for a leak any that it does not start above. */
export const ceilingFor = (random: Random, rows: readonly Row[], leaking: boolean): number => {
  const first = Math.max(...rows.slice(0, 12).map(judged));
  const most = Math.max(...rows.map(judged));
  const least = leaking ? first * 1.5 : most * random.between(1.25, 3);
  const fitting = CEILINGS.filter((ceiling) => ceiling >= least);
  return leaking && random.chance(0.7)
    ? (fitting[0] ?? least)
    : fitting.length > 0
      ? leaking
        ? random.pick(fitting)
        : (fitting[0] ?? least)
      : least;
};
