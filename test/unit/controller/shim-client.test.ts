import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ShimClient } from '../../../src/controller/shim-client.ts';
import type { FromShim } from '../../../src/shim/protocol.ts';
import { FakeShim, helloOf } from './fake-shim.ts';
import { makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
let answer: FromShim[] = [];
let shim: FakeShim;
beforeEach(async () => {
  folder = makeRoot();
  shim = new FakeShim(() => answer);
  await shim.listen(join(folder.root, 'shim.sock'));
});
afterEach(async () => {
  await shim.close();
  folder.remove();
});

const heard: string[] = [];
const door = (name = 'shim.sock', helloDeadlineMs = 60_000) => ({
  path: join(folder.root, name),
  version: 'test',
  helloDeadlineMs,
  listener: {
    hello: () => heard.push('hello'),
    message: ({ type }: FromShim) => heard.push(type),
    closed: () => heard.push('closed'),
  },
});

test('a hello is heard before what follows it in the same piece', async () => {
  heard.length = 0;
  answer = [helloOf(), { type: 'refused', what: 'x', incarnation: null, text: 'y' }];
  const client = await ShimClient.attach(door());
  expect(heard).toEqual(['hello', 'refused']);
  client?.close();
});

test('nobody at the path is null', async () => {
  expect(await ShimClient.attach(door('nothing.sock'))).toBeNull();
});

test.each<[string, FromShim[], RegExp]>([
  ['is silent', [], /does not answer within 0.1 s; is its process stopped/],
  ['refuses', [{ type: 'refused', what: 'hello', incarnation: null, text: 'no' }], /refused us: no/],
  ['is of another protocol', [helloOf({ protocol: 3, version: '9.9' })], /version 9.9\) speaks protocol 3, expected 1/],
])('a shim that %s is a sentence', async (_what, said, text) => {
  answer = said;
  await expect(ShimClient.attach(door('shim.sock', said.length === 0 ? 100 : 60_000))).rejects.toThrow(text);
});

test('the protocol before ours is spoken too', async () => {
  answer = [helloOf({ protocol: 0 })];
  const client = await ShimClient.attach(door());
  expect(client?.hello.protocol).toBe(0);
  client?.close();
});
