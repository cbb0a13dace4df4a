/**
 * `php.disableExtensions`: what a worker needs in its environment to run without some extensions, and whether its own PHP, asked with
 * that environment, really does.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { askPhp, PhpProblem, shebangOf } from './ask.ts';
import type { PhpFacts, PhpPlace } from './ask.ts';
import { extensionName, withoutLoading } from './ini-text.ts';
import { interpreterOf } from './interpreter.ts';
import { writePrivateIni } from './private-ini.ts';

/** Each is a rule of the journal, too. */
export type Trouble =
  /** The worker runs as without the key. */
  | { rule: 'php.notAsked'; text: string }
  /** PHP does not load them anyway. */
  | { rule: 'php.notLoaded'; extensions: string[] }
  /** They are loaded all the same. */
  | { rule: 'php.stillLoaded'; extensions: string[]; why: string }
  /** They went with those that they need. */
  | { rule: 'php.alsoGone'; extensions: string[] };

export interface Without {
  /** To be set for the worker. */
  variables: Record<string, string>;
  /** Of the PHP that was asked; null where none answered. */
  version: string | null;
  troubles: Trouble[];
  /** The answer holds as long as none of these changes; null: ask again the next time. */
  paths: string[] | null;
}

/**
 * Never rejects: where it cannot be done, whatever stands in the way, the worker runs as without the key, and `troubles` says so.
 *
 * @param folder for the private ini files; it belongs to this program alone
 */
export const runWithout = async (names: readonly string[], place: PhpPlace, folder: string): Promise<Without> => {
  try {
    const before = await askPhp(place);
    const files = [...before.scanned, ...(before.iniFile === null ? [] : [before.iniFile])];
    // Either name will do, the extension's or the file's: they may differ.
    const loaded = names.filter((name) => has(before, name) || files.some((file) => isLoadedBy(file, name)));
    const absent = names.filter((name) => !loaded.includes(name));
    const troubles: Trouble[] = absent.length === 0 ? [] : [{ rule: 'php.notLoaded', extensions: absent }];
    const { version } = before;
    if (loaded.length === 0) return { variables: {}, version, troubles, paths: sourcesOf(before) };
    const { variables, folders } = writePrivateIni(folder, before, loaded);
    const inside = { ...place, environment: { ...place.environment, ...variables } };
    const after = await askPhp(inside);
    // Else it would be without all the others, too.
    if (after.scanned.length < before.scanned.length)
      throw new PhpProblem(
        `${place.user ?? 'PHP'} cannot read the files in ${folder}: check the permissions of the folders above`,
      );
    troubles.push(...(await compare({ before, after, loaded }, inside)));
    return { variables, version, troubles, paths: [...sourcesOf(before), ...folders] };
  } catch (error) {
    const text = (error as Error).message;
    return { variables: {}, version: null, troubles: [{ rule: 'php.notAsked', text }], paths: null };
  }
};

const has = ({ extensions }: PhpFacts, name: string): boolean =>
  extensions.some((loaded) => extensionName(loaded) === extensionName(name));

const isLoadedBy = (file: string, name: string): boolean => withoutLoading(readFileSync(file, 'utf8'), [name]) !== null;

/** A file that is added, changed or removed shows in one of these; so does another version of PHP. */
const sourcesOf = ({ binary, iniFile, iniFolder, scanFolder, scanned }: PhpFacts): string[] => {
  const folders = [iniFolder, scanFolder, ...scanned.map((file) => dirname(file))];
  return [...new Set([binary, ...(iniFile === null ? [] : [iniFile]), ...folders, ...scanned])].filter(Boolean);
};

const compare = async (
  { before, after, loaded }: { before: PhpFacts; after: PhpFacts; loaded: readonly string[] },
  inside: PhpPlace,
): Promise<Trouble[]> => {
  const remaining = loaded.filter((name) => has(after, name));
  const gone = before.extensions.filter((name) => !has(after, name));
  const also = gone.filter((name) => !loaded.some((asked) => extensionName(asked) === extensionName(name)));
  const troubles: Trouble[] = also.length === 0 ? [] : [{ rule: 'php.alsoGone', extensions: also }];
  if (remaining.length === 0) return troubles;
  const bare = await askPhp(inside, 'none');
  const builtIn = remaining.filter((name) => has(bare, name));
  const others = remaining.filter((name) => !builtIn.includes(name));
  const still = [
    { extensions: builtIn, why: 'compiled into this PHP' },
    { extensions: others, why: whoLoads(after, others, inside) },
  ];
  return [
    ...troubles,
    ...still
      .filter(({ extensions }) => extensions.length > 0)
      .map((found) => ({ rule: 'php.stillLoaded' as const, ...found })),
  ];
};

/** The private copy of the main file loads none: one that does was named by the command, and no variable comes before that. */
const whoLoads = ({ iniFile }: PhpFacts, names: readonly string[], place: PhpPlace): string => {
  if (iniFile !== null && names.some((name) => isLoadedBy(iniFile, name)))
    return `loaded by ${iniFile}, which the command names with -c: take the line out of it, or -c out of the command`;
  const { options } = interpreterOf(place.command, shebangOf(place));
  const byOption = options.find((word) => /extension\s*=/.test(word));
  if (byOption !== undefined) return `loaded by the command itself (-d ${byOption.replace(/^-d/, '')})`;
  return 'loaded by a line extension=… whose file has another name; name it as that file is named';
};
