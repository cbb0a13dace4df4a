/** `oom.policy: byState`: what is ordered follows from the state of a process, once a change, and is said in the same step. */
import { describe, expect, test } from 'vitest';
import { Driven, shop } from './driven.ts';
import type { Given } from './driven.ts';

const BY_STATE: Given = { overlap: false, oom: { scoreAdj: 100, policy: 'byState' } };

/** `shop:0#1 400 oom.goingAway`, of the last event. */
const scores = (core: Driven): string[] =>
  core.effects.flatMap((effect, at) => {
    if (effect.type !== 'setOom') return [];
    const entry = core.effects[at - 1];
    return [`${effect.incarnation} ${effect.scoreAdj} ${entry?.type === 'journal' ? entry.entry.rule : 'unsaid'}`];
  });

const leaks = (core: Driven, leaking: boolean, incarnation = 'shop:0#1'): Driven =>
  core.send({ type: 'trend', incarnation, leaking });

describe('by state', () => {
  test('a suspect is raised once, and put back once it is cleared', () => {
    const core = leaks(Driven.up(BY_STATE), true);
    expect(scores(core)).toEqual(['shop:0#1 250 oom.suspect']);
    expect(scores(leaks(core, true))).toEqual([]);
    expect(scores(leaks(core, false))).toEqual(['shop:0#1 100 oom.cleared']);
  });

  test('one that is stopped for its recycle goes first; its successor is ordinary', () => {
    const core = leaks(Driven.up(BY_STATE), true).finding('shop:0#1');
    expect(scores(core)).toEqual(['shop:0#1 400 oom.goingAway']);
    core.exits('shop:0#1').toRunning();
    expect(core.allEffects.filter((effect) => effect.type === 'setOom' && effect.incarnation === 'shop:0#2')).toEqual(
      [],
    );
  });

  test('with overlap it goes first from the start of its replacement on, and is said once', () => {
    const core = Driven.up({ ...BY_STATE, overlap: true }).finding('shop:0#1');
    expect(scores(core)).toEqual(['shop:0#1 400 oom.goingAway']);
    expect(scores(core.toRunningSwap())).toEqual([]);
  });

  test('so does one that waits for its turn, and no longer once it does not', () => {
    const core = Driven.up({ ...BY_STATE, workers: 2 });
    core.finding('shop:0#1').finding('shop:1#1');
    expect(scores(core)).toEqual(['shop:1#1 400 oom.goingAway']);
    expect(core.command('stop', false, ['shop:1']).effects.filter(({ type }) => type === 'setOom')).toEqual([]);
  });

  test('the cause is the recycle', () => {
    const core = Driven.up(BY_STATE).finding('shop:0#1');
    const entries = core.effects.flatMap((effect) => (effect.type === 'journal' ? [effect.entry] : []));
    const recycle = entries.find(({ action }) => action === 'recycle');
    expect(entries.find(({ action }) => action === 'setOom')).toMatchObject({
      cause: recycle?.id,
      evidence: { from: 100, to: 400, room: null },
      incarnation: 1,
    });
  });

  test('a shutdown writes none of it', () => {
    const core = Driven.up(BY_STATE).command('shutdown', false, []);
    expect(scores(core)).toEqual([]);
  });
});

test('fixed stays fixed', () => {
  const core = leaks(Driven.up({ overlap: false }), true).finding('shop:0#1');
  expect(core.allEffects.some(({ type }) => type === 'setOom')).toBe(false);
});

test('refused once: off for this worker until the configuration changes', () => {
  const core = leaks(Driven.up(BY_STATE), true).send({ type: 'oomRefused', incarnation: 'shop:0#1' });
  expect(scores(leaks(core, false))).toEqual([]);
  core.send({ type: 'config', programs: [shop(BY_STATE)], hostMaxConcurrent: 10, reserveBytes: 100 });
  expect(scores(core)).toEqual(['shop:0#1 100 oom.cleared']);
});

describe('of the configuration', () => {
  const configure = (core: Driven, oom: Given['oom']): Driven =>
    core.send({
      type: 'config',
      programs: [shop({ overlap: false, ...(oom === undefined ? {} : { oom }) })],
      hostMaxConcurrent: 10,
      reserveBytes: 100,
    });

  test('another scoreAdj holds at once', () => {
    const core = configure(Driven.up({ overlap: false }), { scoreAdj: 500, policy: 'fixed' });
    expect(scores(core)).toEqual(['shop:0#1 500 config.oom']);
  });

  test('byState where it leaks already', () => {
    const core = leaks(Driven.up({ overlap: false }), true);
    expect(scores(configure(core, { scoreAdj: 0, policy: 'byState' }))).toEqual(['shop:0#1 150 oom.suspect']);
  });

  test('what a shim says at attach is what was ordered; one that does not say is left alone', () => {
    const living = { incarnation: 'shop:0#1', worker: 'shop:0', program: 'shop', number: 1, role: 'current' as const };
    const process = { pid: 101, spawnedAt: 100_000, spawnedWall: 0, stopping: false, spec: '1.a', ready: false };
    const core = Driven.up({ overlap: false });
    expect(scores(core.attach([{ ...living, ...process, scoreAdj: 7 }]))).toEqual(['shop:0#1 0 config.oom']);
    expect(scores(core.attach([{ ...living, ...process }]))).toEqual([]);
    const fresh = new Driven([shop({ overlap: false })]);
    expect(scores(fresh.attach([{ ...living, ...process }]))).toEqual([]);
    expect(scores(fresh.attach([{ ...living, ...process, scoreAdj: 7 }]))).toEqual(['shop:0#1 0 config.oom']);
  });
});
