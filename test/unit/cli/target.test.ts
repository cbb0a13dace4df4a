import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTarget } from '../../../src/cli/target.ts';

const NONE = { config: null, socket: null, json: false };
let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ackwarden-target-'));
});
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

test('--socket wins over everything', async () => {
  await writeFile(join(cwd, 'workers.yaml'), 'stateDir: /run/a\n');
  const target = await findTarget({ ...NONE, socket: 'x.sock' }, { cwd, env: {}, uid: 0 });
  expect(target).toEqual({ socketPath: join(cwd, 'x.sock'), configuration: null });
});

test('the stateDir of -c, relative to that file', async () => {
  await writeFile(join(cwd, 'other.yaml'), 'stateDir: state\n');
  const target = await findTarget({ ...NONE, config: 'other.yaml' }, { cwd, env: {}, uid: 0 });
  expect(target).toEqual({ socketPath: join(cwd, 'state/control.sock'), configuration: join(cwd, 'other.yaml') });
});

test('./workers.yaml without -c; without a stateDir in it, the default', async () => {
  await writeFile(join(cwd, 'workers.yaml'), 'version: 1\n');
  const as = async (uid: number, env: Record<string, string>): Promise<string> =>
    (await findTarget(NONE, { cwd, env, uid })).socketPath;
  expect(await as(0, {})).toBe('/run/ackwarden/control.sock');
  expect(await as(1000, { XDG_RUNTIME_DIR: '/run/user/1000' })).toBe('/run/user/1000/ackwarden/control.sock');
  expect(await as(1000, {})).toBe('/tmp/ackwarden-1000/control.sock');
});

test('a file that is named and missing is an error, not a default', async () => {
  await expect(findTarget({ ...NONE, config: 'no.yaml' }, { cwd, env: {}, uid: 0 })).rejects.toThrow(
    /cannot read the configuration .*no\.yaml: there is no such file/,
  );
});

test('a socket path that Linux cannot hold is refused', async () => {
  await writeFile(join(cwd, 'workers.yaml'), `stateDir: /tmp/${'d'.repeat(100)}\n`);
  await expect(findTarget(NONE, { cwd, env: {}, uid: 0 })).rejects.toThrow(/118 bytes long, and Linux allows 107/);
});
