/** Our own installation for one part (the end-to-end tests' Site), ended with the part. */
import { spawn } from 'node:child_process';
import { MAIN, Site } from '../e2e/controller/site.ts';
import { going, onEnd } from './cleanup.ts';
import { until } from './timing.ts';

export interface Ours {
  site: Site;
  end: () => Promise<void>;
}

/** As people write it: what is one JSON object has to go through the YAML parser, at each `status` too. */
const blockYaml = (programs: Record<string, unknown>): string =>
  Object.entries({
    version: 1,
    stateDir: 'state',
    dataDir: 'data',
    logDir: 'log',
    host: { reserve: 0 },
    programs,
  })
    .map(([key, value]) => `${key}: ${JSON.stringify(value).replaceAll(/^"|"$/g, '')}\n`)
    .join('');

/** Written, not started. */
export const prepare = (programs: Record<string, unknown>): Ours => {
  going();
  const site = new Site(programs);
  site.rewrite(blockYaml(programs));
  return { site, end: onEnd(() => site.dispose()) };
};

export const allRun = (site: Site): Promise<void> =>
  until(
    async () => (await site.client.status([])).workers.every(({ state }) => state === 'RUNNING'),
    'all workers run',
    { everyMs: 20 },
  );

/** Started, and all its workers RUNNING. */
export const startOurs = async (programs: Record<string, unknown>): Promise<Ours> => {
  const ours = prepare(programs);
  await ours.site.run();
  await allRun(ours.site);
  return ours;
};

/** The controller answers a little before its shim does. */
export const shimPid = async (site: Site): Promise<number> => {
  let pid: number | null = null;
  const isThere = async (): Promise<boolean> => {
    pid = (await site.client.status([])).controller.shimPid;
    return pid !== null;
  };
  await until(isThere, 'there is a shim', { deadlineMs: 20_000, everyMs: 10 });
  return pid ?? 0;
};

/** A command of the CLI, to its end, as a person types it. */
export const cli = (site: Site, ...words: string[]): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...words, '-c', site.file], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', resolve);
  });

export const cliArgv = (site: Site, ...words: string[]): string[] => [
  process.execPath,
  MAIN,
  ...words,
  '-c',
  site.file,
];
