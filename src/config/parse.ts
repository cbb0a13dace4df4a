/** The text of a workers.yaml → its tree, or what is wrong with it as YAML. */
import { LineCounter, parseDocument, visit } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import type { Environment } from './interpolate.ts';
import type { Fault } from './problem.ts';
import { readTree } from './tree.ts';
import type { Tree } from './tree.ts';
import { explainYamlError } from './yaml-errors.ts';

/** After an error that breaks the structure, most of what the parser says next follows from it. */
function isFollowUp(error: YAMLError, earlier: readonly YAMLError[], lines: LineCounter): boolean {
  const { line } = lines.linePos(error.pos[0]);
  if (earlier.some((other) => lines.linePos(other.pos[0]).line === line)) return true;
  return error.code === 'UNEXPECTED_TOKEN' && earlier.length > 0;
}

/** A quote that is never closed is noticed at the end of the text; the person needs its beginning. */
function startOf(error: YAMLError, document: Document.Parsed): number {
  let start = error.pos[0];
  if (error.code !== 'MISSING_CHAR') return start;
  visit(document, {
    Scalar: (_key, node) => {
      const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
      const [from, to] = node.range ?? [0, 0];
      if (isQuoted && from < start && to >= error.pos[0]) start = from;
    },
  });
  return start;
}

function syntaxFaults(document: Document.Parsed, lines: LineCounter, text: string): Fault[] {
  const errors: YAMLError[] = [...document.errors, ...document.warnings];
  const sorted = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const rows = text.split(/\r?\n/);
  return sorted
    .filter((error, index) => !isFollowUp(error, sorted.slice(0, index), lines))
    .map((error) => {
      const { line, col } = lines.linePos(startOf(error, document));
      return { path: [], position: { line, column: col }, ...explainYamlError(error, rows[line - 1] ?? '') };
    });
}

export type ParsedText = { ok: true; tree: Tree } | { ok: false; faults: Fault[] };

/** With a fault in the syntax nothing else is judged: the structure cannot be trusted. */
export function parseText(text: string, env: Environment): ParsedText {
  const lines = new LineCounter();
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: false,
    logLevel: 'error',
  } as const;
  const document = parseDocument(text, options);
  if (document.errors.length > 0 || document.warnings.length > 0)
    return { ok: false, faults: syntaxFaults(document, lines, text) };
  const tree = readTree(document, lines, text, env);
  return tree.isCut ? { ok: false, faults: tree.faults } : { ok: true, tree };
}
