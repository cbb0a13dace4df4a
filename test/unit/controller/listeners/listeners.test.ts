import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Config } from '../../../../src/config/types.ts';
import { Listeners } from '../../../../src/controller/listeners/listeners.ts';
import { initialState } from '../../../../src/core/step.ts';
import { isAlive } from '../../../e2e/controller/site.ts';
import { configOf, makeRoot } from '../fixture.ts';
import type { Folder } from '../fixture.ts';

const SCRIPT = fileURLToPath(new URL('../../../fixtures/listeners/listener.sh', import.meta.url));

let folder: Folder;
let config: Config;
let listeners: Listeners;
const said: string[] = [];

const ear = (name: string, keys: object = {}): object => ({
  [name]: {
    command: ['sh', SCRIPT],
    events: ['PROCESS_GROUP', 'SUPERVISOR_STATE_CHANGE', 'REMOTE_COMMUNICATION'],
    environment: { HEARD: join(folder.root, name) },
    ...keys,
  },
});

const configure = (eventListeners: object, programs: string[] = ['shop']): void => {
  const all = programs.map((name) => [name, { command: 'php x' }]);
  config = configOf(folder.root, Object.fromEntries(all), { eventListeners });
};

const reload = (eventListeners: object, programs?: string[]): void => {
  configure(eventListeners, programs);
  const state = initialState('t');
  listeners.onStep(state, state, []);
};

const heard = (name: string): string[] => {
  const path = join(folder.root, name);
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
};
const events = (name: string): string[] => heard(name).filter((line) => /^[A-Z]/.test(line));
const pids = (name: string): number[] =>
  heard(name).flatMap((line) => (line.startsWith('pid ') ? Number(line.slice(4)) : []));
const until = (holds: () => boolean): Promise<void> =>
  vi.waitUntil(holds, { timeout: 50_000, interval: 20 }).then(() => undefined);

const build = (eventListeners: object): void => {
  configure(eventListeners);
  listeners = new Listeners({
    config: () => config,
    inherited: process.env,
    say: (action, rule, { listener }) => said.push(`${action} ${rule} ${String(listener)}`),
  });
  listeners.start();
};

beforeEach(() => {
  folder = makeRoot();
  said.length = 0;
});

afterEach(async () => {
  await listeners.close();
  folder.remove();
});

test('what a reload leaves as it was goes on, and hears of the groups', async () => {
  build(ear('a'));
  reload(ear('a'), ['shop', 'mail']);
  reload(ear('a'), ['mail']);
  await until(() => events('a').length >= 4);
  expect(events('a')).toEqual([
    'PROCESS_GROUP_ADDED groupname:shop',
    'SUPERVISOR_STATE_CHANGE_RUNNING ',
    'PROCESS_GROUP_ADDED groupname:mail',
    'PROCESS_GROUP_REMOVED groupname:shop',
  ]);
  expect(pids('a')).toHaveLength(1);
});

test('one that a reload changes makes room for its successor, which hears what came meanwhile', async () => {
  build(ear('a'));
  await until(() => events('a').length === 2);
  reload(ear('a', { bufferSize: 11 }));
  listeners.remote('kind', 'words');
  await until(() => events('a').length === 3);
  expect(events('a').at(-1)).toBe('REMOTE_COMMUNICATION type:kind');
  const [first = 0, second = 0] = pids('a');
  expect(isAlive(first)).toBe(false);
  expect(isAlive(second)).toBe(true);
  expect(said).toEqual(['start listener.started a', 'stop listener.stopped a', 'start listener.started a']);
});

test('one is added and one removed', async () => {
  build(ear('a'));
  await until(() => events('a').length === 2);
  reload(ear('b'));
  listeners.remote('kind', 'words');
  await until(() => events('b').length === 1);
  await until(() => !isAlive(pids('a')[0] ?? 0));
  expect(events('a')).toHaveLength(2);
});

test('two reloads in a row start no third', async () => {
  build(ear('a'));
  await until(() => events('a').length === 2);
  reload(ear('a', { bufferSize: 11 }));
  reload(ear('a', { bufferSize: 12 }));
  await until(() => pids('a').length === 2);
  listeners.remote('kind', 'words');
  await until(() => events('a').length >= 3);
  expect(pids('a').map(isAlive)).toEqual([false, true]);
  await listeners.close();
  expect(pids('a').map(isAlive)).toEqual([false, false]);
});

test('an event that is refused rests, however soon the listener is ready again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const environment = { HEARD: join(folder.root, 'a'), REFUSE: '1' };
    build(ear('a', { events: ['SUPERVISOR_STATE_CHANGE'], environment }));
    await until(() => events('a').length === 1);
    // It waits a while for the event to be taken after all; nothing is sent meanwhile, because the clock stands still.
    await listeners.close();
    expect(events('a')).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

test('without a listener nothing is kept, and nothing waits', async () => {
  build({});
  listeners.remote('kind', 'words');
  await listeners.close();
  expect(said).toEqual([]);
});
