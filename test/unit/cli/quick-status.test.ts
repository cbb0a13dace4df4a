import { expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/command-line.ts';
import { quickStatus } from '../../../src/cli/quick-status.ts';
import { fakeController } from './fake-controller.ts';
import { makeStatus, makeWorker, recordContext } from './samples.ts';

const NONE = { config: null, socket: null, json: false };

test.each([
  [['status'], { names: [], options: NONE }],
  [['status', 'a', 'b:*'], { names: ['a', 'b:*'], options: NONE }],
  [['-c', 'w.yaml', 'status', 'a'], { names: ['a'], options: { ...NONE, config: 'w.yaml' } }],
  [
    ['status', '--json', '--socket', '/s', '--config', 'w'],
    { names: [], options: { config: 'w', socket: '/s', json: true } },
  ],
])('%j is a plain status', (argv, expected) => {
  expect(quickStatus(argv)).toEqual(expected);
});

test.each([
  [[]],
  [['stop', 'a']],
  [['status', '--help']],
  [['status', '--jsn']],
  [['status', '-c']],
  [['status', '--socket', '--json']],
  [['status', '--config=w.yaml']],
  [['status', '--', '-x']],
  [['help', 'status']],
  [['a', 'status']],
])('%j goes to the parser', (argv) => {
  expect(quickStatus(argv)).toBeNull();
});

test('the parser understands a plain status in the same way', async () => {
  const fake = await fakeController(() => makeStatus([makeWorker({ state: 'STOPPED' })]));
  const argv = ['status', 'a', '--json', '--socket', fake.socketPath];
  const quick = quickStatus(argv);
  const code = await runCommandLine(argv, { version: '1', platform: 'linux' }, recordContext());
  await fake.close();
  expect(code).toBe(3);
  expect(fake.requests[0]?.query.getAll('name')).toEqual(quick?.names);
});
