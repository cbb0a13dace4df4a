/**
 * Series unlike those of the corpus (docs/leaks.md says what was chosen by some of them): written as curves over time instead of from messages, in other
 * intervals, with readings missing, restarts, swap that grows while RSS shrinks, and without `anonBytes`.
 */
import type { Row, Series } from './generate.ts';
import { seeded } from './random.ts';
import type { Random } from './random.ts';

const MIB = 1024 * 1024;
const CEILINGS = [64, 100, 128, 200, 256, 300, 400, 512, 768, 1024, 2048];

/** MiB above the base at a share 0…1 of the series, and at its second. */
type Curve = (share: number, seconds: number) => number;
type MakeCurve = (random: Random, seconds: number) => Curve;

/** A random walk that is drawn back to its mean. */
const wandering: MakeCurve = (random) => {
  const [pull, size] = [random.logBetween(0.005, 0.2), random.logBetween(0.2, 3)];
  let at = 0;
  return () => Math.abs((at += random.normal(size) - pull * at));
};

const sine: MakeCurve = (random, seconds) => {
  const [height, period] = [random.logBetween(2, 40), random.logBetween(120, Math.max(121, seconds / 5))];
  const phase = random.between(0, 7);
  return (_, at) => height * (1 + Math.sin(phase + (2 * Math.PI * at) / period));
};

const square: MakeCurve = (random, seconds) => {
  const [height, period] = [random.logBetween(5, 120), random.logBetween(120, Math.max(121, seconds / 3))];
  const share = random.between(0.1, 0.9);
  return (_, at) => ((at / period) % 1 < share ? height : 0);
};

const saw: MakeCurve = (random, seconds) => {
  const [height, period] = [random.logBetween(5, 100), random.logBetween(20, Math.max(21, seconds / 8))];
  const phase = random.next();
  return (_, at) => height * ((phase + at / period) % 1);
};

const job: MakeCurve = (random, seconds) => {
  const jobs = Array.from({ length: random.integer(1, 8) }, () => ({
    at: random.between(0, seconds),
    for: random.logBetween(5, 900),
    takes: random.logBetween(10, 250),
  }));
  return (_, at) =>
    jobs.reduce((sum, { at: from, for: length, takes }) => sum + (at >= from && at < from + length ? takes : 0), 0);
};

const restarted: MakeCurve = (random, seconds) => {
  const every = random.logBetween(300, seconds / 2);
  const [height, tau] = [random.logBetween(5, 60), random.logBetween(20, 400)];
  return (_, at) => height * (1 - Math.exp(-(at % every) / tau));
};

const still: MakeCurve = () => () => 0;

const falling: MakeCurve = (random) => {
  const height = random.logBetween(5, 100);
  return (share) => height * Math.exp(-share * 6);
};

const plateau: MakeCurve = (random, seconds) => {
  const [height, tau] = [random.logBetween(5, 80), random.logBetween(20, seconds / 5)];
  return (_, at) => height * (1 - Math.exp(-at / tau));
};

/** Straight up, then not at all: a pool of fixed size that is filled. */
const filled: MakeCurve = (random, seconds) => {
  const [height, until] = [random.logBetween(4, 50), random.logBetween(30, seconds / 2)];
  return (_, at) => height * Math.min(1, at / until);
};

const stairs: MakeCurve = (random) => {
  const [steps, height] = [random.integer(1, 5), random.logBetween(2, 25)];
  return (share) => height * Math.floor(share * (steps + 0.9));
};

const rateOf = (random: Random): number => random.logBetween(40, 1_500);

const straight: MakeCurve = (random) => {
  const total = rateOf(random);
  return (share) => total * share;
};

const twoSlopes: MakeCurve = (random) => {
  const [total, turn, ratio] = [rateOf(random), random.between(0.2, 0.7), random.pick([0.1, 0.3, 3, 6])];
  return (share) => total * (Math.min(share, turn) * ratio + Math.max(0, share - turn));
};

const lateStart: MakeCurve = (random) => {
  const [total, from] = [rateOf(random), random.between(0.1, 0.7)];
  return (share) => (total * Math.max(0, share - from)) / (1 - from);
};

