/** Which PHP a command runs, and with which of its options that decide about ini files; read from its words alone. */

export interface Interpreter {
  /** What runs PHP: `php`, `env A=b /usr/bin/php8.2`. */
  words: readonly string[];
  /** Those of its options that choose ini files and settings: `-c x -d y=z`. */
  options: readonly string[];
  /** It is some other program, which starts PHP itself, if at all: `php` of the PATH is taken for it. */
  isGuess: boolean;
}

const PHP = /^php(-?\d+(\.\d+)*)?(-cli)?$/;
/** They become the command that follows their own words, and change nothing that PHP reads but the environment. */
const PREFIXES = new Set(['env', 'nice', 'ionice', 'stdbuf', 'taskset', 'chrt']);
const WITH_VALUE = new Set(['-c', '-d', '--php-ini', '--define']);
const ALONE = new Set(['-n', '--no-php-ini']);

const baseOf = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

/** @param shebang the words of the first line of the command's file, where that is a script (`#!/usr/bin/env php`) */
export const interpreterOf = (command: readonly string[], shebang: readonly string[] = []): Interpreter => {
  const words = PHP.test(baseOf(command[0] ?? '')) || shebang.length === 0 ? command : [...shebang, ...command];
  const isPrefixed = PREFIXES.has(baseOf(words[0] ?? ''));
  const at = isPrefixed ? words.findIndex((word) => PHP.test(baseOf(word))) : 0;
  if (!PHP.test(baseOf(words[at] ?? ''))) return { words: ['php'], options: [], isGuess: true };
  return { words: words.slice(0, at + 1), options: iniOptions(words.slice(at + 1)), isGuess: false };
};

/** Those before the script, as far as they choose ini files or settings. */
const iniOptions = (words: readonly string[]): string[] => {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (WITH_VALUE.has(word)) kept.push(word, words[(at += 1)] ?? '');
    else if (ALONE.has(word) || /^-[cd]./.test(word)) kept.push(word);
    else if (!/^-[a-zA-Z]$/.test(word) || /^-[frBRFE]$/.test(word)) break;
  }
  return kept;
};
