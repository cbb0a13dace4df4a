/** The fixtures: each a file, or a folder whose main file is supervisord.conf (else its files are given one by one). */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { importFiles } from '../../../../src/config/import/import.ts';
import type { Imported } from '../../../../src/config/import/import.ts';

export const FIXTURES = fileURLToPath(new URL('../../../fixtures/supervisord', import.meta.url));

export interface Fixture {
  name: string;
  /** Relative to FIXTURES. */
  files: string[];
  applyNames: boolean;
  env: Record<string, string>;
}

/** `; import: --apply-names` and `; env: A=1 B=two words`, in the first lines. */
function directives(text: string): Pick<Fixture, 'applyNames' | 'env'> {
  const of = (word: string): string => new RegExp(`^; ${word}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  const pairs = of('env')
    .split(/ (?=[A-Z_]+=)/)
    .flatMap((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [] : [[pair.slice(0, at), pair.slice(at + 1)] as const];
    });
  return {
    applyNames: of('import') === '--apply-names',
    env: { HOME: '/root', PATH: '/usr/bin:/bin', ...Object.fromEntries(pairs) },
  };
}

function filesOf(entry: string): string[] {
  if (!statSync(join(FIXTURES, entry)).isDirectory()) return [entry];
  if (existsSync(join(FIXTURES, entry, 'supervisord.conf'))) return [`${entry}/supervisord.conf`];
  return readdirSync(join(FIXTURES, entry))
    .filter((file) => file.endsWith('.conf'))
    .map((file) => `${entry}/${file}`);
}

export function allFixtures(): Fixture[] {
  const entries = readdirSync(FIXTURES).filter(
    (entry) => entry.endsWith('.conf') || statSync(join(FIXTURES, entry)).isDirectory(),
  );
  return entries.map((entry) => {
    const files = filesOf(entry);
    const text = readFileSync(join(FIXTURES, files[0] ?? ''), 'utf8');
    return { name: entry.replace(/\.conf$/, ''), files, ...directives(text) };
  });
}

/** The fixtures under a path that has the same length in every checkout, because comments are wrapped. */
const holder = mkdtempSync('/tmp/ackwarden-fixtures-');
const CWD = join(holder, 'all');
symlinkSync(FIXTURES, CWD);
afterAll(() => rmSync(holder, { recursive: true, force: true }));

/** As `ackwarden import` in the folder of the fixtures, which is written /fixtures. */
export function imported({ files, applyNames, env }: Fixture): Imported {
  const result = importFiles({ files, cwd: CWD, env, hostName: 'box', applyNames });
  const neutral = (text: string): string => text.replaceAll(CWD, '/fixtures');
  const remarks = result.remarks.map((remark) => ({ ...remark, text: neutral(remark.text) }));
  return { ...result, remarks, yaml: result.yaml === null ? null : neutral(result.yaml) };
}
