/** Event listeners in Python, by supervisor's own library, in a whole installation. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Site } from '../controller/site.ts';

const SCRIPT = fileURLToPath(new URL('../../fixtures/listeners/listener.py', import.meta.url));

/** Debian's: a newer one of the person's own may lack the package `supervisor`. */
export const PYTHON = '/usr/bin/python3';

/** A line of the listener's notes. */
export interface Heard {
  pid: number;
  begin?: true;
  environment?: Record<string, string>;
  groups?: number[];
  uid?: number;
  headers?: Record<string, string>;
  payload?: string;
  processes?: string[];
}

export interface ListenerKeys {
  events: string[];
  behaviour?: string;
  [key: string]: unknown;
}

/** The `eventListeners:` entry of one that behaves so. */
export const listenerOf = (
  site: Site,
  { behaviour = '', environment = {}, ...keys }: ListenerKeys & { environment?: object },
): object => ({
  command: [PYTHON, SCRIPT],
  ...keys,
  environment: { HEARD: site.path('heard'), DIRECTORY: site.root, BEHAVIOUR: behaviour, ...environment },
});

export const heardBy = (site: Site): Heard[] => {
  if (!existsSync(site.path('heard'))) return [];
  // The last line may be half-written.
  const lines = readFileSync(site.path('heard'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Heard);
};

/** Events as `NAME payload`. */
export const eventsHeard = (site: Site): string[] =>
  heardBy(site).flatMap(({ headers, payload }) =>
    headers === undefined ? [] : [`${headers['eventname'] ?? ''} ${payload ?? ''}`],
  );

/** Pids of the listeners that ever began. */
export const begun = (site: Site): number[] => heardBy(site).flatMap(({ pid, begin }) => (begin === true ? [pid] : []));

export const release = (site: Site): void => writeFileSync(site.path('release'), '');
