/** Two shims on real sockets that say what a test wants: an older one in the first slot, ours in the second. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Shims } from '../../../src/controller/shims.ts';
import type { Greeting } from '../../../src/controller/shims.ts';
import type { Fact, FactBody, ToShim } from '../../../src/shim/protocol.ts';
import type { SpawnSpec } from '../../../src/shim/spawn-spec.ts';
import { BUILD } from '../../../src/shim/version.ts';
import { FakeShim, helloOf, livingOf } from './fake-shim.ts';
import type { Hello } from './fake-shim.ts';
import { makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
let shims: Shims;
let open: FakeShim[] = [];
let greetings: Greeting[] = [];
/** What the controller heard, in its order. */
let heard: string[] = [];

beforeEach(() => {
  folder = makeRoot();
  [open, greetings, heard] = [[], [], []];
  shims = new Shims(
    {
      stateDir: join(folder.root, 'state'),
      logDir: join(folder.root, 'log'),
      intervalMs: 250,
      version: 'test',
      build: BUILD,
      shimScript: '/nonexistent/shim.cjs',
    },
    {
      attached: (greeting) => {
        greetings.push(greeting);
        heard.push('attached');
      },
      fact: (fact, slot) => heard.push(`${fact.kind} in ${slot}`),
      message: (message, slot) => heard.push(`${message.type} in ${slot}`),
      lost: (incarnations) => heard.push(`lost ${incarnations}`),
      left: (pid) => heard.push(`left ${pid}`),
      trouble: (text) => heard.push(`trouble ${text}`),
      notRenewed: () => heard.push('not renewed'),
    },
  );
});
afterEach(async () => {
  shims.close();
  await Promise.all(open.map((shim) => shim.close()));
  folder.remove();
});

const exitOf = (seq: number, incarnation: string): Fact => {
  const body: FactBody = {
    kind: 'exited',
    incarnation,
    pid: 1,
    spawnedAt: 1,
    spawnedWall: 1,
    status: { code: 0, signal: null },
    stop: null,
    lastSample: null,
    gate: null,
    swept: 0,
  };
  return { ...body, seq, at: 1, wall: 1 };
};

const live = async (name: string, hello: Partial<Hello>): Promise<FakeShim> => {
  const shim = new FakeShim(() => [helloOf({ incarnations: [], ...hello })]);
  await shim.listen(join(folder.root, 'state', name));
  open.push(shim);
  return shim;
};
const older = (hello: Partial<Hello> = {}): Promise<FakeShim> =>
  live('shim.sock', { pid: 10, build: 'older', version: '0', incarnations: [livingOf('shop:0#1', 1)], ...hello });
const ours = (hello: Partial<Hello> = {}): Promise<FakeShim> =>
  live('shim.2.sock', { pid: 20, incarnations: [livingOf('shop:1#2', 1)], ...hello });

const typesOf = (shim: FakeShim): string[] => shim.received.map(({ type }) => type).filter((type) => type !== 'hello');
const spawn = (incarnation: string): ToShim => ({ type: 'spawn', spec: { incarnation } as SpawnSpec });
const signal = (incarnation: string): ToShim => ({ type: 'signal', incarnation, signal: 'HUP' });
const until = (shim: FakeShim, type: ToShim['type']): Promise<void> =>
  shim.until((received) => received.some((message) => message.type === type));

test('all are asked before anything is told; then one greeting, then what each had to tell', async () => {
  await older({ facts: [exitOf(1, 'shop:3#1')] });
  await ours({ facts: [exitOf(1, 'shop:4#1')] });
  await shims.open();
  expect(heard).toEqual(['attached', 'exited in 1', 'exited in 2']);
  expect(greetings[0]?.answers.map(({ slot, hello }) => [slot, hello.pid])).toEqual([
    [1, 10],
    [2, 20],
  ]);
  expect(greetings[0]).toMatchObject({ shimPid: 20, elsewhere: [] });
  expect(shims.older).toEqual([{ pid: 10, version: '0', incarnations: ['shop:0#1'] }]);
});

test('a spawn goes to the newest, anything else to where the incarnation lives', async () => {
  const [old, fresh] = [await older(), await ours()];
  await shims.open();
  shims.send(spawn('shop:0#2'));
  shims.send(signal('shop:0#1'));
  shims.send(signal('shop:0#2'));
  shims.send({ type: 'sampling', intervalMs: 100 });
  await Promise.all([until(old, 'sampling'), until(fresh, 'sampling')]);
  expect(typesOf(old)).toEqual(['shareLogs', 'signal', 'sampling']);
  expect(typesOf(fresh)).toEqual(['shareLogs', 'spawn', 'signal', 'sampling']);
  const sharing = [old, fresh].map((shim) => shim.received.find(({ type }) => type === 'shareLogs'));
  expect(sharing).toMatchObject([{ sharing: 'follows' }, { sharing: 'leads' }]);
});

test('the older one leaves once it is empty and all it told is safe, and not before; its successor then writes alone', async () => {
  const [old, fresh] = [await older(), await ours()];
  await shims.open();
  shims.retire();
  old.say({ type: 'fact', fact: exitOf(1, 'shop:0#1') });
  await expect.poll(() => heard).toContain('exited in 1');
  shims.retire();
  shims.acknowledge();
  shims.retire();
  await until(old, 'leave');
  expect(typesOf(old)).toEqual(['shareLogs', 'ack', 'leave']);
  await old.close();
  await expect.poll(() => heard).toContain('left 10');
  expect(shims.older).toEqual([]);
  expect(shims.pid).toBe(20);
  await fresh.until((received) => received.some((one) => one.type === 'shareLogs' && one.sharing === 'alone'));
});

test('one that breaks off and answers again tells anew what lives in it; what lives in the other is elsewhere', async () => {
  const [old] = [await older(), await ours()];
  await shims.open();
  old.hangUp();
  await expect.poll(() => heard).toEqual(['attached', 'lost 1', 'attached']);
  expect(greetings[1]).toMatchObject({ answers: [{ slot: 1 }], elsewhere: ['shop:1#2'], shimPid: 20 });
});

test('an older one alone does what it can where ours cannot be started, and nobody is asked to move', async () => {
  const old = await older();
  await shims.open();
  expect(heard).toEqual(['attached', 'not renewed']);
  expect(shims.older).toEqual([]);
  shims.send(spawn('shop:1#1'));
  await until(old, 'spawn');
  shims.retire();
  expect(typesOf(old)).toEqual(['shareLogs', 'spawn']);
});

test('without any shim it throws the reason', async () => {
  await expect(shims.open()).rejects.toThrow(/^the shim did not start: /);
});

test('a shim that does not know its build is older, and is told nothing that it does not know', async () => {
  const { build: _none, ...silent } = helloOf({ pid: 10, incarnations: [livingOf('shop:0#1', 1)] });
  const old = new FakeShim(() => [silent]);
  await old.listen(join(folder.root, 'state', 'shim.sock'));
  open.push(old);
  await ours();
  await shims.open();
  expect(shims.older.map(({ pid }) => pid)).toEqual([10]);
  shims.send({ type: 'reopenLogs' });
  await until(old, 'reopenLogs');
  expect(typesOf(old)).toEqual(['reopenLogs']);
});
