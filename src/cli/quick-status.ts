/**
 * `status` as monitoring calls it every few seconds, recognised without the parser, which takes as long to load as all the rest.
 * Whatever is not exactly this goes to the parser, so that nothing is understood in two ways.
 */
import type { GlobalOptions } from './context.ts';

const VALUED = { '-c': 'config', '--config': 'config', '--socket': 'socket' } as const;

function isValued(word: string): word is keyof typeof VALUED {
  return word in VALUED;
}

/** Null: not a plain `status`, or one that needs the parser (help, a mistake, `--`). */
export function quickStatus(argv: readonly string[]): { names: string[]; options: GlobalOptions } | null {
  const options: GlobalOptions = { config: null, socket: null, json: false };
  const words: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (isValued(word)) {
      const value = argv[at + 1];
      if (value === undefined || value.startsWith('-')) return null;
      options[VALUED[word]] = value;
      at += 1;
    } else if (word === '--json') options.json = true;
    else if (word.startsWith('-')) return null;
    else words.push(word);
  }
  const [command, ...names] = words;
  return command === 'status' ? { names, options } : null;
}
