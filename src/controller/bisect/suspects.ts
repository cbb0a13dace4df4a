/** Which extensions are tried: those that are asked for, or those that are the likeliest and that the code can do without. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { OperationError } from '../../api/operations.ts';
import { AdvisoryError, loadAdvisories } from '../../forensics/advisories.ts';
import { matchAdvisories } from '../../forensics/advisory-match.ts';
import type { AdvisoryMatch } from '../../forensics/types.ts';
import { askPhp, PhpProblem } from '../../php/ask.ts';
import type { PhpFacts, PhpPlace } from '../../php/ask.ts';
import { runWithout } from '../../php/disable.ts';
import type { Trouble } from '../../php/disable.ts';
import { extensionName } from '../../php/ini-text.ts';
import { rankSuspects } from '../../policy/bisect/suspects.ts';
import type { Because, Loaded } from '../../policy/bisect/suspects.ts';
import { neededExtensions } from './needed.ts';

export interface Suspect {
  extension: string;
  /** A sentence without a full stop: why it is tried. */
  why: string;
}

export interface Suspects {
  suspects: Suspect[];
  /** Known to leak, and not tried because code calls them: what to do instead. */
  spared: { extension: string; text: string }[];
}

export interface Question {
  asked: readonly string[] | null;
  program: string;
  /** Of one of its workers. */
  place: PhpPlace;
  dataDir: string;
  /** Files of known leaks. */
  advisories: readonly string[];
  atOnce: number;
}

/** @throws OperationError where there is none, or one that was asked for cannot be taken away */
export const suspectsFor = async (question: Question): Promise<Suspects> => {
  const { asked, place, program, dataDir } = question;
  const facts = await factsOf(place);
  const folder = join(dataDir, 'php', `${program}.bisect`);
  try {
    return asked === null
      ? await likeliest(question, facts, folder)
      : { suspects: await removable(asked, question, folder), spared: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const factsOf = async (place: PhpPlace, ini?: 'none'): Promise<PhpFacts> => {
  try {
    return await askPhp(place, ini);
  } catch (error) {
    if (error instanceof PhpProblem)
      throw new OperationError('badRequest', `its PHP cannot be asked: ${error.message}`);
    throw error;
  }
};

/** Each once, and all of them, or none. */
const removable = async (
  asked: readonly string[],
  { place, program }: Question,
  folder: string,
): Promise<Suspect[]> => {
  const names = [...new Map(asked.map((name) => [extensionName(name), name])).values()];
  for (const extension of names) {
    const { troubles } = await runWithout([extension], place, folder);
    const wrong = troubles.find(({ rule }) => rule !== 'php.alsoGone');
    if (wrong !== undefined)
      throw new OperationError('badRequest', `${extension} cannot be taken away from ${program}: ${whyNot(wrong)}`);
  }
  return names.map((extension) => ({ extension, why: 'it was named' }));
};

const likeliest = async (question: Question, facts: PhpFacts, folder: string): Promise<Suspects> => {
  const { place, program, atOnce } = question;
  // What is compiled in stays, so it is not worth the question.
  const builtIn = loadedIn(await factsOf(place, 'none')).map(({ name }) => name);
  const loaded = loadedIn(facts).filter(({ name }) => !builtIn.includes(name));
  const known = knownLeaks(question.advisories, facts, loaded);
  const { tried, spared } = rankSuspects({
    loaded,
    phpVersion: facts.version,
    known: new Set(known.keys()),
    needed: await neededExtensions(place),
  });
  const suspects: Suspect[] = [];
  for (const { name, because } of tried) {
    // Of what nothing is known, no more than there is room for.
    if (because === 'loaded' && suspects.length >= atOnce) break;
    const { troubles } = await runWithout([name], place, folder);
    // It stays whatever is done, or others need it: no suspect of ours.
    if (troubles.length === 0) suspects.push({ extension: name, why: whyTried(because, known.get(name)) });
  }
  if (suspects.length > 0)
    return { suspects, spared: spared.map((name) => ({ extension: name, text: instead(known.get(name)) })) };
  const names = loaded.map(({ name }) => name).join(', ');
  throw new OperationError(
    'badRequest',
    `${program} loads no extension that is known to leak or to look on, or that could be taken away without harm; name those to be tried: --suspects a,b (loaded: ${names}). Without one that the code calls, its messages fail`,
  );
};

const loadedIn = ({ extensions, versions }: PhpFacts): Loaded[] => {
  const byName = new Map(extensions.map((told) => [extensionName(told), versions[told] ?? null]));
  return [...byName].map(([name, version]) => ({ name, version }));
};

/** Those that a canary would show: not of a helper process, and only in a version that is told. */
const knownLeaks = (
  files: readonly string[],
  { version }: PhpFacts,
  loaded: readonly Loaded[],
): Map<string, AdvisoryMatch> => {
  try {
    const facts = loaded.map((each) => ({ ...each, file: null, why: null }));
    const fitting = matchAdvisories(loadAdvisories(files), facts, version).filter(
      ({ advisory, version: told }) => told !== null && advisory.helper === null,
    );
    return new Map(fitting.map((match) => [extensionName(match.advisory.extension), match]));
  } catch (error) {
    if (error instanceof AdvisoryError) throw new OperationError('badRequest', error.message);
    throw error;
  }
};

const whyTried = (because: Because, match: AdvisoryMatch | undefined): string => {
  switch (because) {
    case 'known':
      return `${match?.version ?? ''} is known to leak: ${match?.advisory.symptom ?? ''} (${match?.advisory.id ?? ''})`;
    case 'looksOn':
      return 'it looks on from inside PHP, as agents, profilers and debuggers do';
    case 'loaded':
      return 'it is loaded, and code is not known to call it';
  }
};

const instead = (match: AdvisoryMatch | undefined): string => {
  if (match === undefined) return '';
  const { advisory, version } = match;
  return `${advisory.extension} ${version ?? ''} is known to leak (${advisory.id}: ${advisory.symptom}), and is not tried because code calls it; ${advisory.remedy}`;
};

const whyNot = (trouble: Trouble): string => {
  switch (trouble.rule) {
    case 'php.notAsked':
      return trouble.text;
    case 'php.notLoaded':
      return 'its PHP does not load it in the first place';
    case 'php.stillLoaded':
      return `it is ${trouble.why}`;
    case 'php.alsoGone':
      return `${trouble.extensions.join(', ')} goes with it`;
  }
};
