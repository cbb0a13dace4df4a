/** `ackwarden import FILE…`: a workers.yaml on stdout, and on stderr whatever somebody should know about it. */
import { hostname } from 'node:os';
import { importFiles } from '../config/import/import.ts';
import { remarkText } from '../config/import/report.ts';
import type { Remark, Severity } from '../config/import/report.ts';
import { painter } from './colour.ts';
import type { Colour } from './colour.ts';
import type { Context, Output } from './context.ts';
import { stripControls } from './plain.ts';
import { wrap } from './width.ts';

const COLOURS: Readonly<Record<Severity, Colour>> = { error: 'red', warning: 'yellow', note: 'dim' };

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function writeRemarks(remarks: readonly Remark[], stderr: Output): void {
  const { columns, colour } = stderr.terminal;
  const paint = painter(colour);
  for (const remark of remarks) {
    const [first = '', ...more] = wrap(stripControls(remarkText(remark)), columns - 2);
    const lines = [first, ...more.map((rest) => `  ${rest}`)];
    stderr.write(`${lines.map((line) => paint(COLOURS[remark.severity], line)).join('\n')}\n`);
  }
}

/** Resolves with the exit code: 0 written, 2 supervisord would not start with it either. */
export function importSupervisord(
  { files, applyNames }: { files: readonly string[]; applyNames: boolean },
  { stdout, stderr, env, cwd }: Pick<Context, 'stdout' | 'stderr' | 'env' | 'cwd'>,
): Promise<number> {
  const { yaml, remarks, programs, groups } = importFiles({ files, cwd, env, hostName: hostname(), applyNames });
  if (yaml === null) {
    const errors = remarks.filter(({ severity }) => severity === 'error');
    // A warning may be the cause: a comment sign that cuts a value.
    writeRemarks(
      remarks.filter(({ severity }) => severity !== 'note'),
      stderr,
    );
    stderr.write(`${counted(errors.length, 'error')}; nothing was written.\n`);
    return Promise.resolve(2);
  }
  stdout.write(yaml);
  writeRemarks(remarks, stderr);
  const warnings = remarks.filter(({ severity }) => severity === 'warning').length;
  const found = `${counted(programs, 'program')} and ${counted(groups, 'group')} imported`;
  stderr.write(`${found}; ${warnings === 0 ? 'nothing needs a look' : `${counted(warnings, 'thing')} to look at`}.\n`);
  return Promise.resolve(0);
}
