/** Texts of a program as workers.yaml would hold them, each proven by reading it back. */
import { interpolate } from '../interpolate.ts';
import { fillTemplate } from '../templates.ts';
import { splitWords } from '../words.ts';
import type { Process } from './process.ts';
import type { Unit } from './unit.ts';
import { FORMS } from './world.ts';
import type { Form, World } from './world.ts';

/** One program of workers.yaml: some processes of a program of supervisord, and its name here. */
export interface Slice {
  world: World;
  unit: Unit;
  name: string;
  processes: Unit['processes'];
}

/** Of the first worker: process numbers may be negative, indexes may not. */
export function firstIndexOf({ processes }: Pick<Slice, 'processes'>): number {
  return Math.min(Math.max(processes[0]?.index ?? 0, 0), 1_000_000);
}

/** What ackwarden makes of `text` for the worker with this index; null: an unset variable. */
function readBack(
  { world, name }: Slice,
  text: string,
  { index, fills }: { index: number; fills: boolean },
): string | null {
  const filled = interpolate(text, world.env);
  if (filled.faults.length > 0) return null;
  return fills ? fillTemplate(filled.text, { program: name, worker: '\u0000', index }) : filled.text;
}

/** Whether `text` gives each process what supervisord gives it. */
function fits(
  slice: Slice,
  text: string,
  wanted: { select: (process: Process) => string | null; fills: boolean },
): boolean {
  const first = firstIndexOf(slice);
  return slice.processes.every(
    ({ process }, at) => readBack(slice, text, { index: first + at, fills: wanted.fills }) === wanted.select(process),
  );
}

function firstIn({ unit, processes }: Slice, form: Form): Process | null {
  const [first] = processes;
  return first === undefined ? null : unit.inForm(form, first.index);
}

/**
 * The text for workers.yaml; null: no one text is right for all processes. `select` gives null where a process has no such text.
 * `fills`: whether `{program}` and `{index}` are filled in there.
 */
export function writtenText(
  slice: Slice,
  wanted: { select: (process: Process) => string | null; fills: boolean },
): string | null {
  for (const form of FORMS) {
    const process = firstIn(slice, form);
    const marked = process === null ? null : wanted.select(process);
    if (marked === null) continue;
    const text = slice.world.markers.written(marked);
    if (fits(slice, text, wanted)) return text;
  }
  return literally(slice, ({ process }) => [wanted.select(process) ?? ''])?.[0] ?? null;
}

/** The texts of a single process as they are, also where ackwarden will read something into them; null: there are several. */
function literally(
  { world, unit, processes }: Slice,
  select: (one: Unit['processes'][number]) => string[],
): string[] | null {
  const [only, more] = processes;
  if (only === undefined || more !== undefined) return null;
  const said = 'holds the words {program}, {worker} or {index}, which ackwarden fills in and which cannot be escaped';
  world.report.warn(unit.section.place, `[${unit.section.name}]`, said);
  return select(only).map((text) => world.markers.written(text));
}

/** Whether the string is split into the words that the list would give. */
function splitsInto({ world }: Slice, text: string, words: readonly string[]): boolean {
  const filled = interpolate(text, world.env);
  const split = filled.faults.length === 0 ? splitWords(filled.text) : null;
  const expected = words.map((word) => interpolate(word, world.env).text);
  return split?.ok === true && JSON.stringify(split.value) === JSON.stringify(expected);
}

/** A word in the quotes that it needs. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./{}~^!*?[\]-]+$/.test(word.replaceAll(/\$?\$\{\w+\}/g, 'x'))) return word;
  if (!word.includes("'")) return `'${word}'`;
  return `"${word.replaceAll(/["\\`]/g, '\\$&')}"`;
}

/** A command as one string where that says the same, else as a list. */
function commandText(slice: Slice, words: readonly string[]): string | string[] {
  const text = words.map(quoted).join(' ');
  return splitsInto(slice, text, words) ? text : [...words];
}

/** The command for workers.yaml; null: no one command is right for all processes. */
export function writtenCommand(slice: Slice, { fills }: { fills: boolean }): string | string[] | null {
  const first = firstIndexOf(slice);
  for (const form of FORMS) {
    const marked = firstIn(slice, form)?.argv ?? [];
    const words = marked.map((word) => slice.world.markers.written(word));
    const isRight = slice.processes.every(
      ({ process }, offset) =>
        process.argv.length === words.length &&
        words.every((word, at) => readBack(slice, word, { index: first + offset, fills }) === process.argv[at]),
    );
    if (isRight && words.length > 0) return commandText(slice, words);
  }
  return literally(slice, ({ process }) => process.argv);
}
