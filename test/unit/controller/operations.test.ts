import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OperationError } from '../../../src/api/operations.ts';
import type { Operations } from '../../../src/api/operations.ts';
import type { Command, CommandReply } from '../../../src/api/types.ts';
import { Bisector } from '../../../src/controller/bisect/bisector.ts';
import { Controller } from '../../../src/controller/controller.ts';
import { Journal } from '../../../src/controller/journal.ts';
import { operationsOf } from '../../../src/controller/operations.ts';
import { monotonicMs } from '../../../src/linux/clock.ts';
import type { FactBody } from '../../../src/shim/protocol.ts';
import { FakeShim, helloOf, livingOf } from './fake-shim.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
let shim: FakeShim;
let controller: Controller;
/** Why this controller cannot be upgraded. */
let refusal: string | null = null;
let operations: Operations;
const called: string[] = [];

/** shop:0 runs, mail:0 was never wanted. */
beforeEach(async () => {
  folder = makeRoot();
  const program = { command: 'sleep 1000', directory: '/', start: { seconds: '0s' } };
  const config = configOf(
    folder.root,
    { shop: program, mail: { ...program, start: { auto: false }, stderr: { path: 'mail.err' } } },
    { groups: { team: { programs: ['shop', 'mail'] } } },
  );
  shim = new FakeShim(() => [helloOf({ incarnations: [livingOf('shop:0#1', monotonicMs() - 10_000)] })]);
  await shim.listen(join(config.stateDir, 'shim.sock'));
  controller = new Controller({
    config,
    changes: null,
    journal: new Journal(config.journal),
    version: 'test',
    shimScript: '/nonexistent/shim.cjs',
    inherited: {},
    endpoint: () => null,
    print: (_, done) => done(),
  });
  called.length = 0;
  refusal = null;
  operations = operationsOf(controller, {
    version: 'test',
    startedAt: monotonicMs(),
    warnings: () => ['a key is not yet active'],
    shutdown: (now) => called.push(now ? 'shutdown now' : 'shutdown'),
    bisector: new Bisector(controller, '/nowhere/advisories.yaml'),
    reload: () => ({ ok: true, dryRun: true, file: '', plan: null, problems: [] }),
    upgrade: () => {
      called.push('upgrade');
      return refusal;
    },
  });
  await controller.start();
  await shim.until((received) => received.some(({ type }) => type === 'sampling'));
});
afterEach(async () => {
  controller.detach();
  controller.journal.close();
  await shim.close();
  folder.remove();
});

const run = (verb: Command['verb'], names: string[], rest: Partial<Command> = {}): Promise<CommandReply> =>
  operations.command({ verb, names, ...rest });
const ordered = (type: string): Promise<void> => shim.until((received) => received.some((one) => one.type === type));
const exited = (incarnation: string): void => {
  const body: FactBody = {
    kind: 'exited',
    incarnation,
    pid: 999_999,
    spawnedAt: monotonicMs() - 10_000,
    spawnedWall: 1,
    status: { code: 0, signal: null },
    stop: null,
    lastSample: null,
    gate: null,
    swept: 0,
  };
  shim.say({ type: 'fact', fact: { ...body, seq: 1, at: monotonicMs(), wall: Date.now() } });
};

