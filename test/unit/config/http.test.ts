import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { credentialsOf } from '../../../src/controller/credentials.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'http '))));
afterEach(() => rmSync(folder, { recursive: true }));

const load = (http: object, files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const file = join(folder, 'workers.yaml');
  writeFileSync(file, JSON.stringify({ version: 1, http, programs: { a: { command: 'b' } } }));
  return loadConfig(file, {}, { uid: 0, home: '/root' });
};
const TOKEN = 'x'.repeat(16);

test('address and files', () => {
  const http = { listen: '[::1]:80', tokenFile: 'token', username: 'me', passwordFile: 'password' };
  const loaded = load(http, { token: `${TOKEN}\n`, password: 'pw' });
  if (!loaded.ok || loaded.config.http === null) return expect.fail('not loaded');
  expect(loaded.config.http).toEqual({
    host: '::1',
    port: 80,
    tokenFile: join(folder, 'token'),
    basic: { username: 'me', passwordFile: join(folder, 'password') },
  });
  expect(JSON.stringify(loaded.config)).not.toContain(TOKEN);
  expect(credentialsOf(loaded.config.http)).toEqual({ token: TOKEN, basic: { username: 'me', password: 'pw' } });
  rmSync(join(folder, 'token'));
  const { http: read } = loaded.config;
  expect(() => credentialsOf(read)).toThrow(/^http.tokenFile: .*token cannot be read: ENOENT/);
});

test.each([
  ['', 'holds 0 characters, expected at least 16'],
  ['short', 'holds 5 characters, expected at least 16'],
  [`${TOKEN}\n${TOKEN}`, 'has more than one line, expected one with the secret'],
])('a token file with %j is refused, unquoted', (token, text) => {
  const loaded = load({ tokenFile: 'token' }, { token });
  const http = loaded.ok ? loaded.config.http : null;
  if (http === null) return expect.fail('not loaded');
  expect(() => credentialsOf(http)).toThrow(`http.tokenFile: ${join(folder, 'token')} ${text}`);
});
