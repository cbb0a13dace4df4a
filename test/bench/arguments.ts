import type { Part } from './part.ts';

export interface Arguments {
  /** Names of parts; null: all. */
  only: string[] | null;
  json: boolean;
  /** Shorter windows and fewer runs. */
  quick: boolean;
}

const usage = (parts: readonly Part[]): string =>
  `npm run bench -- [--quick] [--json] [--only NAME,NAME]\n` +
  parts.map(({ name, about }) => `  ${name.padEnd(10)} ${about}\n`).join('');

/** Null, with the usage printed, when there is nothing to do. */
export const readArguments = (words: readonly string[], parts: readonly Part[]): Arguments | null => {
  const chosen: Arguments = { only: null, json: false, quick: false };
  const wrong: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === '--json') chosen.json = true;
    else if (word === '--quick') chosen.quick = true;
    else if (word === '--only') chosen.only = (words[(at += 1)] ?? '').split(',');
    else wrong.push(word ?? '');
  }
  const names = parts.map(({ name }) => name);
  wrong.push(...(chosen.only ?? []).filter((name) => !names.includes(name)));
  if (wrong.length === 0) return chosen;
  process.stderr.write(`bench: not known: ${wrong.join(' ')}\n${usage(parts)}`);
  return null;
};