/** By day only. */
const shifts: MakeCurve = (random) => {
  const [total, turns] = [rateOf(random), random.integer(2, 6)];
  return (share) => total * (Math.floor(share * turns) + Math.min(1, ((share * turns) % 1) * 2)) * (1 / turns);
};

const inJumps: MakeCurve = (random, seconds) => {
  const [total, jumps] = [rateOf(random), random.integer(12, 60)];
  const each = seconds / jumps;
  return (_, at) => (total * Math.floor(at / each)) / jumps;
};

/** Gives back a part of it now and then. */
const partly: MakeCurve = (random) => {
  const [total, teeth, share] = [rateOf(random), random.integer(4, 40), random.between(0.1, 0.45)];
  return (at) => total * (at + (share * ((at * teeth) % 1)) / teeth);
};

const curving: MakeCurve = (random) => {
  const [total, power] = [rateOf(random), random.between(0.6, 3)];
  return (share) => total * share ** power;
};

const STATIONARY = { wandering, sine, square, saw, job, restarted, still, falling };
const GROWING = { plateau, filled, stairs };
const LEAKS = { straight, twoSlopes, lateStart, shifts, inJumps, partly, curving };

const lookup = (kinds: Record<string, MakeCurve>, name: string): MakeCurve => kinds[name] ?? still;

export const makeForeign = (seed: number): Series => {
  const random = seeded(seed * 7919 + 13);
  const leaking = random.chance(0.5);
  const interval = random.pick([1, 5, 5, 5, 30, 60]);
  const length = random.chance(0.15) ? 60 : Math.round(random.logBetween(60, 3_600));
  const label = leaking ? 'leak' : random.chance(0.6) ? 'stationary' : 'growing';
  const kinds = label === 'leak' ? LEAKS : label === 'growing' ? GROWING : STATIONARY;
  const first = random.pick(Object.keys(kinds));
  const under = random.pick(Object.keys(STATIONARY));
  const seconds = length * interval;
  const curves = [lookup(kinds, first)(random, seconds)];
  if (random.chance(0.6)) {
    const below = lookup(STATIONARY, under)(random, seconds);
    const scale = leaking ? 0.4 : 1;
    curves.push((share, at) => scale * below(share, at));
  }
  const rows = rowsOf(random, { curves, length, interval });
  return {
    name: `foreign/${first}+${curves.length > 1 ? under : '-'}-${seed}`,
    kind: `foreign/${first}`,
    label,
    softBytes: ceilingOf(random, rows, leaking),
    rows,
  };
};

const rowsOf = (
  random: Random,
  { curves, length, interval }: { curves: Curve[]; length: number; interval: number },
): Row[] => {
  const [base, files] = [random.between(12, 60), random.between(10, 40) * MIB];
  const noise = random.logBetween(0.01, 1.5);
  const swapping = random.chance(0.15);
  const missing = random.chance(0.3) ? random.between(0.01, 0.3) : 0;
  return Array.from({ length }, (_, sample) => {
    const at = sample * interval;
    const above = curves.reduce((sum, curve) => sum + curve(sample / length, at), 0);
    const total = Math.round(((base + above + Math.abs(random.normal(noise))) * MIB) / 4096) * 4096;
    // Under pressure the kernel takes pages out: RSS shrinks, swap grows.
    const swapBytes = swapping ? Math.min(total * 0.7, Math.max(0, total * (sample / length - 0.2))) : 0;
    const anonBytes = total - Math.round(swapBytes);
    return {
      seconds: at,
      rssBytes: anonBytes + files,
      anonBytes,
      swapBytes: Math.round(swapBytes),
      zendBytes: 0,
      acknowledged: 0,
    };
  }).filter((_, sample) => sample === 0 || !random.chance(missing));
};

const ceilingOf = (random: Random, rows: readonly Row[], leaking: boolean): number => {
  const most = Math.max(...rows.map(({ anonBytes, swapBytes }) => anonBytes + swapBytes)) / MIB;
  const first = Math.max(...rows.slice(0, 12).map(({ anonBytes, swapBytes }) => anonBytes + swapBytes)) / MIB;
  const fitting = CEILINGS.filter((ceiling) => ceiling >= (leaking ? first * 1.5 : most * 1.25));
  const chosen = leaking ? random.pick(fitting.slice(0, 3)) : fitting[0];
  return (chosen ?? most * 1.3) * MIB;
};
