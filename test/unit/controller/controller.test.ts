import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Controller } from '../../../src/controller/controller.ts';
import { Journal } from '../../../src/controller/journal.ts';
import { monotonicMs } from '../../../src/linux/clock.ts';
import type { Fact, FactBody } from '../../../src/shim/protocol.ts';
import { FakeShim, helloOf, livingOf } from './fake-shim.ts';
import type { Hello } from './fake-shim.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
let shim: FakeShim;
let controller: Controller;
/** The answers to each hello, the last one for all that follow; `facts` go out in the same piece, behind the hello. */
let answers: { hello: Hello; facts: Fact[] }[] = [];

beforeEach(async () => {
  folder = makeRoot();
  const config = configOf(folder.root, {
    shop: { command: 'sleep 1000', directory: '/', start: { seconds: '0s' } },
  });
  answers = [{ hello: helloOf(), facts: [] }];
  shim = new FakeShim(() => {
    const next = answers.length > 1 ? answers.shift() : answers[0];
    return next === undefined ? [] : [next.hello, ...next.facts.map((fact) => ({ type: 'fact' as const, fact }))];
  });
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
});

afterEach(async () => {
  controller.detach();
  controller.journal.close();
  await shim.close();
  folder.remove();
});

const factOf = (seq: number, body: FactBody): Fact => ({ ...body, seq, at: monotonicMs(), wall: Date.now() });
const exitOf = (incarnation: string): FactBody => ({
  kind: 'exited',
  incarnation,
  pid: 999_999,
  spawnedAt: monotonicMs() - 10_000,
  spawnedWall: 1,
  status: { code: null, signal: 'SIGKILL' },
  stop: null,
  lastSample: null,
  gate: null,
  swept: 0,
});
const spawnsOf = (): string[] =>
  shim.received.flatMap((message) => (message.type === 'spawn' ? [message.spec.incarnation] : []));
const rules = (): string[] => controller.journal.entries().map((entry) => entry.reason.rule);
/** Resolves with the next entry of a rule. */
const entry = (rule: string): Promise<void> =>
  new Promise((resolve) => {
    const stop = controller.journal.subscribe((one) => {
      if (one.reason.rule !== rule) return;
      stop();
      resolve();
    });
  });

