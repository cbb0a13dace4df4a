/** The command line of a PHP process: whether it is one, and the arguments that decide which php.ini it read. Pure. */
import { basename } from 'node:path';

const PHP = /^php(?:-?\d[\d.]*)?(?:-cli|-cgi|-fpm|-zts|-nts|-debug)*(?:\d[\d.]*)?$/;

/** By the executable, or by the shared objects of a program that embeds PHP. */
export const isPhp = (executable: string | null, command: readonly string[], objects: readonly string[]): boolean =>
  [executable ?? '', command[0] ?? ''].some((path) => PHP.test(basename(path.replace(/ \(deleted\)$/, '')))) ||
  objects.some((path) => /^lib(?:php[\d.]*(?:-[\d.]+)?|phpembed.*)\.so/.test(basename(path)));

export const wordsOf = (cmdline: string): string[] => {
  const words = cmdline.split('\0');
  if (words.at(-1) === '') words.pop();
  return words;
};

/** Options that take the next word as their value, where it is not attached. */
const WITH_VALUE = ['-c', '--php-ini', '-d', '--define', '-z', '--zend-extension'];
const ALONE = ['-n', '--no-php-ini'];

/** `-c -n -d -z` of the interpreter, in a form that can be given to it again; what belongs to the script is left out. */
export const iniArguments = (command: readonly string[]): string[] => {
  const kept: string[] = [];
  for (let at = 1; at < command.length; at += 1) {
    const word = command[at] ?? '';
    if (!word.startsWith('-') || word === '--') break;
    if (ALONE.includes(word)) kept.push(word);
    else if (WITH_VALUE.includes(word)) kept.push(word, command[(at += 1)] ?? '');
    else if (/^-[cdz]./.test(word) || /^--(?:php-ini|define|zend-extension)=/.test(word)) kept.push(word);
    // From here on it is code, a script, or what they are given.
    else if (/^-[rBRFEf]|^--(?:run|file|process-)/.test(word)) break;
  }
  return kept;
};
