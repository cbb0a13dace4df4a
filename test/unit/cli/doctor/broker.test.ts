import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkBrokers, checkConfiguration } from '../../../../src/cli/doctor/broker.ts';
import { loadNamed } from '../../../../src/cli/check.ts';
import type { Config } from '../../../../src/config/types.ts';
import { recordContext } from '../samples.ts';

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ackwarden-doctor-'));
});
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

const PROGRAM = (more = ''): string => `  NAME:\n    command: php artisan task:event\n    directory: .\n${more}`;

async function load(text: string): Promise<Config> {
  await writeFile(join(cwd, 'workers.yaml'), text);
  const loaded = loadNamed(null, { cwd, env: { HOME: cwd }, uid: 1000 });
  if (loaded.ok) return loaded.config;
  throw new Error(loaded.problems.map((found) => found.text).join('; '));
}

const NONE = { config: null, socket: null, json: false };

test('asks each broker once, and says what follows when one is away', async () => {
  const own = '    broker: { url: "amqp://a:secret@other/" }\n';
  const text = `version: 1\nbroker: { url: "amqp://127.0.0.1/" }\nprograms:\n${PROGRAM().replace('NAME', 'a')}${PROGRAM(own).replace('NAME', 'b')}`;
  const asked: string[] = [];
  const checks = await checkBrokers(await load(text), (urls) => {
    asked.push(...urls);
    const reachable = urls[0]?.includes('127.0.0.1') === true;
    return Promise.resolve({
      reachable,
      text: reachable ? 'The broker at 127.0.0.1 answers.' : 'The broker at other is away.',
    });
  });
  expect(asked).toEqual(['amqp://127.0.0.1/', 'amqp://a:secret@other/']);
  expect(checks.map(({ level, text: said }) => [level, said])).toEqual([
    ['ok', 'The broker at 127.0.0.1 answers'],
    ['problem', 'The broker at other is away'],
  ]);
  expect(JSON.stringify(checks)).not.toContain('secret');
});

test('an embedded broker is not asked; none is a note', async () => {
  const never = (): never => expect.fail('nobody is to be asked');
  const program = PROGRAM().replace('NAME', 'a');
  const embedded = await load(`version: 1\nbroker: { embedded: true }\nprograms:\n${program}`);
  expect(await checkBrokers(embedded, never)).toMatchObject([{ level: 'ok' }]);
  expect(await checkBrokers(await load(`version: 1\nprograms:\n${program}`), never)).toMatchObject([{ level: 'note' }]);
});

test('an invalid configuration points to check', async () => {
  await writeFile(join(cwd, 'bad.yaml'), 'version: 1\nprogrammes: {}\n');
  const context = recordContext({ cwd });
  expect(await checkConfiguration({ ...NONE, config: 'bad.yaml' }, context)).toMatchObject([
    { level: 'problem', remedy: 'run `ackwarden check`', blocking: false },
  ]);
});
