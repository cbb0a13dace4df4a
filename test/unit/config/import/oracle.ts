/** Python as the oracle: supervisord's own parser is its configparser, shlex and % operator. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

/** Debian's own, which also has supervisor; else whatever there is. */
export const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
export const HAS_PYTHON = spawnSync(PYTHON, ['-c', '']).status === 0;

const SCRIPT = fileURLToPath(new URL('oracle.py', import.meta.url));

/** What Python says to each case. */
export function askPython<T>(kind: string, cases: readonly unknown[]): T[] {
  const input = JSON.stringify(cases);
  const output = execFileSync(PYTHON, [SCRIPT, kind], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return JSON.parse(output) as T[];
}

/** The shortest case on which the two differ, with both answers; null: they agree. */
export function shortestDifference<C, A>(
  cases: readonly C[],
  theirs: readonly A[],
  ours: (one: C) => A,
): { one: C; theirs: A; ours: A } | null {
  const differing = cases.flatMap((one, at) => {
    const expected = theirs[at] as A;
    const found = ours(one);
    return isDeepStrictEqual(found, expected) ? [] : [{ one, theirs: expected, ours: found }];
  });
  return differing.toSorted((a, b) => JSON.stringify(a.one).length - JSON.stringify(b.one).length)[0] ?? null;
}
