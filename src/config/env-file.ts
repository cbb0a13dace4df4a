/**
 * Files of NAME=VALUE lines: `#` comments, an optional `export`, values plain, in single quotes (as they are) or in double quotes
 * (`\n`, `\t`, `\r`, `\\`, `\"`, `\$`). A plain value ends at ` #`. No variable is expanded, and every value is on one line.
 */
import { quote } from './problem.ts';
import type { Fault } from './problem.ts';

export interface EnvFile {
  values: Record<string, string>;
  faults: Fault[];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', $: '$' };

type Value = { value: string } | { found: string; expected: string };

function readValue(text: string): Value {
  const mark = text.charAt(0);
  if (mark !== '"' && mark !== "'") return { value: text.replace(/(?:^|\s+)#.*$/, '').trimEnd() };
  const match = mark === '"' ? /^"((?:[^"\\]|\\.)*)"\s*(.*)$/.exec(text) : /^'([^']*)'\s*(.*)$/.exec(text);
  const [inner, rest] = [match?.[1], match?.[2]];
  if (inner === undefined || rest === undefined)
    return { found: `a value without its closing ${mark}`, expected: `a closing ${mark} on the same line` };
  if (rest !== '' && !rest.startsWith('#'))
    return { found: 'text after the closing quote', expected: 'nothing, or a # comment' };
  if (mark === "'") return { value: inner };
  return { value: inner.replaceAll(/\\(.)/g, (whole, char: string) => ESCAPES[char] ?? whole) };
}

/** All variables and all faulty lines; positions are in that file. Values are never quoted in a fault: they may be secret. */
export function parseEnvFile(text: string): EnvFile {
  const values: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fault = (column: number, found: string, expected: string, name: string | null) =>
      faults.push({ path: name === null ? [] : [name], position: { line: index + 1, column }, found, expected });
    const indent = raw.length - raw.trimStart().length;
    const match = /^((?:export\s+)?)([^=]*?)\s*=\s*(.*)$/.exec(line);
    const [exported = '', name, rest] = [match?.[1], match?.[2], match?.[3]];
    if (name === undefined || rest === undefined) {
      fault(indent + 1, 'a line without =', 'NAME=VALUE', null);
    } else if (!/^[A-Za-z_]\w*$/.test(name)) {
      fault(
        indent + exported.length + 1,
        `the name ${quote(name)}`,
        'letters, digits and _, not starting with a digit',
        null,
      );
    } else {
      const value = readValue(rest);
      if ('value' in value) values[name] = value.value;
      else fault(indent + line.length - rest.length + 1, value.found, value.expected, name);
    }
  }
  return { values, faults };
}
