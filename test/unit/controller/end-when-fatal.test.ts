import { afterEach, beforeEach, expect, test } from 'vitest';
import { Controller } from '../../../src/controller/controller.ts';
import { endWhenFatal } from '../../../src/controller/end-when-fatal.ts';
import { Journal } from '../../../src/controller/journal.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
let controller: Controller;
const reasons: string[] = [];
beforeEach(() => {
  folder = makeRoot();
  reasons.length = 0;
  const config = configOf(folder.root, { shop: { command: 'x', directory: '/', workers: 2, start: { retries: 0 } } });
  controller = new Controller({
    config,
    journal: new Journal(config.journal),
    version: 'test',
    shimScript: '/nonexistent/shim.cjs',
    inherited: {},
    endpoint: () => null,
    changes: null,
    print: (_, done) => done(),
  });
});
afterEach(() => {
  controller.detach();
  controller.journal.close();
  folder.remove();
});

/** Both workers try to start and cannot. */
const failBoth = (): void => {
  const program = { hostMaxConcurrent: 1, reserveBytes: 0 };
  const policies = controller.core.programs;
  controller.post({ type: 'config', programs: Object.values(policies), ...program });
  controller.post({ type: 'attached', shimPid: 1, incarnations: [], ended: [], untold: [] });
  for (const incarnation of ['shop:0#1', 'shop:1#1'])
    controller.post({ type: 'spawnFailed', incarnation, field: 'command', text: 'There is no such command.' });
};

test('the first worker that is given up ends it, once, with its reason', async () => {
  await controller.start().catch(() => undefined);
  endWhenFatal(controller, (why) => reasons.push(why));
  failBoth();
  expect(reasons).toEqual([
    expect.stringMatching(
      /^everything was stopped, because exitOnFatal is set: Gave up on shop:0 after 1 failed starts/,
    ),
  ]);
  const said = controller.journal.entries().filter(({ reason }) => reason.rule === 'fatal.exits');
  expect(said.map(({ reason }) => reason.text)).toEqual([
    'shop:0 is FATAL and exitOnFatal is set: everything is drained and stopped',
  ]);
});

test('one that was FATAL before counts when the controller has started', async () => {
  await controller.start().catch(() => undefined);
  failBoth();
  const look = endWhenFatal(controller, (why) => reasons.push(why));
  expect(reasons).toEqual([]);
  look();
  look();
  expect(reasons).toHaveLength(1);
});
