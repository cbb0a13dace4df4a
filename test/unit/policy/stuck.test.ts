import { expect, test } from 'vitest';
import { StuckEpisode } from '../../../src/policy/stuck.ts';

const LIMIT = 600_000;

test('a message is stuck from its age on, with the CPU time used since it was first seen', () => {
  const episode = new StuckEpisode();
  expect(episode.add({ at: 1_000, oldestAt: 500, ticks: 100 }, LIMIT)).toBeNull();
  expect(episode.add({ at: 600_499, oldestAt: 500, ticks: 150 }, LIMIT)).toBeNull();
  expect(episode.add({ at: 600_500, oldestAt: 500, ticks: 160 }, LIMIT)).toEqual({ ageMs: 600_000, cpuMs: 600 });
});

test('the next message begins anew', () => {
  const episode = new StuckEpisode();
  episode.add({ at: 0, oldestAt: 0, ticks: 0 }, LIMIT);
  expect(episode.add({ at: 700_000, oldestAt: 650_000, ticks: 9_000 }, LIMIT)).toBeNull();
  expect(episode.add({ at: 1_250_000, oldestAt: 650_000, ticks: 9_001 }, LIMIT)).toEqual({ ageMs: 600_000, cpuMs: 10 });
});

test('unknown stays unknown: without a message, without CPU figures', () => {
  const episode = new StuckEpisode();
  expect(episode.add({ at: 700_000, oldestAt: null, ticks: 5 }, LIMIT)).toBeNull();
  expect(episode.add({ at: 700_000, oldestAt: 0, ticks: null }, LIMIT)).toEqual({ ageMs: 700_000, cpuMs: null });
  expect(episode.add({ at: 700_001, oldestAt: 0, ticks: 7 }, LIMIT)).toEqual({ ageMs: 700_001, cpuMs: null });
});
