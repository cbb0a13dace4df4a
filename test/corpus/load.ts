/** How many messages a worker handles in each sample: the work that memory follows. */
import type { Random } from './random.ts';

export type Load = (sample: number) => number;

const steady = (random: Random): Load => {
  const mean = random.logBetween(2, 60);
  return () => Math.max(0, Math.round(mean + random.normal(mean * 0.2)));
};

/** On for a while, idle for a while. */
const onAndOff = (random: Random): Load => {
  const mean = random.logBetween(5, 100);
  let busy = random.chance(0.5);
  let left = random.integer(5, 120);
  return () => {
    left -= 1;
    if (left <= 0) {
      busy = !busy;
      left = random.integer(5, busy ? 120 : 80);
    }
    return busy ? Math.max(0, Math.round(mean + random.normal(mean * 0.3))) : 0;
  };
};

const diurnal = (random: Random): Load => {
  const mean = random.logBetween(5, 60);
  const period = random.integer(300, 3_000);
  const phase = random.between(0, 2 * Math.PI);
  return (sample) =>
    Math.max(
      0,
      Math.round(mean * (1 + 0.9 * Math.sin(phase + (2 * Math.PI * sample) / period)) + random.normal(mean * 0.2)),
    );
};

const sparse = (random: Random): Load => {
  const probability = random.logBetween(0.02, 0.5);
  return () => (random.chance(probability) ? random.integer(1, 8) : 0);
};

export const loads = { steady, onAndOff, diurnal, sparse };
export const anyLoad = (random: Random): Load => random.pick(Object.values(loads))(random);
