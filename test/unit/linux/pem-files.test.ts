import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PemProblem, readPemFiles } from '../../../src/linux/pem-files.ts';
import type { PemFiles } from '../../../src/linux/pem-files.ts';
import { makeAuthority, sign } from '../../certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'ackwarden-pem-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const authority = makeAuthority(folder, 'authority');
const client = sign(folder, authority, { name: 'client' });
const old = sign(folder, authority, { name: 'old', days: -1 });
const locked = at('locked.key');
execFileSync('openssl', ['pkcs8', '-topk8', '-in', client.key, '-out', locked, '-passout', 'pass:hush']);
writeFileSync(at('nothing.pem'), 'hush\n');
writeFileSync(at('damaged.pem'), '-----BEGIN CERTIFICATE-----\naHVzaA==\n-----END CERTIFICATE-----\n');
writeFileSync(at('bundle.pem'), readFileSync(old.cert, 'utf8') + readFileSync(authority.cert, 'utf8'));

const NONE: PemFiles = { ca: null, cert: null, key: null };
const DAY_MS = 86_400_000;

it('reads what is given, and nothing else', async () => {
  expect(await readPemFiles(NONE, Date.now())).toEqual({});
  expect(await readPemFiles({ ...client, ca: authority.cert }, Date.now())).toEqual({
    ca: readFileSync(authority.cert, 'utf8'),
    cert: readFileSync(client.cert, 'utf8'),
    key: readFileSync(client.key, 'utf8'),
  });
});

it('one authority that is valid makes a bundle good', async () => {
  expect(Object.keys(await readPemFiles({ ...NONE, ca: at('bundle.pem') }, Date.now()))).toEqual(['ca']);
});

it.each<[string, Partial<PemFiles>, keyof PemFiles, RegExp]>([
  [
    'missing',
    { ca: at('none.pem') },
    'ca',
    /^The file \/.*\/none\.pem, which TLS to the broker needs, does not exist\.$/,
  ],
  ['a directory', { ca: folder }, 'ca', /expected a PEM file of at most 4 MiB\.$/],
  ['no PEM', { ca: at('nothing.pem') }, 'ca', /nothing\.pem holds no certificate: expected PEM text/],
  ['damaged', { ca: at('damaged.pem') }, 'ca', /^A certificate in .*damaged\.pem cannot be read: it is damaged\.$/],
  ['expired authority', { ca: old.cert }, 'ca', /old\.pem expired at \d{4}-\d\d-\d\dT[\d:]+Z\.$/],
  ['expired', old, 'cert', /^The certificate in .*old\.pem expired at /],
  [
    'of another key',
    { ...client, key: old.key },
    'key',
    /old\.key does not belong to the certificate in .*client\.pem\.$/,
  ],
  ['locked', { ...client, key: locked }, 'key', /locked\.key is locked with a passphrase: expected one without/],
  ['no key', { ...client, key: client.cert }, 'key', /client\.pem holds no private key: expected PEM text/],
])('%s: a sentence with the file, without what is in it', async (_, files, field, text) => {
  const problem: unknown = await readPemFiles({ ...NONE, ...files }, Date.now()).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(PemProblem);
  expect(problem).toMatchObject({ field, message: expect.stringMatching(text) as string });
  expect(String(problem)).not.toContain('hush');
});

it('a certificate of tomorrow is not valid yet', async () => {
  await expect(readPemFiles({ ...NONE, ...client }, Date.now() - DAY_MS)).rejects.toThrow(
    /client\.pem is not valid before /,
  );
});
