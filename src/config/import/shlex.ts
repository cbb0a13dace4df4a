/**
 * Python's shlex in the two ways that supervisord uses it: `shlex.split` for commands, and the older non-POSIX tokens for
 * `environment` (compared with Python in test/unit/config/import/shlex.test.ts).
 */
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';

const WHITESPACE = ' \t\r\n';

function isWhite(char: string): boolean {
  return WHITESPACE.includes(char);
}

/** The index behind the line that `at` is in. */
function behindLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** A quoted part from its opening sign: its text, and the index behind its closing sign; else what never ends. */
function quotedPart(text: string, at: number): { part: string; next: number } | 'quote' | 'backslash' {
  const sign = text.charAt(at);
  let part = '';
  for (let index = at + 1; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === sign) return { part, next: index + 1 };
    if (char === '\\' && sign === '"') {
      const following = text.charAt(++index);
      if (following === '') return 'backslash';
      part += following === '"' || following === '\\' ? following : `\\${following}`;
    } else part += char;
  }
  return 'quote';
}

const OPEN_QUOTE = 'a closing quote for each opening one';
const OPEN_BACKSLASH = 'a character after the last backslash';

/** POSIX quoting; `isWord` decides which bare characters make words, all others are words by themselves. `comments`: from # to the end of a line. */
function posixTokens(text: string, isWord: (char: string) => boolean, comments: boolean): Parsed<string[]> {
  const words: string[] = [];
  let word: string | null = null;
  const end = (): void => {
    if (word !== null) words.push(word);
    word = null;
  };
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at);
    if (isWhite(char)) {
      end();
      at++;
    } else if (comments && char === '#') {
      end();
      at = behindLine(text, at);
    } else if (char === '"' || char === "'") {
      const quoted = quotedPart(text, at);
      if (typeof quoted === 'string') return refuse(quoted === 'quote' ? OPEN_QUOTE : OPEN_BACKSLASH);
      word = (word ?? '') + quoted.part;
      at = quoted.next;
    } else if (char === '\\') {
      if (at + 1 >= text.length) return refuse(OPEN_BACKSLASH);
      word = (word ?? '') + text.charAt(at + 1);
      at += 2;
    } else if (isWord(char)) {
      word = (word ?? '') + char;
      at++;
    } else {
      end();
      words.push(char);
      at++;
    }
  }
  end();
  return read(words);
}

/** `shlex.split(text)`: no operators, no expansions, no comments. */
export function shlexSplit(text: string): Parsed<string[]> {
  return posixTokens(text, () => true, false);
}

const WORD_CHAR = /[\w/.+\-():]/;

/** `shlex.shlex(text, posix=True)` with `/.+-():` as further word characters. */
export function shlexTokens(text: string): Parsed<string[]> {
  return posixTokens(text, (char) => WORD_CHAR.test(char) || /[ß-öø-ÿÀ-ÖØ-Þ]/.test(char), true);
}

/** A token that is no quoted one, from its first character: quotes within it are plain characters, a # eats the rest of the line. */
function plainToken(text: string, at: number): { token: string; next: number } {
  let token = text.charAt(at);
  let index = at + 1;
  while (index < text.length) {
    const char = text.charAt(index);
    if (char === '#') index = behindLine(text, index);
    else if (WORD_CHAR.test(char) || char === '"' || char === "'") {
      token += char;
      index++;
    } else break;
  }
  return { token, next: index };
}

/** Tokens of the non-POSIX lexer with `/.+-():` as further word characters: quotes stay on, nothing is escaped. */
export function legacyTokens(text: string): Parsed<string[]> {
  const tokens: string[] = [];
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at);
    if (isWhite(char)) at++;
    else if (char === '#') at = behindLine(text, at);
    else if (char === '"' || char === "'") {
      const end = text.indexOf(char, at + 1);
      if (end < 0) return refuse(OPEN_QUOTE);
      tokens.push(text.slice(at, end + 1));
      at = end + 1;
    } else if (WORD_CHAR.test(char)) {
      const { token, next } = plainToken(text, at);
      tokens.push(token);
      at = next;
    } else {
      tokens.push(char);
      at++;
    }
  }
  return read(tokens);
}