describe('the controller meets a shim', () => {
  test('a fact that arrives in one piece with the hello is heard after the adoption: no ghost, no second start', async () => {
    answers = [
      {
        hello: helloOf({ incarnations: [livingOf('shop:0#1', monotonicMs() - 10_000)] }),
        facts: [factOf(1, exitOf('shop:0#1'))],
      },
    ];
    await controller.start();
    await shim.until(() => spawnsOf().length > 0);
    expect(rules().filter((rule) => /^(adopt|exit|start)/.test(rule))).toEqual([
      'adopt',
      'exit.unexpected',
      'start.afterExit',
    ]);
    expect(spawnsOf()).toEqual(['shop:0#2']);
  });

  test('a refused spawn is a failed start', async () => {
    await controller.start();
    await shim.until(() => spawnsOf().length === 1);
    const failed = entry('spawn.failed');
    shim.say({ type: 'refused', what: 'spawn', incarnation: 'shop:0#1', text: 'no' });
    await failed;
    expect(controller.core.workers['shop:0']?.life.state).toBe('BACKOFF');
  });

  test('an order that is refused because its process ended just before is not worth a word; any other is', async () => {
    await controller.start();
    await shim.until(() => spawnsOf().length === 1);
    const refused = entry('refused');
    shim.say({ type: 'refused', what: 'stop', incarnation: 'shop:0#9', text: 'it is gone' });
    shim.say({ type: 'refused', what: 'setLimits', incarnation: 'shop:0#1', text: 'no' });
    await refused;
    const said = controller.journal.entries().filter(({ reason }) => reason.rule === 'refused');
    expect(said.map(({ worker, reason }) => [worker, reason.text])).toEqual([
      ['shop:0', 'The shim refused setLimits: no'],
    ]);
  });

  test('an oom_score_adj that the kernel refuses: said once, in its own words, and the policy is off for the worker', async () => {
    await controller.start();
    await shim.until(() => spawnsOf().length === 1);
    const refused = entry('oom.refused');
    shim.say({ type: 'refused', what: 'setOom', incarnation: 'shop:0#1', text: 'it could not be set: EACCES.' });
    await refused;
    const said = controller.journal.entries().filter(({ reason }) => reason.rule.endsWith('refused'));
    expect(said.map(({ reason }) => reason.text)).toEqual([
      'oom.policy is off for shop:0 until workers.yaml changes: it could not be set: EACCES',
    ]);
    expect(controller.core.workers['shop:0']?.oomRefused).toBe(true);
  });

  test('what was heard of one shim is not acknowledged to the next', async () => {
    await controller.start();
    await shim.until(() => spawnsOf().length === 1);
    const heard = entry('logTrouble');
    shim.say({ type: 'fact', fact: factOf(57, { kind: 'logTrouble', path: '/x', text: 'full', droppedLines: 1 }) });
    await heard;
    shim.received.length = 0;
    answers = [{ hello: helloOf({ pid: 4343, startedWall: 2_000 }), facts: [] }];
    shim.hangUp();
    await shim.until(() => spawnsOf().length > 0);
    expect(shim.received.filter((message) => message.type === 'ack')).toEqual([]);
  });

  test('facts of the same shim that were heard already are not heard again after a broken connection', async () => {
    await controller.start();
    await shim.until(() => spawnsOf().length === 1);
    const trouble = factOf(1, { kind: 'logTrouble', path: '/x', text: 'full', droppedLines: 1 });
    const heard = entry('logTrouble');
    shim.say({ type: 'fact', fact: trouble });
    await heard;
    const again = entry('attach');
    answers = [{ hello: helloOf({ facts: [trouble] }), facts: [] }];
    shim.hangUp();
    await again;
    expect(rules().filter((rule) => rule === 'logTrouble')).toHaveLength(1);
  });

  test('a spawn that the shim still has before it when the connection breaks is not ordered again', async () => {
    await controller.start();
    await shim.until(() => spawnsOf().length === 1);
    const again = entry('attach');
    answers = [{ hello: helloOf({ untold: ['shop:0#1'] }), facts: [] }];
    shim.hangUp();
    await again;
    expect(spawnsOf()).toEqual(['shop:0#1']);
    expect(controller.core.workers['shop:0']?.life).toMatchObject({ state: 'STARTING', incarnation: { number: 1 } });
  });

  test('a shim that cannot be had is shown for as long as it cannot', async () => {
    await controller.start();
    expect(controller.troubles).toEqual([]);
    const gone = entry('shim.unreachable');
    const config = controller.config;
    await shim.close();
    await gone;
    expect(controller.troubles).toEqual([
      expect.stringMatching(/^there is no shim.*: the shim did not start: it ended/),
    ]);
    const back = entry('attach');
    await shim.listen(join(config.stateDir, 'shim.sock'));
    await back;
    expect(controller.troubles).toEqual([]);
    expect(rules().filter((rule) => rule === 'shim.unreachable')).toHaveLength(1);
  });

  test('log trouble is acknowledged although nothing else happens', async () => {
    await controller.start();
    await shim.until(() => spawnsOf().length === 1);
    shim.say({ type: 'fact', fact: factOf(3, { kind: 'logTrouble', path: '/x', text: 'full', droppedLines: 1 }) });
    await shim.until((received) => received.some((message) => message.type === 'ack' && message.seq === 3));
  });

  test('a shim that speaks a newer protocol is refused with a sentence, and nothing is ordered', async () => {
    answers = [{ hello: helloOf({ protocol: 9 }), facts: [] }];
    await expect(controller.start()).rejects.toThrow(/speaks protocol 9.*expected 1/);
    expect(shim.received.map(({ type }) => type)).toEqual(['hello']);
  });

  test('once it has left, nothing that is still said changes anything', async () => {
    answers = [{ hello: helloOf({ incarnations: [livingOf('shop:0#1', monotonicMs() - 10_000)] }), facts: [] }];
    await controller.start();
    const { core } = controller;
    controller.detach();
    controller.post({ type: 'exited', fact: { ...exitOf('shop:0#1') } as Extract<FactBody, { kind: 'exited' }> });
    expect(controller.core).toBe(core);
  });

  test('a shutdown before the shim has answered does not leave that shim behind', async () => {
    const started = controller.start();
    controller.post({ type: 'command', verb: 'shutdown', workers: [], kill: false, reason: null });
    await started;
    await shim.until((received) => received.some((message) => message.type === 'leave'));
    expect(spawnsOf()).toEqual([]);
  });
});
