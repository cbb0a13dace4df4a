/** Which known leaks concern a process. Pure. */
import type { Advisory, AdvisoryMatch, ExtensionFacts } from './types.ts';
import { inRange } from './versions.ts';

/** Whether whoever is told of it has to know that its source says less. */
export const isUnconfirmed = ({ checked }: Advisory): boolean => checked === 'no';

/** Where to read on. */
export const sourceOf = (advisory: Advisory): string =>
  isUnconfirmed(advisory) ? `${advisory.link}, which does not confirm the versions` : advisory.link;

/** Advisories about what is loaded: those that fit its version, and where that is not known all of that extension. */
export const matchAdvisories = (
  advisories: readonly Advisory[],
  extensions: readonly ExtensionFacts[],
  phpVersion: string | null,
): AdvisoryMatch[] => {
  const loaded = new Map(extensions.map(({ name, version }) => [name.toLowerCase(), version]));
  if (phpVersion !== null) loaded.set('php', phpVersion);
  return advisories.flatMap((each) => {
    const version = loaded.get(each.extension.toLowerCase());
    if (version === undefined) return [];
    return version === null || inRange(version, each.affected) ? [{ advisory: each, version }] : [];
  });
};
