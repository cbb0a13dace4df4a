/** Problems of one configuration file: collected, each place only once, and turned into sentences. */
import type { Problem } from './types.ts';

/** Keys from the root; a number is an index in a list. */
export type Path = readonly (string | number)[];

/** One-based, as editors count. */
export interface Position {
  line: number;
  column: number;
}

export interface Fault {
  path: Path;
  /** Null: the file as a whole. */
  position: Position | null;
  found: string;
  expected: string;
  suggestion?: string | null;
  /** The sentence, where "found X, expected Y" does not read well. */
  sentence?: string;
  /** The value there cannot be used, so nothing that follows from it is a problem of its own. */
  spoils?: boolean;
}

/** `programs.shop.start.exitCodes.0`. */
export function dotted(path: Path): string {
  return path.join('.');
}

/** Quoted and cut to a length that fits a line. */
export function quote(text: string): string {
  const most = 60;
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text);
}

function sentenceOf(fault: Fault, path: string): string {
  const said = fault.sentence ?? `found ${fault.found}, expected ${fault.expected}`;
  const where = path === '' ? '' : `${path}: `;
  return `${where}${said}${fault.suggestion == null ? '' : `; did you mean ${fault.suggestion}?`}`;
}

/** A fault of `file` as a Problem. */
export function makeProblem(file: string, fault: Fault): Problem {
  const path = dotted(fault.path);
  const at = fault.position;
  return {
    file,
    line: at?.line ?? 1,
    column: at?.column ?? 1,
    path,
    found: fault.found,
    expected: fault.expected,
    suggestion: fault.suggestion ?? null,
    text: `${file}${at === null ? '' : `:${at.line}:${at.column}`}: ${sentenceOf(fault, path)}`,
  };
}

/** In the order of the files' lines; what is said twice (through `defaults` or an anchor) stays once. */
export function tidyProblems(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) {
    const key = JSON.stringify([problem.file, problem.line, problem.column, problem.found, problem.expected]);
    if (!seen.has(key)) seen.set(key, problem);
  }
  return [...seen.values()].toSorted((a, b) => byFile(a, b) || a.line - b.line || a.column - b.column);
}

const byFile = (a: Problem, b: Problem): number => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0);
