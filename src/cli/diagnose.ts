/** `ackwarden diagnose NAME | --pid PID`: the walk of the incident on a living process; ends with what leaks and what to do. */
import { realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ClientError } from '../api/client-errors.ts';
import { NoProcessError, diagnose } from '../forensics/collect.ts';
import { timelineSvg } from '../forensics/svg.ts';
import type { Advisory, Diagnosis } from '../forensics/types.ts';
import type { Watch } from '../forensics/watch.ts';
import { writeAtomicSync } from '../linux/atomic-write.ts';
import { errorCode } from '../linux/proc-file.ts';
import { UsageError } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';
import { accompany } from './diagnose/managed.ts';
import type { Company } from './diagnose/managed.ts';
import { report } from './diagnose/report.ts';
import { formatBytes } from './format.ts';
import { createProgress } from './progress.ts';
import { connect, findConfiguration } from './target.ts';

export interface DiagnoseRequest {
  name: string | null;
  pid: number | null;
  seconds: number;
  /** Where the picture goes. */
  svg: string | null;
  /** Where all of it goes, as JSON. */
  save: string | null;
  /** Files of advisories of the user's own. */
  advisories: string[];
  perf: boolean;
}

/** Reading perf's recording and asking PHP are bounded; this is for what nobody thought of. */
const GRACE_MS = 90_000;

export const runDiagnose = async (
  request: DiagnoseRequest,
  options: GlobalOptions,
  context: Context,
): Promise<number> => {
  const own = [...(await configuredFiles(options, context)), ...request.advisories];
  // The built-in list can wait; a mistake in one of the user's own is told before anything else is done.
  const read = own.length === 0 ? null : await advisoriesOf(own, context);
  const advisories = async (): Promise<Advisory[]> => read ?? advisoriesOf([], context);
  // Whoever started us may be gone: we end by ourselves.
  const late = setTimeout(
    () => {
      context.stderr.write(`ackwarden: diagnose gave up: it took ${GRACE_MS / 1000} s longer than it was to watch\n`);
      process.exit(1);
    },
    request.seconds * 1000 + GRACE_MS,
  ).unref();
  const client =
    request.name === null ? await connect(options, context).catch(() => null) : await connect(options, context);
  const company = await accompany(client, request);
  try {
    const found = await look(request, { company, advisories }, context);
    // A path that cannot be written must not cost what was seen, nor must a reader of our output who is gone.
    try {
      if (request.save !== null) save(resolve(context.cwd, request.save), found);
    } finally {
      if (options.json) context.stdout.write(`${JSON.stringify(found)}\n`);
      else context.stdout.write(`${report(found, context.stdout.terminal).join('\n')}\n`);
    }
    if (request.svg !== null) writePicture(resolve(context.cwd, request.svg), found);
    return 0;
  } finally {
    company.stop();
    clearTimeout(late);
  }
};

const look = async (
  { seconds, perf }: DiagnoseRequest,
  { company, advisories }: { company: Company; advisories: () => Promise<Advisory[]> },
  context: Context,
): Promise<Diagnosis> => {
  const progress = createProgress(context.stderr);
  const show = (watch: Watch): void => {
    if (context.stderr.terminal.tty) progress.show(progressText(company.pid, watch, seconds));
  };
  try {
    const { managed, acknowledged, told, pid } = company;
    const signal = context.interrupted();
    return await diagnose({
      pid,
      seconds,
      perf,
      advisories,
      managed,
      acknowledged,
      told,
      progress: show,
      signal,
      now: () => context.now(),
    });
  } catch (error) {
    if (error instanceof NoProcessError) throw new ClientError('notRunning', 1, error.message);
    throw error;
  } finally {
    progress.clear();
  }
};

const progressText = (pid: number, watch: Watch, seconds: number): string => {
  const [first, last] = [watch.ticks[0], watch.ticks.at(-1)];
  const grown = first?.rssBytes == null || last?.rssBytes == null ? null : last.rssBytes - first.rssBytes;
  const change = grown === null ? '' : ` (${grown < 0 ? '' : '+'}${formatBytes(grown)})`;
  const heap = last?.zendUsedBytes == null ? '' : `, PHP's own heap ${formatBytes(last.zendUsedBytes)}`;
  return `watching pid ${pid}: ${Math.round(watch.seconds)} of ${seconds} s, ${formatBytes(last?.rssBytes ?? null)}${change}${heap}`;
};

/** `advisories:` of workers.yaml, where there is one. One that is invalid stops nobody from looking into a process. */
const configuredFiles = async (
  { config, socket }: GlobalOptions,
  { cwd, env, uid, stderr }: Context,
): Promise<string[]> => {
  const file = socket === null ? findConfiguration(config, cwd) : null;
  if (file === null) return [];
  const { loadConfig } = await import('../config/load.ts');
  const loaded = loadConfig(file, env, { uid, home: env['HOME'] ?? '/' });
  if (loaded.ok) return loaded.config.advisories;
  stderr.write(`ackwarden: ${file} cannot be used (see \`ackwarden check\`): advisories that it names are not used\n`);
  return [];
};

/** Built in (beside the executable), then the user's own. */
const advisoriesOf = async (own: readonly string[], { cwd }: Context): Promise<Advisory[]> => {
  const { AdvisoryError, loadAdvisories } = await import('../forensics/advisories.ts');
  const builtIn = join(dirname(realpathSync(process.argv[1] ?? '')), 'advisories.yaml');
  try {
    return loadAdvisories([builtIn, ...own.map((path) => resolve(cwd, path))]);
  } catch (error) {
    if (error instanceof AdvisoryError) throw new UsageError(error.message);
    throw error;
  }
};

const save = (path: string, found: Diagnosis): void =>
  written(path, () => writeAtomicSync(path, JSON.stringify(found)));

const writePicture = (path: string, found: Diagnosis): void =>
  written(`the picture ${path}`, () => writeFileSync(path, timelineSvg(found), { mode: 0o600 }));

const WHY: Record<string, string> = {
  ENOENT: 'there is no such folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
};

const written = (what: string, write: () => void): void => {
  try {
    write();
  } catch (error) {
    const why = WHY[errorCode(error) ?? ''] ?? (error as Error).message;
    throw new ClientError('notWritten', 1, `${what} cannot be written: ${why}`);
  }
};
