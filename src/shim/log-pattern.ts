/** What a line of output must have in it for a worker to be ready: a text, or a regular expression between slashes. */
import { Script, createContext } from 'node:vm';

/** Longer lines are judged by their beginning. */
const LINE_CHARS = 4096;
/** A regular expression that takes longer for one read of output is given up: the shim has gates to serve. */
const REGEX_MS = 50;

/** Throws a sentence when the expression takes too long. */
export type LinePattern = (line: string) => boolean;

export function linePattern(written: string): LinePattern {
  const [, source, flags = ''] = /^\/(.+)\/([imsu]*)$/s.exec(written) ?? [];
  if (source === undefined) return (line) => line.slice(0, LINE_CHARS).includes(written);
  const test = new Script('pattern.test(line)');
  // Only in a context of its own can an expression be interrupted that goes back and forth for ever.
  const context = createContext({ pattern: new RegExp(source, flags), line: '' });
  return (line) => {
    context['line'] = line.slice(0, LINE_CHARS);
    return test.runInContext(context, { timeout: REGEX_MS }) === true;
  };
}
