import { describe, expect, test } from 'vitest';
import { makePolicy } from '../../sim/scenario.ts';
import { Driven } from './driven.ts';

const ready = { timeoutMs: 60_000, shown: 'log "up"' };

describe('a worker with a ready check', () => {
  test('is STARTING until the check says so, and until start.seconds have passed', () => {
    const core = new Driven([makePolicy('shop', { workers: 1, ready })]).spawned('shop:0#1');
    expect(core.is()).toBe('STARTING #1');
    expect(core.ready('shop:0#1', 200).is()).toBe('STARTING #1');
    expect(core.timer().is()).toBe('RUNNING #1');
    expect(core.now).toBe(101_000);
  });

  test('is RUNNING at once when it gets ready later than start.seconds', () => {
    const core = new Driven([makePolicy('shop', { workers: 1, ready })]).spawned('shop:0#1').ready('shop:0#1', 20_000);
    expect(core.timer().is()).toBe('RUNNING #1');
    expect(core.now).toBe(120_000);
  });

  test('that is not ready in time is stopped, and its start has failed', () => {
    const core = new Driven([makePolicy('shop', { workers: 1, ready })]).spawned('shop:0#1').timer();
    expect(core.now).toBe(160_000);
    expect(core.is()).toBe('STOPPING #1 then failed');
    expect(core.orders()).toEqual(['stop shop:0#1']);
    expect(core.said()).toEqual(['stop ready.late']);
    expect(core.concluded()).toEqual(['start.auto: ready.timeout failed']);
    core.exits('shop:0#1', 'SIGKILL', 10);
    expect(core.is()).toBe('BACKOFF ready.timeout');
    expect(core.said()).toEqual(['backoff ready.timeout']);
    expect(core.worker().attempts).toBe(1);
  });

  test('that a person stops or starts while it is stopped for that follows the person', () => {
    const late = () => new Driven([makePolicy('shop', { workers: 1, ready })]).spawned('shop:0#1').timer();
    expect(late().command('stop').exits('shop:0#1').is()).toBe('STOPPED');
    expect(late().command('start').exits('shop:0#1').is()).toBe('STARTING #2');
  });

  test('that is adopted is waited for, or not, as its shim says', () => {
    const adopt = (isReady: boolean) => {
      const core = new Driven([makePolicy('shop', { workers: 1, ready, auto: false })]);
      const [incarnation, worker, program, role] = ['shop:0#7', 'shop:0', 'shop', 'current'] as const;
      const times = { number: 7, pid: 9, spawnedAt: 0, spawnedWall: 0, stopping: false, spec: '1.a' };
      return core.attach([{ incarnation, worker, program, role, ...times, ready: isReady }]).is();
    };
    expect([adopt(true), adopt(false)]).toEqual(['RUNNING #7', 'STARTING #7']);
  });

  test('frees those that come after it only then', () => {
    const core = new Driven([
      makePolicy('shop', { workers: 1, ready }),
      makePolicy('web', { workers: 1, after: ['shop'] }),
    ]);
    core.spawned('shop:0#1').send({ type: 'timer', worker: 'shop:0' }, 5_000);
    expect(core.is('web:0')).toBe('STOPPED');
    core.ready('shop:0#1').timer();
    expect(core.is('web:0')).toBe('STARTING #1');
  });
});

describe('a replacement with a ready check', () => {
  const recycled = (quiesce = false): Driven => {
    const core = new Driven([makePolicy('shop', { workers: 1, ready, quiesce })])
      .spawned('shop:0#1')
      .ready('shop:0#1')
      .timer();
    return core.command('recycle').spawned('shop:0#2');
  };

  test('takes over once it is ready', () => {
    const core = recycled().send({ type: 'timer', worker: 'shop:0' }, 30_000);
    expect(core.is()).toBe('RUNNING #1 +#2');
    expect(core.ready('shop:0#2').timer().is()).toBe('RUNNING #2 -#1');
  });

  test('does not take over because it consumes', () => {
    const core = recycled(true).send({ type: 'consuming', incarnation: 'shop:0#2' }, 30_000).timer();
    expect(core.is()).toBe('RUNNING #1 -#2');
    expect(core.concluded()).toContain('command: replacement.notReady failed');
  });

  test('that is not ready in time goes, and the current one stays', () => {
    const core = recycled().timer();
    expect(core.is()).toBe('RUNNING #1 -#2');
    expect(core.orders()).toEqual(['stop shop:0#2']);
  });
});

test('a ready of a process without a check, or of one that leaves, changes nothing', () => {
  expect(Driven.up().ready('shop:0#1').effects).toEqual([]);
  expect(Driven.up().command('stop').ready('shop:0#1').effects).toEqual([]);
});
