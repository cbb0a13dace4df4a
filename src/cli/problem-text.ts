/** Problems of a workers.yaml for people: the place, what is wrong, and the line with a caret under the column. */
import { readTextFile } from '../config/read-file.ts';
import { maskLine } from '../config/mask.ts';
import type { Problem } from '../config/types.ts';
import type { Paint } from './colour.ts';
import { stripControls } from './plain.ts';
import { displayWidth, truncate, wrap } from './width.ts';

interface Excerpt {
  line: string;
  /** Columns before the caret. */
  indent: number;
}

/** `line` around `column` (one-based), masked, at most `room` columns wide. */
export function excerptOf(line: string, column: number, room: number): Excerpt {
  const flat = line.replaceAll('\t', ' ');
  const before = stripControls(maskLine(flat.slice(0, column - 1)));
  const whole = stripControls(maskLine(flat)).trimEnd();
  const indent = displayWidth(before);
  if (displayWidth(whole) <= room || indent < room / 2) return { line: truncate(whole, room), indent };
  // Too far right: show it from a little before the caret.
  const start = Math.max(0, before.length - Math.floor(room / 2));
  const cut = `…${whole.slice(start + 1)}`;
  return { line: truncate(cut, room), indent: displayWidth(`…${before.slice(start + 1)}`) };
}

function excerptLines(problem: Problem, source: string | null, columns: number): string[] {
  const line = source?.split(/\r?\n/)[problem.line - 1] ?? '';
  if (line.trim() === '' || problem.column > line.length + 1) return [];
  const number = `${problem.line} | `.padStart(8);
  const excerpt = excerptOf(line, problem.column, Math.max(20, columns - number.length));
  return [`${number}${excerpt.line}`, `${' '.repeat(number.length - 2)}| ${' '.repeat(excerpt.indent)}^`];
}

/** What follows `file:line:column: path: ` in the sentence. */
function said(problem: Problem): string {
  const start =
    problem.path === '' ? problem.text.indexOf(': ') : problem.text.indexOf(`${problem.path}: `) + problem.path.length;
  return problem.text.slice(start + 2);
}

function problemLines(
  problem: Problem,
  source: string | null,
  { columns, paint }: { columns: number; paint: Paint },
): string[] {
  const isAboutFile = problem.text.startsWith(`${problem.file}: `);
  const place = isAboutFile ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  const sentence = wrap(stripControls(said(problem)), columns - 2).map((line) => `  ${line}`);
  const head = `${paint('bold', place)}${problem.path === '' ? '' : `  ${paint('cyan', stripControls(problem.path))}`}`;
  const [line, caret] = isAboutFile ? [] : excerptLines(problem, source, columns);
  const quoted = line === undefined || caret === undefined ? [] : [paint('dim', line), paint('red', caret)];
  return [head, ...sentence, ...quoted];
}

/** One block a problem, and how many there are. */
export function problemText(problems: readonly Problem[], columns: number, paint: Paint): string {
  const sources = new Map<string, string | null>();
  const sourceOf = (file: string) => {
    const known = sources.get(file);
    if (known !== undefined) return known;
    const read = readTextFile(file);
    const text = read.ok ? read.text : null;
    sources.set(file, text);
    return text;
  };
  const blocks = problems.map((problem) =>
    problemLines(problem, sourceOf(problem.file), { columns, paint }).join('\n'),
  );
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${blocks.join('\n\n')}\n\n${paint('red', `${count}; nothing was changed.`)}\n`;
}
