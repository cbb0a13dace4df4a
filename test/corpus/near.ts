/**
 * Healthy workers that stand close below their ceiling, at 85 to 95 % of it, which the corpus gives room: they load themselves at once, in a curve or in
 * steps, and then there is noise and now and then a small step. Never labelled stationary, because of how they begin.
 */
import type { Row, Series } from './generate.ts';
import { seeded } from './random.ts';
import type { Random } from './random.ts';

const MIB = 1024 * 1024;

export const makeNear = (seed: number): Series => {
  const random = seeded(seed);
  const interval = random.pick([1, 5, 5, 5, 15]);
  const length = Math.round(random.logBetween(60, 3_600));
  const softBytes = random.pick([96, 128, 192, 256, 384]) * MIB;
  const level = softBytes * random.between(0.85, 0.95);
  const room = softBytes - level;
  const missing = startOf(random, level);
  const steps = stepsOf(random, { seconds: length * interval, room });
  const noise = room * random.between(0.02, 0.12);
  const rows = Array.from({ length }, (_, sample): Row => {
    const seconds = sample * interval;
    const bytes = level - missing(seconds) + steps(seconds) + Math.abs(random.normal(noise));
    const anonBytes = Math.round(Math.min(bytes, 0.99 * softBytes) / 4096) * 4096;
    return { seconds, anonBytes, swapBytes: 0, rssBytes: anonBytes + 20 * MIB, zendBytes: anonBytes, acknowledged: 0 };
  });
  return { name: `near-${seed}`, kind: 'near', label: 'growing', softBytes, rows };
};

/** What it has yet to load, by seconds. */
const startOf = (random: Random, level: number): ((seconds: number) => number) => {
  const [bytes, tau] = [random.between(0.2, 0.6) * level, random.logBetween(2, 45)];
  const stairs = random.chance(0.3) ? random.integer(2, 5) : null;
  return (seconds) => {
    const left = Math.exp(-seconds / tau);
    return bytes * (stairs === null ? left : Math.floor(left * stairs) / stairs);
  };
};

const stepsOf = (random: Random, of: { seconds: number; room: number }): ((seconds: number) => number) => {
  const steps = Array.from({ length: random.integer(0, 5) }, () => ({
    at: random.between(0, of.seconds),
    bytes: random.between(0.02, 0.15) * of.room,
  }));
  return (seconds) => steps.reduce((sum, { at, bytes }) => sum + (seconds > at ? bytes : 0), 0);
};
