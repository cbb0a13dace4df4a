/** What a worker's PHP does and does not load, in words (sentences.ts). */
import type { Evidence } from '../core/types.ts';

interface PhpEntry {
  program: string | null;
  evidence: Evidence;
}

const text = ({ evidence }: PhpEntry, key: string): string => String(evidence[key] ?? '');
const wanted = ({ program }: PhpEntry): string => `programs.${program ?? ''}.php.disableExtensions`;

export const PHP_ENTRIES: Record<string, (entry: PhpEntry) => string> = {
  'php.notAsked': (entry) =>
    `Workers of ${entry.program ?? ''} start with all extensions, although ${wanted(entry)} names some: ${text(entry, 'text')}`,
  'php.notLoaded': (entry) =>
    `PHP of ${entry.program ?? ''} does not load ${text(entry, 'extensions')} in the first place: ${wanted(entry)} has nothing to take away (php -m lists the names)`,
  'php.stillLoaded': (entry) =>
    `Workers of ${entry.program ?? ''} start with ${text(entry, 'extensions')} all the same, although ${wanted(entry)} names it: it is ${text(entry, 'why')}`,
  'bisect.begun': (entry) =>
    `Began a bisect of ${text(entry, 'program')}: canaries on its queue, each without one of ${text(entry, 'suspects')}, and one with all`,
  // Not of workers.yaml, which stays as it is.
  'bisect.canaries': (entry) => `Canaries of a bisect: ${text(entry, 'text')}`,
  'php.alsoGone': (entry) =>
    `Workers of ${entry.program ?? ''} start without ${text(entry, 'extensions')}, too, because of what ${wanted(entry)} takes away`,
};

export const PHP_OUTCOMES: Record<string, (evidence: Evidence) => string> = {
  bisect: ({ text: said }) => String(said),
};
