/** What a reload does or would do, for people: one line a program that changes, its keys below it. */
import type { ReloadKey, ReloadReply } from '../api/types.ts';
import { stripControls } from './plain.ts';
import { wrap } from './width.ts';

/** Nothing for an invalid file: its problems say all. */
export function planLines({ plan, dryRun, file }: ReloadReply, columns: number): string[] {
  if (plan === null) return [];
  const changed = plan.programs.filter(({ change }) => change !== 'unchanged');
  const unchanged = plan.programs.length - changed.length;
  const rows = [
    ...changed.flatMap(({ text, keys }) => [`${text}.`, ...keys.map((key) => `  ${keyLine(key)}`)]),
    ...plan.settings.map((key) => `${keyLine(key)}.`),
    ...plan.notApplied.map(({ text }) => `Not applied: ${text}.`),
  ];
  const touched = unchanged === 0 ? '' : ` ${unchanged} ${unchanged === 1 ? 'program is' : 'programs are'} as before.`;
  const head = rows.length === 0 ? `${file} says what is in force already; nothing changes.` : headOf(dryRun, file);
  return [`${head}${rows.length === 0 ? '' : touched}`, ...rows].flatMap((row) => fold(stripControls(row), columns));
}

function headOf(dryRun: boolean, file: string): string {
  return dryRun ? `A reload of ${file} would do this; nothing was changed.` : `Reloaded ${file}.`;
}

const MEANING: Record<ReloadKey['effect'], string> = {
  live: 'at once',
  roll: 'new processes',
  workers: 'workers start or stop',
};

function keyLine({ path, line, from, to, effect }: ReloadKey): string {
  const where = line === null ? '' : ` (line ${line})`;
  const values = from === to ? 'changed' : `${from ?? 'not set'} → ${to ?? 'not set'}`;
  return `${path}${where}: ${values}, ${MEANING[effect]}`;
}

/** Further lines of a row stand further in. */
function fold(row: string, columns: number): string[] {
  const indent = row.length - row.trimStart().length;
  const [first = '', ...rest] = wrap(row.trim(), Math.max(20, columns - indent - 2));
  return [`${' '.repeat(indent)}${first}`, ...rest.map((line) => `${' '.repeat(indent + 2)}${line}`)];
}