describe('a command', () => {
  test('that makes no sense is the person’s mistake, and nothing is done', async () => {
    for (const [verb, names, rest, text] of [
      ['stop', [], {}, 'stop needs at least one worker'],
      ['stop', ['shop', 'nobody'], {}, 'there is no worker, program or group named "nobody" (programs: shop, mail)'],
      ['signal', ['shop'], { signal: 'SIGFOO' }, 'there is no signal named "SIGFOO"'],
    ] as const) {
      const refused = run(verb, [...names], rest);
      await expect(refused).rejects.toThrow(OperationError);
      await expect(refused).rejects.toThrow(text);
    }
    expect(shim.received.map(({ type }) => type)).not.toContain('stop');
  });

  test('ends when its work is done, and answers for each worker', async () => {
    const reply = run('stop', ['team:*']);
    await ordered('stop');
    exited('shop:0#1');
    expect((await reply).results).toEqual([
      { name: 'shop:0', ok: true, text: 'stopped' },
      { name: 'mail:0', ok: true, text: 'is stopped already' },
    ]);
  });

  test('does not wait where nobody wants to', async () => {
    expect((await run('stop', ['shop'], { wait: false })).results).toEqual([
      { name: 'shop:0', ok: true, text: 'accepted' },
    ]);
    expect(controller.core.workers['shop:0']?.life.state).toBe('STOPPING');
  });

  test('that has nothing to act on fails with the reason', async () => {
    expect((await run('recycle', ['mail'])).results).toEqual([
      { name: 'mail:0', ok: false, text: 'is STOPPED, only a RUNNING worker can be recycled' },
    ]);
    expect((await run('signal', ['team'], { signal: 'sigusr1' })).results).toEqual([
      { name: 'shop:0', ok: true, text: 'SIGUSR1 sent' },
      { name: 'mail:0', ok: false, text: 'is STOPPED, there is no process to signal' },
    ]);
    await ordered('signal');
  });

  test('about the whole: logs are reopened, the controller replaced, everything shut down', async () => {
    expect((await run('reopenLogs', [])).results[0]?.ok).toBe(true);
    await ordered('reopenLogs');
    expect((await run('upgrade', [])).results[0]?.text).toContain('workers and shim go on');
    expect((await run('shutdown', [], { wait: false, now: true })).results[0]?.text).toBe('accepted');
    expect(called).toEqual(['upgrade', 'shutdown now']);
  });
});

describe('a question', () => {
  test('status: of those asked for, with the warnings', () => {
    expect(operations.status(['mail']).workers.map(({ name }) => name)).toEqual(['mail:0']);
    expect(operations.status([])).toMatchObject({
      warnings: ['a key is not yet active'],
      controller: { shimPid: 4242 },
    });
    expect(() => operations.status(['nobody'])).toThrow(OperationError);
  });

  test('journal: by worker, time and number', () => {
    const all = operations.journal({ since: null, name: null, limit: 100 });
    expect(all.map(({ reason }) => reason.rule)).toEqual(['attach', 'adopt']);
    expect(operations.journal({ since: null, name: 'shop', limit: 100 }).map(({ worker }) => worker)).toEqual([
      'shop:0',
    ]);
    expect(operations.journal({ since: null, name: null, limit: 1 })).toEqual(all.slice(1));
    expect(operations.journal({ since: Date.now() + 60_000, name: null, limit: 100 })).toEqual([]);
  });

  test('explain: a worker, several, an entry, or whatever is not as it should be', () => {
    expect(operations.explain('shop:0').text).toContain('shop:0 is RUNNING');
    expect(operations.explain('team').text).toMatch(/shop:0 is RUNNING[^]*mail:0 is STOPPED/);
    const [attach] = controller.journal.entries();
    expect(operations.explain(attach?.id ?? '').entries.length).toBeGreaterThan(0);
    expect(operations.explain(null).text).toBe('Every worker that should run is running.');
    expect(() => operations.explain('nobody')).toThrow(OperationError);
  });

  test('logs: where both streams of a worker go', () => {
    const { logDir } = controller.config;
    expect(operations.logs('shop')).toEqual({
      name: 'shop:0',
      stdout: join(logDir, 'shop-0.log'),
      stderr: join(logDir, 'shop-0.log'),
    });
    expect(operations.logs('mail:0').stderr).toBe(join(logDir, 'mail.err'));
    expect(() => operations.logs('nobody')).toThrow(OperationError);
  });
});

test('an upgrade that would end the container is refused, and the reason is told', async () => {
  refusal = 'not upgraded: the container would end';
  expect(await run('upgrade', [])).toEqual({ results: [{ name: 'all', ok: false, text: refusal }] });
});
