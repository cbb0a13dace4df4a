/**
 * The shapes that a process's memory takes over time: healthy ones, and leaks. Each yields live bytes above the base for each sample,
 * given how many messages were handled; `worker.ts` turns live bytes into what the kernel counts.
 */
import type { Random } from './random.ts';

const MB = 1e6;

/** Live bytes at this sample, after `messages` more messages. */
export type Shape = (sample: number, messages: number) => number;
export type MakeShape = (random: Random, length: number) => Shape;

const nothing: MakeShape = () => () => 0;

const noise: MakeShape = (random) => {
  const size = random.logBetween(0.05, 3) * MB;
  return (_, messages) => (messages === 0 ? 0 : Math.abs(random.normal(size)));
};

const warmUp: MakeShape = (random) => {
  const amount = random.logBetween(5, 90) * MB;
  const tau = random.logBetween(3, 150);
  return (sample) => amount * (1 - Math.exp(-sample / tau));
};

/** Per message, not per time: an idle worker does not warm up. */
const cacheFills: MakeShape = (random) => {
  const bound = random.logBetween(4, 70) * MB;
  const each = random.logBetween(2e3, 80e3);
  let filled = 0;
  return (_, messages) => (filled = Math.min(bound, filled + each * messages));
};

/** Each new message brings a new key with falling probability: grows as a logarithm. */
const ratchet: MakeShape = (random) => {
  const scale = random.logBetween(1, 12) * MB;
  let seen = 0;
  return (_, messages) => {
    seen += messages;
    return scale * Math.log1p(seen / 50);
  };
};

const heavyTail: MakeShape = (random) => {
  const scale = random.logBetween(0.1, 2) * MB;
  return (_, messages) => {
    let peak = 0;
    for (let index = 0; index < Math.min(messages, 20); index += 1)
      peak = Math.max(peak, scale * (1 - random.next()) ** -0.7);
    return Math.min(peak, 60 * MB);
  };
};

/** Cycles that the garbage collector frees once there are enough of them. */
const cycles: MakeShape = (random, length) => {
  const limit = random.logBetween(3, 60) * MB;
  const period = random.logBetween(6, length / 5);
  let held = limit * random.next();
  return (_, messages) => {
    held += (limit / period) * Math.min(3, messages / 10);
    if (held > limit) held = limit * random.between(0, 0.1);
    return held;
  };
};

const batches: MakeShape = (random, length) => {
  const most = random.logBetween(2, 60) * MB;
  const size = random.logBetween(50, 400);
  const least = (size * 5) / length;
  let held = size * random.next();
  return (_, messages) => {
    held += messages === 0 ? 0 : Math.max(messages, least);
    if (held >= size) held = 0;
    return (held / size) * most;
  };
};

const levelSteps: MakeShape = (random, length) => {
  const steps = Array.from({ length: random.integer(1, 4) }, () => ({
    at: random.integer(0, length),
    bytes: random.logBetween(2, 40) * MB,
  }));
  return (sample) => steps.filter((step) => step.at <= sample).reduce((sum, step) => sum + step.bytes, 0);
};

/** Up and down between a few levels: fork and copy on write, opcache being refilled after a deploy. */
const levels: MakeShape = (random) => {
  const heights = Array.from({ length: 3 }, () => random.between(0, 30) * MB);
  let height = random.pick(heights);
  const stay = random.logBetween(0.005, 0.1);
  return () => {
    if (random.chance(stay)) height = random.pick(heights);
    return height;
  };
};

const rare = (random: Random, size: number): (() => number) => {
  const probability = random.logBetween(0.003, 0.02);
  return () => (random.chance(probability) ? random.between(0.3, 1) * size : 0);
};

const batchSpikes: MakeShape = (random) => {
  const spike = rare(random, random.logBetween(10, 120) * MB);
  return () => spike();
};

/** Reaches what a ceiling of `span` above the base is within the series, or a bit later. */
const rateFor = (random: Random, length: number): number => (random.logBetween(30, 900) * MB) / length;

const constantLeak: MakeShape = (random, length) => {
  const rate = rateFor(random, length);
  return (sample) => rate * sample;
};

const messageLeak: MakeShape = (random, length) => {
  const rate = rateFor(random, length) / 15;
  let leaked = 0;
  return (_, messages) => (leaked += rate * messages);
};

const burstyLeak: MakeShape = (random, length) => {
  const rate = rateFor(random, length);
  const probability = random.logBetween(0.01, 0.3);
  let leaked = 0;
  return () => (leaked += random.chance(probability) ? (rate / probability) * random.between(0.2, 1.8) : 0);
};

const lateLeak: MakeShape = (random, length) => {
  const rate = rateFor(random, length);
  const from = random.integer(0, Math.floor(length * 0.6));
  return (sample) => Math.max(0, sample - from) * rate * 1.5;
};

const fasterAndFaster: MakeShape = (random, length) => {
  const total = random.logBetween(60, 900) * MB;
  const power = random.between(1.2, 2.5);
  return (sample) => total * (sample / length) ** power;
};

/** Slower and slower, but never at an end. */
const slowing: MakeShape = (random, length) => {
  const total = random.logBetween(80, 900) * MB;
  const power = random.between(0.6, 0.95);
  return (sample) => total * (sample / length) ** power;
};

export const stationary = { nothing, noise, heavyTail, cycles, batches, batchSpikes, levels } satisfies Record<
  string,
  MakeShape
>;
export const growing = { warmUp, cacheFills, ratchet, levelSteps } satisfies Record<string, MakeShape>;
export const leaks = { constantLeak, messageLeak, burstyLeak, lateLeak, fasterAndFaster, slowing } satisfies Record<
  string,
  MakeShape
>;
