import { describe, expect, test } from 'vitest';
import { makePolicy } from '../../sim/scenario.ts';
import { Driven } from './driven.ts';

const db = (given = {}) => makePolicy('db', { workers: 2, ...given });
const web = (given = {}) => makePolicy('web', { workers: 1, after: ['db'], ...given });

const bring = (core: Driven, name: string): Driven => core.toRunning(name);

describe('a start waits for the programs it comes after', () => {
  test('until every wanted worker of them is RUNNING, said once', () => {
    const core = new Driven([web(), db()]);
    expect(core.worker('web:0').life).toMatchObject({ state: 'STOPPED', hold: { program: 'db', reason: 'starting' } });
    expect(core.said()).toContain('hold after.starting');
    bring(core, 'db:0');
    expect(core.worker('web:0').life.state).toBe('STOPPED');
    expect(core.said()).toEqual([]);
    bring(core, 'db:1');
    expect(core.worker('web:0').life.state).toBe('STARTING');
    expect(core.said()).toEqual(['start start.after']);
  });

  test.each([
    ['no worker of it is wanted', db({ auto: false }), 'stopped'],
    ['it cannot be started', db({ workers: 1, retries: 0 }), 'fatal'],
  ])('%s: it waits for a person, and says why', (_case, program, reason) => {
    const core = new Driven([program, web()]);
    if (reason === 'fatal') core.spawnFailed('db:0#1');
    expect(core.worker('web:0').life).toMatchObject({ state: 'STOPPED', hold: { reason } });
    expect(core.said()).toContain(`hold after.${reason}`);
    core.command('start', false, ['db:0', 'db:1', 'web:0']);
    expect(core.said().filter((said) => said.startsWith('hold'))).toEqual(['hold after.starting']);
  });

  test('a program that has done its work and ended as expected counts as up', () => {
    const core = new Driven([db({ workers: 1, restart: 'never', secondsMs: 0 }), web()]);
    core.spawned('db:0#1').exits('db:0#1', 0, 10);
    expect(core.worker('db:0').life.state).toBe('EXITED');
    expect(core.worker('web:0').life.state).toBe('STARTING');
  });

  test('one that ended unexpectedly and is not restarted does not', () => {
    const core = new Driven([db({ workers: 1, restart: 'never' }), web()]);
    bring(core, 'db:0').exits('db:0#1', 3, 10);
    expect(core.worker('web:0').life.state).toBe('STARTING');
    core.command('stop', false, ['web:0']).exits('web:0#1', 0).command('start', false, ['web:0']);
    expect(core.worker('web:0').life).toMatchObject({ hold: { reason: 'exited' } });
  });

  test('who waits for one that waits says so', () => {
    const core = new Driven([db({ auto: false }), web(), makePolicy('mail', { workers: 1, after: ['web'] })]);
    expect(core.worker('mail:0').life).toMatchObject({ hold: { program: 'web', reason: 'waiting' } });
  });
});

describe('what runs', () => {
  const up = (): Driven => bring(bring(bring(new Driven([db(), web({ overlap: false })]), 'db:0'), 'db:1'), 'web:0');

  test('is not stopped when its dependency crashes', () => {
    const core = up().exits('db:0#1', 1, 60_000);
    expect(core.worker('web:0').life.state).toBe('RUNNING');
  });

  test('is recycled without waiting for its dependency', () => {
    const core = up().command('stop', false, ['db:0', 'db:1']).exits('db:0#1').exits('db:1#1');
    core.command('recycle', false, ['web:0']).exits('web:0#1', 0, 10);
    expect(core.worker('web:0').life.state).toBe('STARTING');
  });

  test('is replaced at a hard ceiling without waiting for its dependency', () => {
    const core = up().command('stop', false, ['db:0', 'db:1']).exits('db:0#1').exits('db:1#1');
    core.ceiling('web:0#1');
    expect(core.worker('web:0').life.state).toBe('STARTING');
  });

  test('waits when it crashes while its dependency is down', () => {
    const core = up().command('stop', false, ['db:0', 'db:1']).exits('db:0#1').exits('db:1#1');
    core.exits('web:0#1', 1, 60_000);
    expect(core.worker('web:0').life).toMatchObject({ state: 'STOPPED', hold: { reason: 'stopped' } });
  });
});

test('a person who stops a worker that waits is heard', () => {
  const core = new Driven([db(), web()]).command('stop', false, ['web:0']);
  expect(core.worker('web:0')).toMatchObject({ wanted: 'down', life: { state: 'STOPPED' } });
  bring(bring(core, 'db:0'), 'db:1');
  expect(core.worker('web:0').life).toEqual({ state: 'STOPPED' });
});
