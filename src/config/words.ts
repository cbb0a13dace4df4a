/**
 * A command string → argv, split as a POSIX shell splits words (IEEE Std 1003.1, Shell Command Language, 2.2 Quoting): quotes and
 * backslashes, nothing else. No shell runs, so whatever a shell would act on (operators, expansions) is refused, not passed on as text
 * that the user did not mean.
 */
import type { Parsed } from './parsed.ts';
import { read, refuse } from './parsed.ts';

/** `word` is null between words: an empty quoted word is a word. */
interface Splitter {
  words: string[];
  word: string | null;
}

/** What was consumed, or why not. */
type Step = { next: number } | { expected: string; suggestion: string | null };

const USE_A_LIST = 'write the command as a list, or run a shell: ["sh", "-c", "…"]';
const OPERATORS = new Map([
  ['|', 'a pipe'],
  ['&', 'a shell operator'],
  [';', 'a command separator'],
  ['<', 'a redirection'],
  ['>', 'a redirection'],
  ['(', 'a subshell'],
  [')', 'a subshell'],
  ['\n', 'a second line'],
]);

function fail(expected: string, suggestion: string | null = null): Step {
  return { expected, suggestion };
}

function operator(text: string, at: number): Step {
  const sign = text.slice(at).match(/^(?:\|\||&&|>>|<<|;;|[^])/)?.[0] ?? '';
  if (sign === '\n')
    return fail('one line, or a backslash at the end of each line but the last; a YAML block of `>-` joins lines');
  const name = OPERATORS.get(sign.charAt(0)) ?? 'a shell operator';
  return fail(`no ${sign} outside quotes (${name}; no shell runs): ${USE_A_LIST}`);
}

/** `$(`, `` ` ``, `$NAME`, `${`: null where the sign stands for itself. */
function expansion(text: string, at: number): Step | null {
  if (text[at] === '`') return fail(`no backtick outside single quotes (no shell runs): ${USE_A_LIST}`);
  if (text[at] !== '$') return null;
  const rest = text.slice(at + 1);
  if (rest.startsWith('(')) return fail(`no $( outside single quotes (no shell runs): ${USE_A_LIST}`);
  const name = /^(?:\{?)([A-Za-z_]\w*)/.exec(rest)?.[1];
  if (name === undefined) return null;
  const shown = rest.startsWith('{') ? `\${${name}` : `$${name}`;
  return fail(
    `no ${shown} outside single quotes (no shell expands it): write \${${name}} for its value now, or '$${name}' for the text`,
  );
}

function single(into: Splitter, text: string, at: number): Step {
  const end = text.indexOf("'", at + 1);
  if (end < 0) return fail("a closing ' for each opening one");
  into.word = (into.word ?? '') + text.slice(at + 1, end);
  return { next: end + 1 };
}

function double(into: Splitter, text: string, at: number): Step {
  let word = into.word ?? '';
  for (let index = at + 1; index < text.length; index++) {
    const char = text[index] ?? '';
    if (char === '"') {
      into.word = word;
      return { next: index + 1 };
    }
    const refused = expansion(text, index);
    if (refused !== null) return refused;
    const following = text[index + 1];
    if (char === '\\' && following !== undefined && '$`"\\\n'.includes(following)) {
      if (following !== '\n') word += following;
      index++;
    } else {
      word += char;
    }
  }
  return fail('a closing " for each opening one');
}

function backslash(into: Splitter, text: string, at: number): Step {
  const following = text[at + 1];
  if (following === undefined) return fail('a character after the last backslash');
  if (following !== '\n') into.word = (into.word ?? '') + following;
  return { next: at + 2 };
}

function blank(into: Splitter, at: number): Step {
  if (into.word !== null) into.words.push(into.word);
  into.word = null;
  return { next: at + 1 };
}

function step(into: Splitter, text: string, at: number): Step {
  const char = text[at] ?? '';
  if (char === "'") return single(into, text, at);
  if (char === '"') return double(into, text, at);
  if (char === '\\') return backslash(into, text, at);
  if (char === ' ' || char === '\t') return blank(into, at);
  if (OPERATORS.has(char)) return operator(text, at);
  if (char === '#' && into.word === null)
    return fail('no # at the start of a word (a comment in a shell): put it in quotes');
  const refused = expansion(text, at);
  if (refused !== null) return refused;
  into.word = (into.word ?? '') + char;
  return { next: at + 1 };
}

/** `php artisan "a b"` → `['php', 'artisan', 'a b']`; refuses an empty command and everything only a shell could do. */
export function splitWords(command: string): Parsed<string[]> {
  // A YAML block ends with a line break that nobody typed as part of the command; a backslash before it is a continuation.
  const text = command.replace(/^\s+/, '').replace(/(?<!\\)\s+$/, '');
  const assignment = /^([A-Za-z_]\w*)=/.exec(text)?.[1];
  if (assignment !== undefined) {
    return refuse(`the program to run first; put ${assignment} under \`environment\``);
  }
  const into: Splitter = { words: [], word: null };
  for (let at = 0; at < text.length;) {
    const done = step(into, text, at);
    if (!('next' in done)) return refuse(done.expected, done.suggestion);
    at = done.next;
  }
  if (into.word !== null) into.words.push(into.word);
  const [program] = into.words;
  return program === undefined || program === ''
    ? refuse('a command such as php artisan queue:work')
    : read(into.words);
}
